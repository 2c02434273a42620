"""Planning: how long an experiment must run to see anything, and whether it can start."""
