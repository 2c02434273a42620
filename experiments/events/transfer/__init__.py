"""Events out to files and in from files, with the same checks as at the beacon's door."""
