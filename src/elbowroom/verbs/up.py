"""Start the nodes of a graph as processes and keep them running until Ctrl-C.

The same graph is started by `ros2 launch elbowroom dressing.launch.py` on a ROS 2 installation.
`elbowroom up --scene grasping --grasp.object any` also asks for an object, by the service of the
grasping node, and stops when it has been lifted or given up.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elbowroom.campaign.pool import CampaignError
from elbowroom.core import ParameterError, Params, param
from elbowroom.verbs.options import Options

SIM_TIME = {"auto": None, "true": True, "false": False}
TASKS = ("indiscriminate", "instance", "hard", "cuff")


@dataclass(frozen=True)
class UpParams(Params):
    """What is started."""

    graph: str = param(
        "dressing", "which nodes: all, without simulator, the estimator alone, or grasping",
        choices=("dressing", "hardware", "replay", "grasping"),
    )  # fmt: skip
    scene: str = param(
        "", "simulated scene, another way to name its graph", choices=("", "dressing", "grasping")
    )
    params_file: str = param("", "parameter file that comes after the package's own")
    namespace: str = param("", "namespace of all nodes")
    person: int = param(0, "number of the simulated person within the seed", low=0, high=999_999)
    sim_time: str = param(
        "auto", "judge ages by /clock; auto: in every graph but hardware", choices=tuple(SIM_TIME)
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.scene and self.graph not in ("dressing", self.scene):
            raise ParameterError(f"scene {self.scene!r} is not that of graph {self.graph!r}")


@dataclass(frozen=True)
class GraspUpParams(Params):
    """What the grasping scene does."""

    object: str = param(
        "", "grasp this object once everything runs, say how it went, and stop; `any` for any"
    )
    task: str = param("instance", "what is on the table", choices=TASKS)
    obs: str = param("state", "what the policy looks at", choices=("state", "image"))
    control: str = param("guide", "who acts", choices=("guide", "exploration", "combined"))
    horizon: int = param(0, "steps that the guide acts first when combined", low=0, high=1000)
    policy: str = param("", "folder of a learned policy; empty for the one that ships")
    monitor: str = param(
        "", "folder of the policy's reference, with which a monitor runs; empty for no monitor"
    )
    record: str = param("", "folder that gets a bag of every topic, with `object` only")


GROUPS: dict[str, type[Params]] = {"": UpParams, "grasp": GraspUpParams}
RESUME = "start it again"


def run(options: Options) -> dict[str, Any]:
    """Start the graph and wait."""
    from elbowroom.nodes.bringup.session import run as run_graph
    from elbowroom.nodes.graph import GRAPHS, GRASPING_WATCHED

    p, g = options.of(UpParams), options.of(GraspUpParams)
    graph = GRAPHS[p.scene or p.graph]
    if g.monitor:
        if graph.name != "grasping":
            raise ParameterError(f"grasp.monitor is for --scene grasping, not for {graph.name}")
        graph = GRASPING_WATCHED
    given = _values(options, p, g)
    session: dict[str, Any] = {
        "params_files": [Path(p.params_file)] if p.params_file else [],
        "values": {spec.name: given[spec.name] for spec in graph.nodes if spec.name in given},
        "namespace": p.namespace,
        "use_sim_time": SIM_TIME[p.sim_time],
    }
    if g.object:
        if graph.name != "grasping":
            raise ParameterError(f"an object is grasped in --scene grasping, not in {graph.name}")
        return _grasp(g, session | {"graph": graph})
    code = run_graph(graph, **session)
    if code:
        raise CampaignError("a node failed")
    return {"graph": graph.name, "exit_code": code}


def _values(options: Options, p: UpParams, g: GraspUpParams) -> dict[str, dict[str, Any]]:
    """Parameters by node, of options that were given: all others are as the files say."""
    skill = ("task", "obs", "control", "horizon", "policy")
    seed: dict[str, tuple[str, Any]] = {"seed": ("seed", options.seed)}
    asked: dict[str, dict[str, tuple[str, Any]]] = {
        "sim": seed | {"person": ("person", p.person)},
        "grasp_sim": seed | {"task": ("grasp.task", g.task)},
        "grasp": seed | {name: (f"grasp.{name}", getattr(g, name)) for name in skill},
    }
    if g.monitor:
        asked["monitor"] = {"keep.reference": ("grasp.monitor", g.monitor)}
    return {
        node: {name: value for name, (option, value) in rows.items() if option in options.given}
        for node, rows in asked.items()
    }


def _grasp(g: GraspUpParams, session: dict[str, Any]) -> dict[str, Any]:
    from elbowroom.nodes.bringup.grasping import run_grasp
    from elbowroom.nodes.bringup.lifecycle import BringupError
    from elbowroom.nodes.grasping.grasper import Phase

    said: list[str] = []

    def tell(state: Any) -> None:
        words = f"{Phase(state.state).name.lower()}, attempt {state.attempts}: {state.reason}"
        if words not in said[-1:]:
            said.append(words)
            print(f"[{state.object or 'any object'}] step {state.step}, {words}")

    try:
        state = run_grasp(
            "" if g.object == "any" else g.object,
            bag=Path(g.record) if g.record else None,
            tell=tell,
            **session,
        )
    except BringupError as error:
        raise CampaignError(str(error)) from error
    figures = {"object": state.object, "success": state.success, "attempts": state.attempts}
    return figures | {"steps": state.step, "horizon": state.horizon, "reason": state.reason}
