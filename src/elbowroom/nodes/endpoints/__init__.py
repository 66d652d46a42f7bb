"""What nodes subscribe to and publish, in groups that belong together."""
