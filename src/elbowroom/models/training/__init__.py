"""How the elbow network is trained and its scale fitted."""
