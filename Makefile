# make setup | demo | test | check | clean       (see CONTRIBUTING.md)

PYTHON ?= python3.11
VENV := $(CURDIR)/.venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TOOLS := $(VENV)/.tools
# 25.1 is the first pip that reads [dependency-groups].
PIP_VERSION := 26.3
PIP := $(BIN)/python -m pip --disable-pip-version-check
PYTEST_ARGS ?= -n 2 -q
DEMO_ARGS ?=

# ament look-ups search below the environment; the wheels need nothing else sourced. The guard that
# an outer environment's interpreter may have left would keep ours from finding its libraries.
export AMENT_PREFIX_PATH := $(VENV)
unexport _ROS_WHEELS_BOOTSTRAP_COMPLETE
export OMP_NUM_THREADS ?= 1

INTERFACES := package.xml setup.py CMakeLists.txt $(wildcard cmake/* msg/*.msg srv/*.srv)
# The folder of the nodes stands for which nodes there are: each gets an executable.
SHARED := $(wildcard launch/* config/* src/elbowroom/nodes)

.PHONY: setup demo test check format pin clean

setup: $(STAMP)

$(TOOLS): constraints.txt pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --quiet pip==$(PIP_VERSION)
	$(PIP) install --quiet --constraint constraints.txt --group build --group test --group check
	touch $@

# The build reuses the pinned environment, so that nothing is downloaded twice or in another version.
$(STAMP): $(TOOLS) $(INTERFACES) $(SHARED)
	$(PIP) install --quiet --constraint constraints.txt --no-build-isolation --editable '.[cluster]'
	touch $@

demo: setup
	$(BIN)/elbowroom demo $(DEMO_ARGS)

test: setup
	$(BIN)/python -m pytest $(PYTEST_ARGS)

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m pytest -q test/package

format:
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

# Rewrites constraints.txt from the environment. The ROS wheels also register their Python parts
# under their ROS names, which are not packages of an index: those are left out.
pin: setup
	$(PIP) freeze --all --exclude elbowroom --exclude pip \
	| sed -e 's/+cpu$$//' -e '/^-e /d' \
	| awk -F== '{ name = tolower($$1); gsub("_", "-", name); line[name] = $$0; order[NR] = name } \
	    END { for (i = 1; i <= NR; i++) if (!(("ros-" order[i]) in line) && !seen[order[i]]++) \
	          print line[order[i]] }' > constraints.tmp
	mv constraints.tmp constraints.txt

clean:
	rm -rf build dist install log .mypy_cache .pytest_cache .ruff_cache .hypothesis src/*.egg-info
	rm -rf src/elbowroom/msg src/elbowroom/srv src/elbowroom/*.so
	find . -path ./.venv -prune -o -name __pycache__ -type d -exec rm -rf {} +
	rm -rf .venv
