"""What holds whatever the plan: checked inputs, giving way to force, the envelope, the grip."""
