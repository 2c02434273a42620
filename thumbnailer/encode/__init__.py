"""From frames to image files."""
