"""How alike the codes of people are: distances between codes, and similarity in between 0 and 1."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def nearness_of_equivalents(codes: NDArray[np.float64], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """How near each person's code is to the code of the equivalent, among all people of the other nation.

    Args:
        codes: (networks, people, units).
        equivalents: (people,), the place of each person's equivalent. The first half of the people are one nation.

    Returns:
        (networks, people): the share of the other people of that nation who are farther away than the equivalent. It
        is 1 if nobody is nearer, and 1/2 by chance.
    """
    people = codes.shape[1]
    half = np.arange(people) < people // 2
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    to_equivalent = np.take_along_axis(distance, np.broadcast_to(equivalents, distance.shape[:2])[..., None], axis=-1)
    other_nation = half[:, None] != half
    other_nation[np.arange(people), equivalents] = False
    farther = (distance > to_equivalent) & other_nation
    equal = (distance == to_equivalent) & other_nation
    return np.asarray((farther.sum(axis=-1) + equal.sum(axis=-1) / 2) / other_nation.sum(axis=-1))


def distance_to_equivalents(codes: NDArray[np.float64], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean distance between the codes of equivalents, over the mean distance between other pairs of two nations.

    Args:
        codes: (networks, people, units).
        equivalents: as for `nearness_of_equivalents`.

    Returns:
        (networks,): 0 if equivalents have equal codes, 1 by chance, and 1 if all codes are equal.
    """
    people = codes.shape[1]
    half = np.arange(people) < people // 2
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    to_equivalents = distance[:, np.arange(people), equivalents].mean(axis=-1)
    others = half[:, None] != half
    others[np.arange(people), equivalents] = False
    mean = distance[:, others].mean(axis=-1)
    return np.asarray(np.divide(to_equivalents, mean, out=np.ones_like(to_equivalents), where=mean > 0))


def similarity(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How alike the codes of two names are: 1 for equal codes, 0 for the two that are farthest apart in the network.

    Args:
        codes: (networks, names, units).

    Returns:
        (networks, names, names).
    """
    distance = np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1)
    largest = distance.max(axis=(-2, -1), keepdims=True)
    return np.asarray(1 - distance / np.where(largest > 0, largest, 1))
