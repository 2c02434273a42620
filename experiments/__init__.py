"""Decides who sees which thumbnail, counts what they do, and judges the difference."""
