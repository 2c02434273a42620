"""Cuts: an experiment's views divided by when, where and to whom they were shown."""
