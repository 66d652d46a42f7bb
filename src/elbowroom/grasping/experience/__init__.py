"""What was seen and done: episodes, the memory of transitions, and their mirror images."""
