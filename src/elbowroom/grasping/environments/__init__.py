"""What is grasped: tasks, observations, actions, and the Gymnasium environment."""
