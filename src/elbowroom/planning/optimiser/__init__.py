"""The convex program that follows the way."""
