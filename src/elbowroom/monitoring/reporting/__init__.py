"""What the monitor saw, as a page."""
