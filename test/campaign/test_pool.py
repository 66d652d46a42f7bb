from __future__ import annotations

import math
import operator
import os
import subprocess
import sys

import pytest

from elbowroom.campaign import CampaignError, run_jobs


def test_parallel_results_are_those_of_one_process():
    jobs = list(range(12))
    alone = sorted(run_jobs(math.factorial, jobs, workers=1))
    assert sorted(run_jobs(math.factorial, jobs, workers=2)) == alone


def test_workers_compute_on_one_thread_and_the_parent_keeps_its_setting(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    seen = list(run_jobs(os.getenv, ["OMP_NUM_THREADS"] * 2, workers=2))
    assert seen == ["1", "1"]
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_an_error_of_a_job_reaches_the_caller():
    with pytest.raises(TypeError):
        list(run_jobs(operator.neg, [1, "a", 2], workers=2))


def test_a_dead_worker_is_named():
    with pytest.raises(CampaignError, match="worker process died"):
        list(run_jobs(os._exit, [3, 3], workers=2))


def test_a_scheduler_without_dask_is_refused(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "distributed", None)
    with pytest.raises(CampaignError, match="dask"):
        list(run_jobs(abs, [1], scheduler="tcp://127.0.0.1:1"))


def test_negative_workers_are_refused():
    with pytest.raises(CampaignError, match="workers"):
        list(run_jobs(abs, [1], workers=-1))


def test_a_cluster_gives_the_same_results():
    pytest.importorskip("distributed", reason="needs dask.distributed")
    code = (
        "import math\n"
        "from distributed import LocalCluster\n"
        "from elbowroom.campaign import run_jobs\n"
        "with LocalCluster(n_workers=1, processes=False, dashboard_address=None) as cluster:\n"
        "    address = cluster.scheduler_address\n"
        "    print(sorted(run_jobs(math.factorial, range(6), scheduler=address)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[1, 1, 2, 6, 24, 120]"
