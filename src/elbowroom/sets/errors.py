"""What the sets refuse."""

from __future__ import annotations


class SetError(ValueError):
    """A set was given numbers that describe no set."""


class EmptySetError(SetError):
    """A set is certainly empty: its hull, samples and vertices do not exist."""


class UnboundedSetError(SetError):
    """A half-space list does not bound a region."""
