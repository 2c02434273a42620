"""From features to three shots: one paper a file, one registry."""
