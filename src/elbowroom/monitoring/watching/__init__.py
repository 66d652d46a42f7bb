"""The monitor at work: reference, state machine, memory."""
