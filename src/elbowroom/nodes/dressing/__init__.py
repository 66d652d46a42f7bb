"""What the nodes of a dressing keep running between messages. Knows no ROS."""
