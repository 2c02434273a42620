"""Doors for programs: the feed, its events, experiments and what may be read of them."""
