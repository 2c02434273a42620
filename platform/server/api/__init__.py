"""Doors for programs: management, reports, and the feed's beacon."""
