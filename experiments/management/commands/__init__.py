"""One file a command, each a door: parse, one call, answer."""
