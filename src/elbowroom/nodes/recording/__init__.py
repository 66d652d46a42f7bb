"""Bags: recorded and read back."""
