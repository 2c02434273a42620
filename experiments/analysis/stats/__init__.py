"""Pure statistics of CTR experiments blocked by video."""
