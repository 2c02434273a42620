"""The choices of all selectors, of a folder of videos, on one page for a person to look at."""
