"""The node that grasps an object it is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from std_srvs.srv import Trigger

from elbowroom.core import InputError
from elbowroom.grasping.networks.tap import PolicyTapParams
from elbowroom.nodes import graph
from elbowroom.nodes.base.adapter import Adapter
from elbowroom.nodes.base.clockwatch import ClockWatch
from elbowroom.nodes.base.health import Health
from elbowroom.nodes.base.runner import run
from elbowroom.nodes.endpoints.eyes import Eyes, HandParams
from elbowroom.nodes.endpoints.speech import GraspSpeech, judge
from elbowroom.nodes.grasping.gallery import GalleryParams
from elbowroom.nodes.grasping.grasper import Grasper, GrasperParams
from elbowroom.nodes.grasping.sight import TableParams
from elbowroom.nodes.grasping.skills import SkillParams, make_skill
from elbowroom.nodes.grasping.view import View
from elbowroom.srv import GraspObject

_WATCH = 0.05


class GraspNode(Adapter):
    """objects or image, gripper_pose, joint_states -> gripper_command, gripper_opening."""

    spec = graph.GRASP
    groups: ClassVar = {
        "": SkillParams,
        "hand": HandParams,
        "table": TableParams,
        "inputs": GalleryParams,
        "retry": GrasperParams,
        "features": PolicyTapParams,
    }

    def build(self) -> None:
        """Load guide and policy, and subscribe."""
        table = self.parameters.read("table", TableParams)
        features = self.parameters.read("features", PolicyTapParams)
        skill = make_skill(self.parameters.read("", SkillParams), table, features)
        self._grasper = Grasper(skill, self.parameters.read("retry", GrasperParams))
        hand = self.parameters.read("hand", HandParams)
        self._speech = GraspSpeech(self, hand.world, self._grasper)
        inputs = self.parameters.read("inputs", GalleryParams)
        self._eyes = Eyes(self, hand, inputs, skill.observer, self._on_view)
        self.serve("grasp", self._on_grasp)
        self.serve("abort", self._on_abort)
        self._watch = ClockWatch(self.now, set_back=self.on_set_back)
        self.every(_WATCH, self._look_out, steady=True)

    def begin(self) -> None:
        """Forget what was seen before."""
        self._eyes.gallery.reset()
        self._speech.say()

    def end(self) -> None:
        """The last command is to stand still."""
        self._abort("the node is not active")

    def on_clock_jump(self, text: str) -> None:
        """Stand still and start over."""
        self._eyes.gallery.reset()
        self._abort(text)

    def look(self) -> Health:
        """Worst of the inputs and of the attempt."""
        return judge(self._grasper.report, self._eyes.gallery, self._fault())

    def _on_view(self, view: View) -> None:
        if self._eyes.alarm or not self._grasper.step(view):
            return
        self._speech.say(view.token)
        self._speech.explain(view.token)

    def _look_out(self) -> None:
        fault = self._fault()
        if fault and self._grasper.busy:
            self._grasper.halt(self.now(), fault)
            self._speech.say()

    def _fault(self) -> str:
        return self._watch.look() or self._eyes.alarm or self._eyes.gallery.silence(self.now())

    def _abort(self, reason: str) -> None:
        if self._grasper.busy:
            self._grasper.abort(reason)
            self._speech.say()

    def _on_grasp(self, request: GraspObject.Request, response: Any) -> Any:
        fault = self._fault() if self.active else "the node is not active"
        try:
            view = self._eyes.gallery.get_newest(fault)
            response.request = self._grasper.ask(request.object, request.horizon, view)
        except InputError as error:
            response.reason = str(error)
        else:
            response.accepted = True
            self._speech.say()
        return response

    def _on_abort(self, _: Trigger.Request, response: Trigger.Response) -> Trigger.Response:
        response.success = self._grasper.busy
        response.message = "aborted" if response.success else "nothing was going on"
        self._abort("aborted")
        return response


def main(args: Sequence[str] | None = None) -> int:
    """Run the node as a process."""
    return run(GraspNode, args)
