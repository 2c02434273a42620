"""VP8's entropy code, read to see whether keyframes end where they should, and no picture made."""
