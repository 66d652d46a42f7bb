"""Everything that is measured during a dressing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from elbowroom.core import JOINTS, Sample
from elbowroom.sim.cloth.cuff import locate
from elbowroom.sim.params import SimParams
from elbowroom.sim.robot.body import Robot
from elbowroom.sim.sensing.tracker import Gauge, Tracker, visibility
from elbowroom.sim.sensing.wrist_sensor import WristSensor

Array = NDArray[np.float64]

_SCHEDULE_STEP = 0.1


class Senses:
    """Wrist sensor, joint torques, cameras and the cuff's gauge of one dressing.

    The shoulder is seen throughout; the elbow until `sighting_time`, when robot and garment hide
    it; the wrist in the spells that `wrist_visible` allows and, if `hand_hidden`, only once the
    hand has come out of the sleeve's trailing end. The cuff's way along the arm and the joints'
    external torques are reported in spells of their own.

    Args:
        params: figures of all errors.
        rng: source of all of them; every sensor gets a stream of its own.
    """

    def __init__(self, params: SimParams, rng: np.random.Generator) -> None:
        wrench, shoulder, elbow, wrist, view = rng.spawn(5)
        # Spawned after the others, which therefore stay as they are without these.
        cuff, cuff_view, joints, joints_view = rng.spawn(4)
        rate, slow_time = params.camera_rate, params.camera_slow_time
        self._params = params
        self._wrist_sensor = WristSensor(params, wrench)
        self._shoulder = Tracker(
            shoulder, rate, params.shoulder_noise, params.shoulder_slow, slow_time
        )
        self._elbow = Tracker(elbow, rate, params.sighting_noise, 0.0, slow_time)
        self._wrist = Tracker(wrist, rate, params.wrist_noise, params.wrist_slow, slow_time)
        self._cuff = Gauge(cuff, rate, params.progress_noise, params.progress_bias)
        self._joints = Gauge(
            joints, params.effort_rate, params.effort_noise, params.effort_bias, JOINTS
        )
        self._view = {
            name: visibility(source, mode, params.max_duration, _SCHEDULE_STEP)
            for name, source, mode in (
                ("wrist", view, params.wrist_visible),
                ("progress", cuff_view, params.progress_visible),
                ("effort", joints_view, params.effort_visible),
            )
        }

    def sense(
        self, time: float, robot: Robot, pull: Array, points: Array, tail: Array, progress: float
    ) -> Sample:
        """What is measured at one instant.

        Args:
            time: since the start [s].
            robot: read after the tick.
            pull: cloth's force [N] and torque about the world's origin [N m], shape (6,).
            points: shoulder, elbow, wrist and fingertips [m], shape (4, 3).
            tail: nodes of the sleeve's trailing ring [m], shape (n, 3).
            progress: true way of the cuff along the arm [m].
        """
        elbow = self._elbow.see(time, points[1])
        wrist = self._wrist.see(time, points[2])
        if wrist is not None and not self._shows_hand(time, points, tail):
            wrist = None
        along = self._cuff.read(time, np.array([progress]))
        effort = self._joints.read(time, robot.effort_of(pull))
        return Sample(
            stamp=time,
            wrench=self._wrist_sensor.measure(robot, time),
            gripper=robot.pose,
            shoulder=self._shoulder.see(time, points[0]),
            sighting=elbow if time < self._params.sighting_time else None,
            wrist=wrist,
            progress=float(along[0])
            if along is not None and self._shows("progress", time)
            else None,
            effort=effort if self._shows("effort", time) else None,
        )

    def _shows(self, name: str, time: float) -> bool:
        return bool(self._view[name][int(time / _SCHEDULE_STEP)])

    def _shows_hand(self, time: float, points: Array, tail: Array) -> bool:
        if not self._shows("wrist", time):
            return False
        if not self._params.hand_hidden:
            return True
        hand = float(np.linalg.norm(points[3] - points[2]))
        way, _ = locate(tail, points)
        return way > -hand / 2
