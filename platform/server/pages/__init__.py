"""Doors for people: feed and dashboards."""
