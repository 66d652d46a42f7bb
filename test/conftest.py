"""What every test runs under: found resources, a ROS domain of its own, repeatable properties."""

from __future__ import annotations

import os
import sys
import tempfile

from hypothesis import settings

# Set before any test imports rclpy or matplotlib, which read them once.
os.environ.setdefault("AMENT_PREFIX_PATH", sys.prefix)
os.environ.setdefault("MPLBACKEND", "Agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
os.environ.setdefault("ROS_LOG_DIR", tempfile.mkdtemp(prefix="elbowroom-log-"))
# Each process gets one of the domains 1 to 101, so that parallel tests do not hear each other.
os.environ["ROS_DOMAIN_ID"] = str(os.getpid() % 101 + 1)

# Examples are drawn from a fixed seed and never timed; `--hypothesis-profile explore` draws anew.
settings.register_profile("repeat", deadline=None, derandomize=True, database=None)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile("repeat")
