"""Learned models: the recurrent elbow network, Gaussian processes, and how they are trained."""
