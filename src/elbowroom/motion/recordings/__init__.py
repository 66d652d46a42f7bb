"""Recorded movement of arms, read from several formats into one."""
