"""Colours of other screens on one of today's web: tone mapping of HDR, and wide colour in SDR.

PQ and HLG (ITU-R BT.2100) are brought to the light of a screen, with reference white at 203 cd/m²
(ITU-R BT.2408); what is lighter than SDR can show is rolled off by the EETF of ITU-R BT.2390,
5.4.1, on the largest of red, green and blue, so that hues stay; then colours outside BT.709 are
clipped.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from thumbnailer.video.colour_space import (
    BT470BG,
    BT709,
    BT2020,
    HLG,
    PQ,
    SMPTE170M,
    SMPTE240M,
    UNSPECIFIED,
    ColourSpace,
)

Light = NDArray[np.float32]

WHITE_NITS = 203.0  # BT.2408: HDR reference white
PEAK_NITS = 1000.0  # of most masters, and of HLG's reference screen; lighter is clipped
# BT.2100, of a screen of 1000 cd/m². On each channel, as FFmpeg's zscale takes it, and not on luma:
# grays are the same, strong colours stay strong.
HLG_GAMMA = 1.2
SDR_GAMMA = 2.4  # BT.1886
PQ_M1, PQ_M2 = 2610 / 16384, 2523 / 32  # SMPTE ST 2084
PQ_C1, PQ_C2, PQ_C3 = 3424 / 4096, 2413 / 128, 2392 / 128
HLG_A, HLG_B, HLG_C = 0.17883277, 0.28466892, 0.55991073  # ARIB STD-B67
GAMMAS = {4: 2.2, 5: 2.8}  # H.273: of BT.470 M and B, G
# Chromatic coordinates of red, green, blue and white: H.273, table 2.
D65 = (0.3127, 0.3290)
PRIMARIES = {
    BT709: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), D65),
    BT470BG: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), D65),
    BT2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), D65),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), D65),
}
# Chromium shows these as BT.709: their primaries differ too little for the eye.
LIKE_BT709 = frozenset({BT709, UNSPECIFIED, SMPTE170M, SMPTE240M})
CODES = np.arange(65536, dtype=np.float64) / 65535


def is_web_colour(space: ColourSpace) -> bool:
    """Tell whether codes can be shown on a web page as they are."""
    is_plain = not space.is_hdr and space.transfer not in GAMMAS
    return is_plain and space.primaries not in PRIMARIES.keys() - LIKE_BT709


def to_web(rgb: NDArray[np.uint16], space: ColourSpace) -> NDArray[np.uint8]:
    """Return (H, W, 3) RGB codes of 16 bits as the 8 bits of a web page that look alike."""
    light = _light_of_codes(space.transfer)[rgb]
    if space.is_hdr:
        light = tone_mapped(light)
    light = light @ _to_bt709(space.primaries).T
    return _codes_of_light(np.clip(light, 0, 1), is_hdr=space.is_hdr)


def tone_mapped(light: Light) -> Light:
    """Roll off (…, 3) light, 1 at reference white, so that none is above 1."""
    brightest = light.max(axis=-1)
    levels, gains = _gains()
    return np.asarray(light * np.interp(brightest, levels, gains).astype(np.float32)[..., None])


def eetf(code: NDArray[np.float64], peak: float) -> NDArray[np.float64]:
    """Return where BT.2390 puts PQ codes up to ``peak`` on a screen that reaches reference white.

    Args:
        code: PQ codes, 0 to 1.
        peak: PQ code of the brightest light.
    """
    largest = float(pq_code(np.asarray(WHITE_NITS))) / peak
    knee = 1.5 * largest - 0.5
    given = np.minimum(code / peak, 1.0)
    t = (given - knee) / (1 - knee)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (3 * t**2 - 2 * t**3) * largest
    )
    return np.where(given < knee, given, spline) * peak


def pq_code(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the PQ codes, 0 to 1, of light up to 10,000 cd/m²."""
    power = (nits / 10_000) ** PQ_M1
    return np.asarray(((PQ_C1 + PQ_C2 * power) / (1 + PQ_C3 * power)) ** PQ_M2)


def pq_nits(code: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the light of PQ codes, in cd/m²."""
    power = code ** (1 / PQ_M2)
    return np.asarray(
        10_000 * (np.maximum(power - PQ_C1, 0) / (PQ_C2 - PQ_C3 * power)) ** (1 / PQ_M1)
    )


@cache
def _light_of_codes(transfer: int) -> Light:
    """Return (65536,) the light of each code of 16 bits; 1 is white."""
    if transfer == PQ:
        light = pq_nits(CODES) / WHITE_NITS
    elif transfer == HLG:
        scene = np.where(CODES <= 0.5, CODES**2 / 3, (np.exp((CODES - HLG_C) / HLG_A) + HLG_B) / 12)
        light = PEAK_NITS / WHITE_NITS * scene**HLG_GAMMA
    elif transfer in GAMMAS:
        light = CODES ** GAMMAS[transfer]
    else:
        light = np.where(CODES <= 0.04045, CODES / 12.92, ((CODES + 0.055) / 1.055) ** 2.4)
    return np.asarray(light, np.float32)


def _codes_of_light(light: Light, *, is_hdr: bool) -> NDArray[np.uint8]:
    """Return the 8 bits of light: HDR as a video master shows it, SDR as sRGB."""
    if is_hdr:
        codes = light ** np.float32(1 / SDR_GAMMA)
    else:
        power = np.float32(1.055) * light ** np.float32(1 / 2.4) - np.float32(0.055)
        codes = np.where(light <= 0.0031308, np.float32(12.92) * light, power)
    return np.asarray(np.rint(255 * codes), np.uint8)


@cache
def _gains() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return light, 1 at reference white, and by what the EETF multiplies it."""
    nits = np.concatenate([[1e-3], np.geomspace(1.0, 10_000.0, 512)])
    peak = float(pq_code(np.asarray(PEAK_NITS)))
    return nits / WHITE_NITS, pq_nits(eetf(pq_code(nits), peak)) / nits


@cache
def _to_bt709(primaries: int) -> Light:
    """Return the (3, 3) matrix from light of these primaries to that of BT.709 (SMPTE RP 177)."""
    given = PRIMARIES.get(primaries, PRIMARIES[BT709])
    to_screen = np.linalg.inv(_to_xyz(*PRIMARIES[BT709])) @ _to_xyz(*given)
    # White stays white.
    return np.asarray(to_screen / to_screen.sum(axis=1, keepdims=True), np.float32)


def _to_xyz(*places: tuple[float, float]) -> NDArray[np.float64]:
    *primaries, white = (np.asarray([x / y, 1.0, (1 - x - y) / y]) for x, y in places)
    columns = np.stack(primaries, axis=1)
    weights: NDArray[np.float64] = np.linalg.solve(columns, white)
    return np.asarray(columns * weights)
