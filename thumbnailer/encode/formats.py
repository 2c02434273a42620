"""The animated formats that are made of one cut of frames.

Their default qualities look alike: about 0.97 of SSIM, on the median of real clips.
"""

from thumbnailer.encode.avif import AVIF
from thumbnailer.encode.gif.encoder import GIF
from thumbnailer.encode.mp4 import MP4
from thumbnailer.encode.webp.encoder import WEBP

# The first is the one that every browser shows.
FORMATS = {each.name: each for each in (GIF, WEBP, AVIF, MP4)}
