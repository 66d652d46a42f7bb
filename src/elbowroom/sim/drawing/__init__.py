"""Pictures of a dressing."""
