"""Parts of selectors: the shot table they are given, and all that several are built from."""
