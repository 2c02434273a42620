"""Deciding: reads an experiment's report, says what to ship, and ships it when asked or due."""
