"""Animated WebP by Pillow's libwebp."""

from thumbnailer.encode.animation import Frames
from thumbnailer.encode.pillow_animation import save_animation

EFFORT = 4  # 6 takes many times as long for a twentieth fewer bytes


def encode_webp(frames: Frames, delay_cs: int, quality: int) -> bytes:
    """Encode (N, H, W, 3) RGB frames; quality is libwebp's, 0 to 100."""
    return save_animation(frames, delay_cs, image_format="WEBP", quality=quality, method=EFFORT)
