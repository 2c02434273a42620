"""Pictures and clips that people bring: decoded within bounds, and cut to the thumbnail's shape."""
