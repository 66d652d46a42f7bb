"""The person's arm: a compliant limb that follows a movement and yields to the tug."""
