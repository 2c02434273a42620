"""From frames to one feature vector a shot."""
