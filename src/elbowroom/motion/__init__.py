"""People, garments and how their arms move."""

from __future__ import annotations

from elbowroom.motion.arm_motion import ArmMotion, MotionError, mirror
from elbowroom.motion.people import Garment, Person, PersonError, draw_garment, draw_person

__all__ = [
    "ArmMotion",
    "Garment",
    "MotionError",
    "Person",
    "PersonError",
    "draw_garment",
    "draw_person",
    "mirror",
]
