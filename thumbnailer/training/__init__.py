"""Training of selectors that learn: from labelled videos to weights, and to tables of scores."""
