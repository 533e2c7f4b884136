"""The size of a reproduction, the directory that it is written to, and the time that it will take."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

from family_trees.studies.paper.jobs import FULL_SIZE, QUICK_SIZE, ReproductionSize, scaled_size
from family_trees.studies.paper.reproduction import MARK_FILE, ReproductionProgress, estimated_seconds
from family_trees.support.errors import FamilyTreesError


def chosen_size(*, full: bool = False, networks: int | None = None, seed: int = 0) -> ReproductionSize:
    """The size that a user asks for: the full one, the quick one, or the quick one in proportion to `networks`."""
    if full:
        return replace(FULL_SIZE, seed=seed)
    return replace(QUICK_SIZE, seed=seed) if networks is None else scaled_size(networks, seed)


def size_of_tables(out: Path) -> ReproductionSize:
    """The size of the reproduction whose tables lie in `out`, whatever version measured them.

    Raises:
        FamilyTreesError: there are none.
    """
    path = out / "tables" / MARK_FILE
    try:
        about = json.loads(path.read_bytes())["about"]
        return ReproductionSize(**{key: int(value) for key, value in about.items() if key != "version"})
    except FileNotFoundError:
        raise FamilyTreesError(f"{path}: not there; 'family-trees reproduce' measures the tables") from None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise FamilyTreesError(f"{path}: is damaged; 'family-trees reproduce' measures the tables anew") from None


def usual_directory(*, full: bool) -> Path:
    """The directory of a reproduction, unless another is given: only a full one goes beside the committed results."""
    return Path("results") if full else Path("results/quick")


def seconds_left(size: ReproductionSize, progress: ReproductionProgress, workers: int | None = None) -> float:
    """About how many seconds the rest of the experiments will take on this machine. It takes a second to measure.

    Args:
        progress: how far they have come.
        workers: processes; by default one a core.
    """
    whole = estimated_seconds(size, workers or os.cpu_count() or 1, progress.experiments)
    return whole * (1 - progress.done / progress.total)


def time_words(seconds: float) -> str:
    """A time in words: "80 seconds", "12 minutes"."""
    return f"{seconds:.0f} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"
