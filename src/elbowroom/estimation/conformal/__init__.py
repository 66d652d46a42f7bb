"""Split conformal calibration: scores of people, and the promises that can be made from them."""
