"""Thousands of tests that are over, known by their counts alone, judged together."""
