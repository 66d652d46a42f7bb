"""Detectors over a stream of units, with a promised run length."""
