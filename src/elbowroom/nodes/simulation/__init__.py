"""The simulated scenes behind the simulators' nodes. Knows no ROS."""
