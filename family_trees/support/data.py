"""The paths of the data files of the package."""

from __future__ import annotations

from pathlib import Path


def data_file(name: str) -> Path:
    """The path of the data file `name`: inside an installed wheel, else in `data/` of the checkout."""
    package = Path(__file__).parents[1]
    packed = package / "data" / name
    return packed if packed.exists() else package.parent / "data" / name
