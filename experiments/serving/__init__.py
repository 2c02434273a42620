"""Serving: decides who sees what.

An experiment runs through its life cycle, which opens phases with fixed shares; the feed reads one
snapshot of all that runs, assigns each viewer an arm of each video, and signs what it showed.
"""
