"""Filters over any learned system, and the models they run on. Nothing here knows of elbows."""
