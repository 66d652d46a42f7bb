"""The robot: its kinematics, its start and how it follows a gripper velocity."""
