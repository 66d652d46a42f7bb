"""Everything the grasping node says."""

from __future__ import annotations

import math

from builtin_interfaces.msg import Time

from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.health import Health, Level
from elbowroom.nodes.endpoints.tapping import FeatureFeed
from elbowroom.nodes.grasping.gallery import Gallery
from elbowroom.nodes.grasping.grasper import Grasper, Phase, Report
from elbowroom.nodes.messages import convert, convert_scene


class GraspSpeech:
    """Publishes decisions of a grasper.

    Args:
        node: the node that speaks.
        frame: in which velocities are said.
        grasper: whose decisions are published.
    """

    def __init__(self, node: Adapter, frame: str, grasper: Grasper) -> None:
        self._node, self._frame, self._grasper = node, frame, grasper
        self._commands = node.advertise("gripper_command")
        self._openings = node.advertise("gripper_opening")
        self._states = node.advertise("grasp_state")
        self._feed = FeatureFeed(node, grasper.skill.tap)

    def say(self, stamp: Time | None = None) -> None:
        """Publish state and command with the stamp of what was seen, or else with the time now."""
        stamp = stamp or self._node.get_clock().now().to_msg()
        head = convert.header(stamp, self._frame)
        move = self._grasper.move
        self._commands.publish(convert.command_message(head, convert_scene.move_command(move)))
        if not math.isnan(move.opening):
            self._openings.publish(convert_scene.opening_message(head, move.opening))
        self._states.publish(convert_scene.grasp_state_message(head, self._grasper.report))

    def explain(self, stamp: Time) -> None:
        """Publish what the policy's layers held at the last move, if a reading was due."""
        self._feed.tell(self._grasper.skill.reading, stamp)


def judge(report: Report, gallery: Gallery, fault: str) -> Health:
    """Worst of the inputs and of the attempt, for diagnostics."""
    values = {
        "state": report.phase.name,
        "object": report.object,
        "attempts": report.attempts,
        **gallery.refusals,
    }
    if fault or report.phase is Phase.STOPPED:
        return Health(Level.ERROR, fault or report.reason, values)
    failed = report.phase is Phase.DONE and not report.success
    return Health(Level.WARN if failed else Level.OK, report.reason, values)
