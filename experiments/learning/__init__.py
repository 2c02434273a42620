"""Learning: what choices and clicks teach our own selector."""
