"""Systems to estimate that are no arms: the same classes run on them."""
