"""The alarm within one dressing."""
