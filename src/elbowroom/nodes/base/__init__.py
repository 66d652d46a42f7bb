"""What every node shares: lifecycle, parameters, quality of service, diagnostics, time."""
