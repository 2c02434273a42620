"""What the selectors choose of a folder of videos, on one page for a person to look at."""
