"""The statistical model of movement: fitted to recordings, drawn from for new people."""
