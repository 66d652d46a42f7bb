"""The way of the cuff: corridor, route, pace, turning, belief of the arm, and snags."""
