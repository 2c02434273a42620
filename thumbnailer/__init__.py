"""Looks at a video and makes its thumbnails."""
