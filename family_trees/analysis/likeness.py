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
    distance, others = _distances(codes), _others_of_the_other_nation(equivalents)
    to_equivalent = np.take_along_axis(distance, np.broadcast_to(equivalents, distance.shape[:2])[..., None], axis=-1)
    farther = (distance > to_equivalent) & others
    equal = (distance == to_equivalent) & others
    return np.asarray((farther.sum(axis=-1) + equal.sum(axis=-1) / 2) / others.sum(axis=-1))


def distance_to_equivalents(codes: NDArray[np.float64], equivalents: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean distance between the codes of equivalents, over the mean distance between other pairs of two nations.

    Args:
        codes: (networks, people, units).
        equivalents: as for `nearness_of_equivalents`.

    Returns:
        (networks,): 0 if equivalents have equal codes, 1 by chance, and 1 if all codes are equal.
    """
    distance = _distances(codes)
    to_equivalents = distance[:, np.arange(len(equivalents)), equivalents].mean(axis=-1)
    mean = distance[:, _others_of_the_other_nation(equivalents)].mean(axis=-1)
    return np.asarray(np.divide(to_equivalents, mean, out=np.ones_like(to_equivalents), where=mean > 0))


def similarity(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """How alike the codes of two names are: 1 for equal codes, 0 for the two that are farthest apart in the network.

    Args:
        codes: (networks, names, units).

    Returns:
        (networks, names, names).
    """
    distance = _distances(codes)
    largest = distance.max(axis=(-2, -1), keepdims=True)
    return np.asarray(1 - distance / np.where(largest > 0, largest, 1))


def _distances(codes: NDArray[np.float64]) -> NDArray[np.float64]:
    """The distance between the codes of every two names, (networks, names, names)."""
    return np.asarray(np.linalg.norm(codes[:, :, None] - codes[:, None], axis=-1))


def _others_of_the_other_nation(equivalents: NDArray[np.int64]) -> NDArray[np.bool_]:
    """For every person, the people of the other nation but the equivalent, (people, people)."""
    people = len(equivalents)
    half = np.arange(people) < people // 2
    others: NDArray[np.bool_] = half[:, None] != half
    others[np.arange(people), equivalents] = False
    return others
