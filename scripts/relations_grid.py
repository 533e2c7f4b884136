"""The settings that `benchmark_relations.py` tries for each method of PyKEEN, and how long it may try.

The same number of settings for every method, each with the same processor time. They were written down after short
trials, which looked at validation sets alone.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from relations_data import FAMILY, TREES
from relations_pykeen import Method, Settings

CROSS_ENTROPY: Final = "cross-entropy"
SELF_ADVERSARIAL: Final = "self-adversarial"


class Budget(NamedTuple):
    """What is spent on one method and data set."""

    seconds: float
    """Processor time of each training of the search, without validation."""
    search_seeds: int
    """Trainings for each setting; the trees of 1986 have as many splits."""
    seeds: int
    """Trainings with the chosen settings."""


def budget(dataset: str) -> Budget:
    """What is spent on a data set."""
    return {TREES: Budget(1.5, 5, 5), FAMILY: Budget(60, 1, 3)}.get(dataset, Budget(10, 1, 5))


def tried(method: Method, dataset: str) -> tuple[Settings, ...]:
    """The settings that are tried: four, or two for the large family."""
    if dataset == FAMILY:
        return _for_the_large_family(method)
    small = dataset == TREES
    size, half = (50, 20) if small else (100, 50)
    settings: dict[Method, tuple[Settings, ...]] = {
        "TransE": (
            Settings(SELF_ADVERSARIAL, half, 0.01, margin=4),
            Settings(SELF_ADVERSARIAL, size, 0.01, margin=4),
            Settings(SELF_ADVERSARIAL, size, 0.01, margin=9),
            Settings(CROSS_ENTROPY, size, 0.01),
        ),
        "DistMult": tuple(Settings(CROSS_ENTROPY, size, 0.01, penalty=each) for each in (0.003, 0.01, 0.03, 0.1)),
        "ComplEx": tuple(Settings(CROSS_ENTROPY, size, 0.01, penalty=each) for each in (0.003, 0.01, 0.03, 0.1)),
        "RotatE": (
            Settings(SELF_ADVERSARIAL, half, 0.01, margin=9),
            Settings(SELF_ADVERSARIAL, size, 0.01, margin=4 if small else 9),
            Settings(SELF_ADVERSARIAL, half, 0.01, margin=9, negatives=32),
            Settings(CROSS_ENTROPY, half, 0.01),
        ),
        "TuckER": (
            Settings(CROSS_ENTROPY, 20 if small else 30, 0.01, dropout=0.1),
            Settings(CROSS_ENTROPY, 20 if small else 30, 0.01, dropout=0.3),
            Settings(CROSS_ENTROPY, 50, 0.005, dropout=0.2),
            Settings("binary", 50, 0.005, dropout=0.2),
        ),
    }
    return settings[method]


def _for_the_large_family(method: Method) -> tuple[Settings, ...]:
    settings: dict[Method, tuple[Settings, ...]] = {
        "TransE": tuple(Settings(SELF_ADVERSARIAL, d, 0.01, margin=9, negatives=64, batch=512) for d in (50, 100)),
        "DistMult": tuple(Settings(CROSS_ENTROPY, 100, 0.01, penalty=each, batch=512) for each in (0.01, 0.03)),
        "ComplEx": tuple(Settings(CROSS_ENTROPY, 100, 0.01, penalty=each, batch=512) for each in (0.01, 0.03)),
        "RotatE": tuple(Settings(SELF_ADVERSARIAL, 50, 0.01, margin=9, negatives=k, batch=512) for k in (0, 64)),
        "TuckER": (
            Settings(CROSS_ENTROPY, 30, 0.01, dropout=0.1, batch=512),
            Settings(CROSS_ENTROPY, 50, 0.005, dropout=0.2, batch=512),
        ),
    }
    return settings[method]
