"""How alike the codes of people are: matrices for the figure, and what they show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.views.figures.codes import SimilarityMatrices, similarity_matrices
from family_trees.views.figures.view import paper_view

if TYPE_CHECKING:
    import pandas as pd

Panels = Mapping[str, SimilarityMatrices]
"""By title: the likeness of all pairs of people, with all units and without nationality units, (people, people)."""


def likeness_panels(model: Model, similarity: pd.DataFrame, networks: int) -> Panels:
    """The likeness in the shown network, and its mean over `networks` networks."""
    people = list(model.task.people)
    whole, without = (
        similarity.pivot_table(index="person", columns="other", values=column).loc[people, people].to_numpy()
        for column in ("all_units", "without_nationality")
    )
    return {
        f"network {model.number}, of fig. 4": similarity_matrices(model, paper_view()),
        f"mean of {networks} networks": (whole, without),
    }


def likeness_numbers(panels: Panels, task: Task) -> dict[str, Any]:
    """What holds in all panels: of nations, of couples and siblings, and of equivalents."""
    found = [_alike(whole, whole if without is None else without, task) for whole, without in panels.values()]
    return {key: all(each[key] for each in found) for key in found[0]}


def _alike(values: NDArray[np.float64], without: NDArray[np.float64], task: Task) -> dict[str, bool]:
    half = len(task.people) // 2
    couples, siblings = (_pairs(task, relations) for relations in (("husband", "wife"), ("brother", "sister")))
    within = {(i, j) for j in range(2 * half) for i in range(j) if (i < half) == (j < half)}
    between = values[:half, half:]
    nation = _mean(values, within)
    rest = _mean(values, within - couples - siblings)
    equivalents = np.eye(half, dtype=bool)
    across = without[:half, half:]
    return {
        "nation_apart": nation > between.mean(),
        "couples_alike": min(_mean(values, couples), _mean(values, siblings)) > rest,
        "equivalents_alike": bool(across[equivalents].mean() > across[~equivalents].mean()),
    }


def _pairs(task: Task, relations: tuple[str, ...]) -> set[tuple[int, int]]:
    """The places of people who are related so, the lower first."""
    found = (
        (task.person_index[one], task.person_index[other]) for one, name, other in task.triples if name in relations
    )
    return {(min(pair), max(pair)) for pair in found}


def _mean(values: NDArray[np.float64], pairs: Iterable[tuple[int, int]]) -> float:
    return float(np.mean([values[pair] for pair in sorted(pairs)]))
