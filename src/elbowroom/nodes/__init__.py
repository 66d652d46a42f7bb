"""ROS 2 around the package: thin adapters, one a node, and the graph they form."""
