"""Random numbers that are the same on every machine, in every version and in every language.

The generator is Philox 4x32-10 (Salmon et al., Parallel random numbers: as easy as 1, 2, 3, 2011). It is a function of
a key and a counter and keeps no state, so any number of any stream can be computed at once. The page
`engine/ARITHMETIC.md` describes it, with test vectors.
"""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import shown

Purpose = Literal["weights", "split", "order"]
"""What random numbers are for. Every purpose has streams of its own."""

SEED_LIMIT = 2**64
"""Seeds are below this."""

NUMBER_LIMIT = 2**32
"""Numbers of networks are below this."""

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_INCREMENTS = (0x9E3779B9, 0xBB67AE85)
_WORD = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox(counter: tuple[ArrayLike, ArrayLike, ArrayLike, ArrayLike], key: tuple[int, int]) -> NDArray[np.uint64]:
    """Ten rounds of Philox.

    Args:
        counter: four words of 32 bits, as numbers or as arrays that broadcast together.
        key: two words of 32 bits.

    Returns:
        Four random words of 32 bits, (..., 4).
    """
    c0, c1, c2, c3 = (np.asarray(each, dtype=np.uint64) for each in counter)
    k0, k1 = key
    for _ in range(10):
        first, second = _MULTIPLIERS[0] * c0, _MULTIPLIERS[1] * c2
        c0, c1 = (second >> _HALF) ^ c1 ^ np.uint64(k0), second & _WORD
        c2, c3 = (first >> _HALF) ^ c3 ^ np.uint64(k1), first & _WORD
        k0, k1 = ((k + step) & 0xFFFFFFFF for k, step in zip((k0, k1), _INCREMENTS, strict=True))
    return np.stack(np.broadcast_arrays(c0, c1, c2, c3), axis=-1)


def uniform(
    seed: int, purpose: Purpose, number: int | NDArray[np.int64], count: int, sweep: int | NDArray[np.int64] = 0
) -> NDArray[np.float64]:
    """The first `count` numbers of streams: each from 0 up to, but not including, 1.

    Args:
        seed: below `SEED_LIMIT`.
        number: the number of the network, or an array of them; below `NUMBER_LIMIT`.
        sweep: the sweep, for an order; an array broadcasts with `number`.

    Raises:
        FamilyTreesError: the seed or a number is outside its range.

    Returns:
        (..., count), with the axes of `number` and `sweep` in front.
    """
    check_seed(seed)
    check_numbers(number)
    which = np.asarray(number)[..., None], np.asarray(sweep)[..., None]
    blocks = np.arange((count + 1) // 2)
    words = philox((blocks, get_args(Purpose).index(purpose), *which), (seed & 0xFFFFFFFF, seed >> 32))
    high, low = words[..., 0::2] >> np.uint64(5), words[..., 1::2] >> np.uint64(6)
    pairs = (high.astype(np.float64) * 2.0**26 + low.astype(np.float64)) / 2.0**53
    return pairs.reshape(*pairs.shape[:-2], -1)[..., :count]


def check_seed(seed: int) -> None:
    """Raise a FamilyTreesError if a seed is outside its range."""
    if not 0 <= seed < SEED_LIMIT:
        raise FamilyTreesError(f"seed: {shown(seed)} is not allowed; give a whole number of at least 0 and below 2^64")


def check_numbers(number: int | NDArray[np.int64]) -> None:
    """Raise a FamilyTreesError if a number of a network is outside its range."""
    if not (np.min(number) >= 0 and np.max(number) < NUMBER_LIMIT):
        worst = int(np.min(number)) if np.min(number) < 0 else int(np.max(number))
        raise FamilyTreesError(
            f"network number: {worst} is not allowed; give a whole number of at least 0 and below 2^32"
        )
