"""Data sets, each read by a file of its own into one record; defects are listed, never guessed."""
