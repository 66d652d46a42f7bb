"""Activations of a model's layers, for whoever watches its inputs."""
