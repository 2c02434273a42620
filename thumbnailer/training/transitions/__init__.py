"""The network that knows transitions: its films, its fit and its figures."""
