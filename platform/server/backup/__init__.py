"""Backup: the database, the list of media and the keys, as one folder; and back from it."""
