"""What the grasping node keeps running between messages. Knows no ROS."""
