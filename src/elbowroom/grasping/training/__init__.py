"""From options to a trained policy: methods, schedules, the loop, checkpoints, judgement."""
