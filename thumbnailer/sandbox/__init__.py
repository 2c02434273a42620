"""A place where a hostile file can harm no one: each step runs in a child with limits.

The worker asks a warm server, which has all models loaded and forks for each step.
"""
