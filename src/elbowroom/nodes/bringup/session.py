"""Starts a graph of nodes as processes, where launch is not installed."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from elbowroom.core import Closable
from elbowroom.nodes.base.runner import EXIT_FORCED, OWNER
from elbowroom.nodes.bringup.lifecycle import ACTIVATE, CONFIGURE, Bringup, BringupError
from elbowroom.nodes.bringup.processes import Process, stop_all
from elbowroom.nodes.graph import Graph, NodeSpec
from elbowroom.nodes.share import find_share

# One thread a node: on a small machine the nodes would otherwise take each other's cores.
_ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "OMP_NUM_THREADS": "1", "RCUTILS_COLORIZED_OUTPUT": "0"}


class Session(Closable):
    """The processes of a graph; a context manager that stops them at its end.

    Args:
        graph: which nodes run.
        params_files: parameter files that come after the package's own.
        values: further parameters by node and name (`group.name` for a group), which come last.
        namespace: of all nodes.
        use_sim_time: whether ages are judged by /clock; None for what the graph says.
        say: takes the nodes' output, line by line.
    """

    def __init__(
        self,
        graph: Graph,
        *,
        params_files: Sequence[Path] = (),
        values: Mapping[str, Mapping[str, Any]] | None = None,
        namespace: str = "",
        use_sim_time: bool | None = None,
        say: Callable[[str], None] = print,
    ) -> None:
        for path in params_files:
            if not Path(path).is_file():
                raise FileNotFoundError(f"there is no parameter file {path}")
        self.graph, self._namespace, self._say = graph, namespace, say
        self._files = [str(p) for p in params_files]
        clocked = graph.sim_time if use_sim_time is None else use_sim_time
        self._values = {spec.name: {"use_sim_time": clocked} for spec in graph.nodes}
        for name, given in (values or {}).items():
            self._values[graph.node(name).name].update(given)
        self.processes: dict[str, Process] = {}
        self._folder = tempfile.TemporaryDirectory(prefix="elbowroom-up-")

    def start(self, timeout: float = 300.0) -> None:
        """Start the processes, configure all nodes together, activate them one after another.

        Raises:
            BringupError: if a node dies, refuses or is not up in time [s]; all are stopped then.
        """
        environment = {**_ENVIRONMENT, OWNER: str(os.getpid())}
        try:
            for spec in self.graph.nodes:
                command = [sys.executable, "-m", "elbowroom.nodes", *self._arguments(spec)]
                self.processes[spec.name] = Process(spec.name, command, self._say, environment)
            self._bring_up(list(self.processes), timeout)
        except BaseException:
            self.stop()
            raise

    def _bring_up(self, names: list[str], timeout: float) -> None:
        with Bringup(self._namespace, self.check) as bringup:
            bringup.change(names, CONFIGURE, timeout)
            for name in names:
                bringup.change([name], ACTIVATE, timeout)

    def check(self) -> None:
        """Make sure that every process runs.

        Raises:
            BringupError: if one has ended.
        """
        for name, process in self.processes.items():
            if process.code is not None:
                raise BringupError(f"{name} ended with exit code {process.code}; see its log")

    def wait(self, done: Callable[[], bool] = lambda: False, period: float = 0.1) -> None:
        """Wait until something is done, looking each `period` [s]; for ever by default.

        Raises:
            BringupError: if a process ends meanwhile.
        """
        while not done():
            self.check()
            time.sleep(period)

    def stop(self) -> dict[str, int]:
        """Stop every process cleanly; exit codes by node."""
        # Whoever speaks stops first, so that nobody complains of silence.
        codes = stop_all(list(self.processes.values())[::-1])
        self._folder.cleanup()
        return codes

    def close(self) -> None:
        """`stop`, at the end of a `with` block."""
        self.stop()

    def _arguments(self, spec: NodeSpec) -> list[str]:
        files = [str(find_share("config") / spec.config)]
        if spec.name in self.graph.values:
            files.append(self._write(spec, "graph", self.graph.values[spec.name]))
        files += [*self._files, self._write(spec, "given", self._values[spec.name])]
        given = [a for path in files for a in ("--params-file", path)]
        space = ["-r", f"__ns:=/{self._namespace.strip('/')}"] if self._namespace else []
        return [spec.name, "--ros-args", *given, *space]

    def _write(self, spec: NodeSpec, name: str, values: Mapping[str, Any]) -> str:
        path = Path(self._folder.name) / f"{spec.name}_{name}.yaml"
        parameters = {"ros__parameters": _nest(values)}
        path.write_text(yaml.safe_dump({f"/**/{spec.name}": parameters}))
        return str(path)


def _nest(values: Mapping[str, Any]) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for name, value in values.items():
        *groups, last = name.split(".")
        place = nested
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = list(value) if isinstance(value, tuple) else value
    return nested


def run(graph: Graph, **options: Any) -> int:
    """Start a graph and keep it running until Ctrl-C; returns an exit code.

    Args:
        graph: which nodes run.
        options: as for `Session`.
    """
    session = Session(graph, **options)
    failed, good = False, {0}
    try:
        session.start()
        session.wait()
    except KeyboardInterrupt:
        session._say("stopping")
        # A node that still compiles its kernels is cut short, which is no failure.
        good.add(EXIT_FORCED)
    except BringupError as error:
        failed = True
        session._say(str(error))
    codes = session.stop()
    return 1 if failed or set(codes.values()) - good else 0
