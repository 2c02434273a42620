"""Features: frames are decoded in one pass, and a network makes one vector of each second."""
