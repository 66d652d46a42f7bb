"""The sleeve: masses, springs and contact, and where its cuff is."""
