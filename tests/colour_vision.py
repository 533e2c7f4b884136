"""How colours look to readers who are colour-blind, and how far apart two colours look.

The matrices are those of Machado, Oliveira & Fernandes, "A physiologically-based model for simulation of color vision
deficiency", IEEE Transactions on Visualization and Computer Graphics 15 (6), 2009, for severity 1.0. They apply to red,
green and blue as shares of light, so the curve of sRGB is undone first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

Numbers = NDArray[np.float64]

VISION: Mapping[str, Numbers] = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
"""From the light of a colour to the light of the colour that looks the same, (3, 3), by the kind of vision."""

TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
"""From the light of sRGB to the CIE 1931 coordinates X, Y, Z (IEC 61966-2-1)."""


def seen(colour: Any, vision: str) -> Numbers:
    """What a colour looks like, as lightness and two axes of hue (CIELAB, white of D65), (3,)."""
    rgb = np.array(to_rgb(colour))
    light = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    parts = TO_XYZ @ np.clip(VISION[vision] @ light, 0, 1) / (TO_XYZ @ np.ones(3))
    f = np.where(parts > (6 / 29) ** 3, np.cbrt(parts), parts / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: Any, other: Any, vision: str) -> float:
    """How far apart two colours look (CIE 1976); about 2 is just noticed side by side."""
    return float(np.linalg.norm(seen(one, vision) - seen(other, vision)))
