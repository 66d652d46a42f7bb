"""The Panda's description as it comes with PyBullet, with meshes that other programs find."""

from __future__ import annotations

from pathlib import Path


def read_panda_urdf() -> str:
    """URDF of the robot; its meshes have `file://` addresses."""
    import pybullet_data

    folder = Path(pybullet_data.getDataPath()) / "franka_panda"
    text = (folder / "panda.urdf").read_text()
    return text.replace("package://meshes", f"file://{folder}/meshes")
