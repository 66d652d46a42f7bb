"""Gaussian processes: fit, prediction with bounds over a box, storage."""
