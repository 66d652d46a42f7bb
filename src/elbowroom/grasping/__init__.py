"""Grasping by jump-start reinforcement learning: environments, guides, schedules, learners."""

from __future__ import annotations

from elbowroom.grasping.errors import GraspError

__all__ = ["GraspError"]
