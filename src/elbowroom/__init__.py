"""A guaranteed box for the elbow that a dressing robot cannot see.

Importing this package is light: torch, pybullet, cvxpy and rclpy are loaded by the subpackages
that need them.
"""

__version__ = "0.1.0"
