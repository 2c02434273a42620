"""The research note on the pilot: what Table 3 of the paper says, and what it cannot say."""
