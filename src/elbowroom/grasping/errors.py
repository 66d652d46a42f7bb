"""What can go wrong in grasping and in learning to grasp."""

from __future__ import annotations


class GraspError(ValueError):
    """Something that does not fit: an object that is not there, shapes, files, settings."""
