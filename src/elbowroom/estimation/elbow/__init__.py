"""The elbow as a system for the filters of `estimation.filters`, and the methods made so."""
