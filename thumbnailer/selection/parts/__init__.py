"""What selectors share: the shot table they are given, and the parts they are built from."""
