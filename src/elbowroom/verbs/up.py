"""Start the nodes of a graph as processes and keep them running until Ctrl-C.

The same graph is started by `ros2 launch elbowroom dressing.launch.py` on a ROS 2 installation.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.pool import CampaignError
from elbowroom.core import Params, param
from elbowroom.verbs.options import Options


@dataclass(frozen=True)
class UpParams(Params):
    """What is started."""

    graph: str = param(
        "dressing", "which nodes: all, without simulator, or the estimator alone",
        choices=("dressing", "hardware", "replay"),
    )  # fmt: skip
    params_file: str = param("", "parameter file that comes after the package's own")
    namespace: str = param("", "namespace of all nodes")
    person: int = param(0, "number of the simulated person within the seed", low=0, high=999_999)
    sim_time: bool = param(True, "judge ages by /clock, which the simulator publishes")


GROUPS = {"": UpParams}
RESUME = "start it again"


def run(options: Options) -> dict[str, Any]:
    """Start the graph and wait."""
    from elbowroom.nodes.graph import GRAPHS
    from elbowroom.nodes.up import run as run_graph

    p = options.of(UpParams)
    graph = GRAPHS[p.graph]
    simulated = any(spec.name == "sim" for spec in graph.nodes)
    code = run_graph(
        graph,
        params_files=[Path(p.params_file)] if p.params_file else [],
        values={"sim": {"seed": options.seed, "person": p.person}} if simulated else {},
        namespace=p.namespace,
        use_sim_time=p.sim_time,
    )
    if code:
        raise CampaignError("a node failed")
    return {"graph": p.graph, "exit_code": code}
