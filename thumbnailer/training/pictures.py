"""Pictures for the documents: a video's comments, and the shots that each row chose."""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, CURVE, LANE, LABEL = 760, 90, 16, 150  # pixels
MARGIN = 8


def comment_curve(
    title: str, counts: NDArray[np.float64], chosen: Mapping[str, Sequence[int]]
) -> str:
    """Return an SVG: comments a second, and below it a lane for each row with its three shots.

    Args:
        title: of the picture.
        counts: (n,) comments.
        chosen: shots of each row, by its title.
    """
    right = WIDTH - MARGIN
    height = CURVE + 2 * LANE + len(chosen) * LANE + MARGIN
    across = np.linspace(LABEL, right, len(counts))
    down = LANE + CURVE * (1 - counts / counts.max())
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in zip(across, down, strict=True))
    size = f'viewBox="0 0 {WIDTH} {height}" font-family="sans-serif" font-size="11"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="{MARGIN}" y="12" font-weight="bold">{escape(title)}</text>',
        f'<polyline points="{points}" fill="none" stroke="#557" stroke-width="1.2"/>',
    ]
    for lane, (name, shots) in enumerate(chosen.items()):
        y = CURVE + 2 * LANE + lane * LANE + 4
        lines.append(f'<text x="{MARGIN}" y="{y}">{escape(name)}</text>')
        lines.append(f'<path d="M{LABEL} {y - 4}H{right}" stroke="#ddd"/>')
        lines += [
            f'<rect x="{across[shot] - 2:.0f}" y="{y - 9}" width="5" height="10" fill="#c33"/>'
            for shot in shots
        ]
    return "\n".join([*lines, "</svg>\n"])
