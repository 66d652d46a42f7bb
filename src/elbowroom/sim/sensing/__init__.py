"""What is measured during a dressing, with the errors that real sensors have."""
