"""Compiled kernels of the sets: supports, hulls, clipping and measures."""
