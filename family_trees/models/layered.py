"""The layered network of Nature, fig. 3, for the people and relations of any task."""

from __future__ import annotations

import math
from typing import TypeAlias

from family_trees.engine.network import BIAS, Architecture, Layer

LayerSizes: TypeAlias = tuple[int, int, int, int]
"""Units of the person code, the relation code, the central and the penultimate layer."""

MAX_LAYER_UNITS = 10_000
"""Units, at most, of a hidden layer that a user may ask for."""


def family_network(people: int, relations: int, sizes: LayerSizes | None = None) -> Architecture:
    """The network of Nature, fig. 3, for any number of people and relations.

    Args:
        sizes: units of the person code, the relation code, the central and the penultimate layer. By default a code
            has at least the paper's 6 units, and grows with the square root of the number of people or relations. The
            central layer has twice as many units as the person code, the penultimate layer as many. Growth with the
            logarithm would suffice to tell people apart, but networks then do not learn large families
            (scripts/choose_own_recipe.py).
    """
    if sizes is None:
        code = max(6, round(6 * math.sqrt(people / 24)))
        sizes = (code, max(6, round(6 * math.sqrt(relations / 12))), 2 * code, code)
    person_code, relation_code, central, penultimate = sizes
    return Architecture(
        (
            Layer("person", people),
            Layer("relation", relations),
            Layer("person code", person_code, ("person", BIAS)),
            Layer("relation code", relation_code, ("relation", BIAS)),
            Layer("central", central, ("person code", "relation code", BIAS)),
            Layer("penultimate", penultimate, ("central", BIAS)),
            Layer("answer", people, ("penultimate", BIAS)),
        )
    )


FAMILY_TREE_NETWORK = family_network(24, 12)
"""The network of Nature, fig. 3: "a five-layer network" in which each of the two input groups has its own code."""

COMPUTED_LAYERS = tuple(layer.name for layer in FAMILY_TREE_NETWORK.computed)
"""The names of the layers that compute, lowest first: the same for people and relations of any number."""
