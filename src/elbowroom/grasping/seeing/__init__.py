"""From pictures to the estimated state: the eye, what it remembers, and how it is taught."""
