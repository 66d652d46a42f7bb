"""Causal features of a dressing: what they are called and how they accumulate."""
