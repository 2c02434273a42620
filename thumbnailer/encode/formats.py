"""The animated formats that are made of one cut of frames.

The default qualities look alike: about 0.97 of SSIM, on the median of real clips.
"""

from thumbnailer.encode.animation import AnimationFormat, Frames
from thumbnailer.encode.avif import encode_avif
from thumbnailer.encode.gif_lossy import encode_lossy_gif
from thumbnailer.encode.mp4 import decode_mp4, encode_mp4
from thumbnailer.encode.pillow_animation import frames_on_screen
from thumbnailer.encode.webp import encode_webp


def _encode_gif(frames: Frames, delay_cs: int, quality: int) -> bytes:
    return encode_lossy_gif(frames, delay_cs=delay_cs, quality=quality).content


def _encode_webp(frames: Frames, delay_cs: int, quality: int) -> bytes:
    return encode_webp(frames, delay_cs=delay_cs, quality=quality).content


GIF = AnimationFormat("gif", "image/gif", ".gif", 60, 700_000, _encode_gif, frames_on_screen)
WEBP = AnimationFormat("webp", "image/webp", ".webp", 82, 400_000, _encode_webp, frames_on_screen)
AVIF = AnimationFormat("avif", "image/avif", ".avif", 60, 200_000, encode_avif, frames_on_screen)
MP4 = AnimationFormat("mp4", "video/mp4", ".mp4", 54, 200_000, encode_mp4, decode_mp4)

FORMATS = {each.name: each for each in (GIF, WEBP, AVIF, MP4)}
