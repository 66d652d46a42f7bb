"""Messages to the package's types and back, and what is drawn for RViz."""
