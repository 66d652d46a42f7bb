"""The node that simulates person, sleeve, robot and sensors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from elbowroom.campaign.cast import Cast, CastParams
from elbowroom.core import Sample
from elbowroom.motion import MotionParams
from elbowroom.nodes import graph
from elbowroom.nodes.base.frames import FrameParams
from elbowroom.nodes.base.health import Level
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.endpoints.simulator import Post, SimulatorNode
from elbowroom.nodes.endpoints.stage import Stage
from elbowroom.nodes.messages import convert
from elbowroom.nodes.simulation.dressing import DressingSimulation, SimNodeParams
from elbowroom.sim import SimParams


class SimNode(SimulatorNode):
    """gripper_command -> wrench, gripper_pose, shoulder, ..., in real time."""

    spec = graph.SIM
    groups: ClassVar = {
        "": SimNodeParams,
        "frames": FrameParams,
        "cast": CastParams,
        "motion": MotionParams,
        "sim": SimParams,
    }
    subject = "dressing"
    end_level = Level.WARN

    def build(self) -> None:
        """Draw the person and set the scene."""
        params = self.parameters.read("", SimNodeParams)
        frames = self.parameters.read("frames", FrameParams)
        sim = self.parameters.read("sim", SimParams)
        people = self.parameters.read("cast", CastParams)
        motion = self.parameters.read("motion", MotionParams)
        simulation = DressingSimulation(params, Cast(people, motion, sim))
        self.drive(simulation, params, frames, sim.rate)
        self._stage = Stage(self, frames, params)

    def introduce(self) -> None:
        """Publish the person's lengths and the robot."""
        self._stage.open()
        self._stage.introduce(self._simulation.scene, convert.time_message(self._pacer.stamp))

    def prepare(self, seen: Sample, stamp: float) -> list[Post]:
        """Show the truth of a stamp [s] at once; what is measured waits until it is due."""
        time = convert.time_message(stamp)
        self._stage.show(self._simulation.scene, time)
        return self._stage.prepare(seen, time)


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(SimNode, args)
