"""Doors for programs: the feed, its events, and all that may be read of experiments."""
