"""The contact sheet: what every selector chooses of a folder of videos, on one page to look at."""
