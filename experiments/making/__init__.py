"""Making: from a video file to its thumbnails.

An import puts files into the catalogue; jobs run the thumbnailer's steps on each, one step at a
time, and write the thumbnails that come out or the reason why none did.
"""
