"""Equations 1 to 9 with their numbers."""
