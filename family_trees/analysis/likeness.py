"""How alike the codes of people are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearness_of_equivalents(codes: NDArray[np.floating], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """How near each person's code is to that of the equivalent, among all people of the other nation.

    Args:
        codes: (networks, people, units).
        equivalents: (people,), the place of each one's equivalent; the first half of the people are one nation.

    Returns:
        The share of the others of that nation who are farther away than the equivalent, (networks, people): 1 if none
        is nearer, 1/2 by chance.
    """
    people = codes.shape[1]
    half = np.arange(people) < people // 2
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    own = np.take_along_axis(distance, np.broadcast_to(equivalents, distance.shape[:2])[..., None], axis=-1)
    other_nation = half[:, None] != half
    other_nation[np.arange(people), equivalents] = False
    farther = (distance > own) & other_nation
    equal = (distance == own) & other_nation
    return np.asarray((farther.sum(axis=-1) + equal.sum(axis=-1) / 2) / other_nation.sum(axis=-1))


def distance_to_equivalents(codes: NDArray[np.floating], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean distance of a person's code to that of the equivalent, over that to all others of the other nation.

    Args:
        codes: (networks, people, units).
        equivalents: as `nearness_of_equivalents` takes them.

    Returns:
        (networks,): 1 by chance, 0 if equivalents have equal codes; 1 also where all codes are equal.
    """
    people = codes.shape[1]
    half = np.arange(people) < people // 2
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    own = distance[:, np.arange(people), equivalents].mean(axis=-1)
    others = half[:, None] != half
    others[np.arange(people), equivalents] = False
    mean = distance[:, others].mean(axis=-1)
    return np.asarray(np.divide(own, mean, out=np.ones_like(own), where=mean > 0))


def similarity(codes: NDArray[np.floating]) -> NDArray[np.float64]:
    """How alike the codes of two names are: 1 at no distance, 0 at the largest one of the network.

    Args:
        codes: (networks, names, units).

    Returns:
        (networks, names, names).
    """
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    largest = distance.max(axis=(-2, -1), keepdims=True)
    return np.asarray(1 - distance / np.where(largest > 0, largest, 1))
