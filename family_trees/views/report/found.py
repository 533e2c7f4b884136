"""What a reproduction found, and the networks that its figures show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from family_trees.engine.network import Weights
from family_trees.engine.recipe import DEFAULT, PUBLISHED
from family_trees.models.model import Model
from family_trees.studies.paper.jobs import ExperimentName, ReproductionSize, Tables
from family_trees.studies.paper.verdicts import ClaimRow
from family_trees.support.prose import Prose

if TYPE_CHECKING:
    import pandas as pd

SHOWN_OF = 20
"""The network in the figures is that with the lowest E over its training cases among so many: the same one in a quick
and in a full reproduction. Held-out cases have no say in it, nor has what its units encode."""


FACTOR = DEFAULT.epsilon[1] / PUBLISHED.epsilon[1]
"""How many times the printed epsilon the larger steps have."""


class Found(NamedTuple):
    """What a reproduction found, and the networks that its figures show."""

    size: ReproductionSize
    command: str
    """That measures it again."""
    tables: Mapping[ExperimentName, Tables]
    rows: list[ClaimRow]
    shown: Model
    """Of the default recipe, the network of fig. 4."""
    early: Mapping[int, Weights]
    """Its weights by sweep."""
    solution: Weights | None
    """Of a network that solved the symmetry task, in the paper's form if any did; the one of fig. 1."""

    def claims(self, *ids: str) -> tuple[ClaimRow, ...]:
        """The claims of these names."""
        return tuple(row for row in self.rows if row.id in ids)

    def of_recipe(self, name: str) -> pd.DataFrame:
        """The networks of the recipe, a row each, at the end of training."""
        networks = self.tables["learning"]["networks"]
        return networks[networks["recipe"] == name]


def prose(template: str, numbers: Mapping[str, Any]) -> Prose:
    """The texts of a part of the page."""
    return Prose("family_trees.views.report", f"{template}.txt", numbers)
