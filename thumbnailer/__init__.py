"""The thumbnailer: from a video file to the files of its thumbnails.

A video is decoded once, measured and turned into features; selectors rank triples of its seconds,
and those chosen are cut out and encoded. ``steps`` is the door, ``sandbox`` where they run.
"""
