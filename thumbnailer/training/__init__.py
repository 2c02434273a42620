"""Trains the selectors that learn."""
