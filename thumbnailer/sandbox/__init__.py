"""Runs a step on a hostile file where it can harm no one: in a child with limits."""
