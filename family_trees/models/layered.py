"""The layered network of Nature, fig. 3, for the people and relations of 1986 or any others."""

from __future__ import annotations

import math
from typing import TypeAlias

from family_trees.engine.network import BIAS, Architecture, Layer

LayerSizes: TypeAlias = tuple[int, int, int, int]
"""Units of the person code, the relation code, the central and the penultimate layer."""

LARGEST_LAYER = 10_000
"""Units, at most, of a hidden layer that a user may ask for."""


def family_network(people: int, relations: int, sizes: LayerSizes | None = None) -> Architecture:
    """The network of Nature, fig. 3, for other numbers of people and relations.

    Args:
        sizes: units of the person code, the relation code, the central and the penultimate layer. By default the codes
            grow with the square root of what they tell apart, from the paper's 6 for 24 people and 6 for 12 relations,
            which are the least; the central layer has twice, the penultimate layer as many as the person code. With
            the logarithm, which would do for telling people apart, large families are not learned
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
"""The network of Nature, fig. 3: "a five-layer network", its two input groups each with a code of their own."""

COMPUTED_LAYERS = tuple(layer.name for layer in FAMILY_TREE_NETWORK.computed)
"""The names of the layers that compute, lowest first: the same for people and relations of any number."""
