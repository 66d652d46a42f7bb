"""What the layers of a running set filter hold, for a monitor."""
