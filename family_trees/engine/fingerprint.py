"""Fingerprints of networks: whether two have the same weights, to the last bit."""

from __future__ import annotations

from hashlib import sha256

import numpy as np

from family_trees.engine.network import Weights


def fingerprints(weights: Weights) -> list[str]:
    """The fingerprint of each network: the SHA-256 of its weights as little-endian doubles, in hexadecimal.

    The weights stand in the order of the connections, lowest first, and in each from unit to unit below. The page
    `ARITHMETIC.md` says more.

    Args:
        weights: per connection, (networks, units below, units above), in the order of `Architecture.connections`.
    """
    networks = len(next(iter(weights.values())))
    return [
        sha256(b"".join((w[k] + 0.0).astype("<f8").tobytes() for w in weights.values())).hexdigest()
        for k in range(networks)
    ]


def differing_weight(one: Weights, other: Weights) -> str | None:
    """The first weight in which the networks of two sets differ, in words; None if they are the same."""
    for connection, w in one.items():
        if places := np.argwhere(w != other[connection]).tolist():
            network, below, above = places[0]
            values = (each[connection][network, below, above] for each in (one, other))
            shown = " and ".join(repr(float(value)) for value in values)
            return f"network {network}, {connection}, weight {below} -> {above}: {shown}"
    return None
