"""Doors for people: feed, dashboards, the making of thumbnails, annotation."""
