"""People, garments and how their arms move."""

from __future__ import annotations

from elbowroom.motion.arm_motion import ArmMotion, MotionError, mirror
from elbowroom.motion.drawer import MotionParams, draw_motion
from elbowroom.motion.dressable import is_dressable
from elbowroom.motion.movements.fit import fit_movement
from elbowroom.motion.movements.model import MovementModel, load_movement, save_movement
from elbowroom.motion.people import Garment, Person, PersonError, draw_garment, draw_person
from elbowroom.motion.recordings.formats import read_recording
from elbowroom.motion.recordings.recording import Clip, RecordingError
from elbowroom.motion.retarget import retarget

__all__ = [
    "ArmMotion",
    "Clip",
    "Garment",
    "MotionError",
    "MotionParams",
    "MovementModel",
    "Person",
    "PersonError",
    "RecordingError",
    "draw_garment",
    "draw_motion",
    "draw_person",
    "fit_movement",
    "is_dressable",
    "load_movement",
    "mirror",
    "read_recording",
    "retarget",
    "save_movement",
]
