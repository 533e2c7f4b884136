"""What the hidden units of many networks encode, and how useful units and weights are (Nature, fig. 4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import (
    REPORTED_THRESHOLDS,
    chance_table,
    named_layers,
    unit_table,
    without_nationality,
)
from family_trees.analysis.likeness import distance_to_equivalents, nearness_of_equivalents, similarity
from family_trees.analysis.usefulness import rank_correlation, unit_sizes_and_rises, weight_sizes_and_rises
from family_trees.analysis.variance import eta_squared
from family_trees.engine.network import Weights, select_networks
from family_trees.engine.recipe import DEFAULT, Recipe, find_recipe
from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.task import Task, cases_for
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.training import Trained, train
from family_trees.studies.paper.jobs import BLOCK_NETWORKS, ExperimentJob, ReproductionSize, Tables, network_blocks
from family_trees.studies.summaries import proportions
from family_trees.support.errors import FamilyTreesError

if TYPE_CHECKING:
    import pandas as pd

USEFULNESS_LEARNED_SHARE = 0.9
"""Usefulness is measured on networks with at least this share of their training cases right, with decay and without.
Few networks learn all training cases without decay."""


CHANCE_LEVEL = 0.05
"""Shuffled names reach the written chance thresholds in less than this share of the shuffles."""


SNAPSHOT_SWEEPS = (0, 20, 50, *range(100, 1501, 100))
"""Sweeps after which the weights are stored, to see when distinctions emerge."""


def units_jobs(size: ReproductionSize) -> list[ExperimentJob]:
    """The jobs of the experiment."""
    return [ExperimentJob("units", DEFAULT.name, 0, 0, *some) for some in network_blocks(size.units, BLOCK_NETWORKS)]


def do_units_job(size: ReproductionSize, job: ExperimentJob) -> Tables:
    """The `unit_tables` of one job."""
    return unit_tables(find_recipe(job.kind), size.network_seed, job.first, job.networks)


def unit_tables(recipe: Recipe, seed: int, first: int, networks: int) -> Tables:
    """Train networks, and measure what the units encode in those that learned all their training cases.

    Args:
        first: the number of the first network.
        networks: how many to train.

    Returns:
        `networks`: a row a network, with the columns of `_code_nearness` and `_usefulness`. `units`: as
        `encoding.unit_table` has it. `chance`: as `encoding.chance_table` has it. `emergence`: a row a network, sweep,
        layer and distinction, with the largest share that a unit of the layer explains. `similarity`: as `_similarity`
        has it.
    """
    import pandas as pd

    task = family_trees_task()
    how = {"seed": seed, "networks": networks, "first": first, "every": recipe.sweeps, "block": BLOCK_NETWORKS}
    trained = train(task, recipe, snapshots=[t for t in SNAPSHOT_SWEEPS if t <= recipe.sweeps], **how)  # type: ignore[arg-type]
    undecayed = train(task, replace(recipe, decay=0.0), **how)  # type: ignore[arg-type]
    learned = np.flatnonzero(trained.learned)
    numbers = [trained.numbers[k] for k in learned]
    of_learned = select_networks(trained.weights, learned)
    rows = pd.DataFrame(
        {
            "network": trained.numbers,
            "learned": trained.learned,
            "learned_without_decay": undecayed.learned,
        }
    )
    codes = pd.DataFrame({"network": numbers, **_code_nearness(of_learned, task)})
    useful = pd.concat([_usefulness(trained, ""), _usefulness(undecayed, "_without_decay")], axis=1)
    early = [
        pd.DataFrame(
            {
                "network": numbers,
                "sweep": sweep,
                "layer": name,
                "distinction": distinction.name,
                "weights": eta_squared(layer.weights, distinction.group_numbers(layer.names)).max(axis=-1),
            }
        )
        for sweep, then in trained.snapshots.items()
        for name, layer in named_layers(select_networks(then, learned), task).items()
        for distinction in distinctions(layer.group, task)
    ]
    return {
        "networks": rows.merge(codes, how="left", on="network").join(useful, on="network"),
        "units": unit_table(of_learned, task, numbers),
        "chance": chance_table(of_learned, task),
        "emergence": pd.concat(early, ignore_index=True),
        "similarity": _similarity(of_learned, task),
    }


def _code_nearness(weights: Weights, task: Task) -> Mapping[str, NDArray[np.float64]]:
    """How near the codes of equivalents are, (networks,) each, with and without the units that encode nationality."""
    equivalents = np.array([task.people.index(person.equivalent) for person in load_families().people])
    code = named_layers(weights, task)["person code"]
    rest = without_nationality(code, task)
    return {
        "equivalents_nearer": nearness_of_equivalents(code.activities, equivalents).mean(axis=-1),
        "equivalents_nearer_without_nationality": nearness_of_equivalents(rest, equivalents).mean(axis=-1),
        "distance_to_equivalents": distance_to_equivalents(code.activities, equivalents),
        "distance_to_equivalents_without_nationality": distance_to_equivalents(rest, equivalents),
    }


def _similarity(weights: Weights, task: Task) -> pd.DataFrame:
    """The `similarity` of the person codes of two people, summed over networks: a row a pair of people."""
    import pandas as pd

    code = named_layers(weights, task)["person code"]
    pairs = [(one, other) for one in task.people for other in task.people]
    table = pd.DataFrame(pairs, columns=["person", "other"])
    for name, codes in (("all_units", code.activities), ("without_nationality", without_nationality(code, task))):
        table[name] = similarity(codes).sum(axis=0).reshape(-1)
    return table.assign(networks=len(code.weights))


def _usefulness(trained: Trained, ending: str) -> pd.DataFrame:
    """The rank correlation between the size of weights, and of units, and the rise of E without them: a row a network.

    Only networks with at least `USEFULNESS_LEARNED_SHARE` of their training cases right have a row.

    Args:
        ending: the end of the column names.
    """
    import pandas as pd

    rows = {}
    for k in np.flatnonzero(trained.curve.training_right[:, -1] >= USEFULNESS_LEARNED_SHARE * trained.training_cases):
        cases = cases_for(trained.task, [trained.held_out[k]])
        weights = select_networks(trained.weights, np.array([k]))
        rows[trained.numbers[k]] = (
            rank_correlation(*weight_sizes_and_rises(weights, cases)),
            rank_correlation(*unit_sizes_and_rises(FAMILY_TREE_NETWORK, weights, cases)),
        )
    columns = [f"usefulness_of_{each}{ending}" for each in ("weights", "units")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=float)


def sum_up_units(tables: Tables) -> Tables:
    """The tables of the experiment, from those of all jobs.

    Raises:
        FamilyTreesError: no network learned all its training cases.
    """
    import pandas as pd

    if not tables["networks"]["learned"].any():
        tried = len(tables["networks"])
        raise FamilyTreesError(f"none of {tried} networks learned all its training cases: give more networks")
    keys = ["network", "layer", "distinction"]
    units = tables["units"]
    best = units.groupby(keys, sort=False)[["weights", "activities"]].max()
    best.insert(0, "unit", units.loc[units.groupby(keys, sort=False)["weights"].idxmax(), "unit"].to_numpy())
    best = best.round(4).reset_index()  # so that counts agree with the written numbers
    nationality = units[(units["layer"] == "person code") & (units["distinction"] == "nationality")].round(4)
    over = tables["emergence"].groupby(["layer", "distinction", "sweep"], sort=False)["weights"]
    quartiles = {"low": over.quantile(0.25), "median": over.median(), "high": over.quantile(0.75)}
    tries = tables["chance"].groupby(["layer", "distinction", "threshold"], sort=False)[["tried", "reached"]].sum()
    shares = (tries["reached"] / tries["tried"]).rename("share").reset_index()
    chance = {(layer, name, round(at, 2)): share for layer, name, at, share in shares.itertuples(index=False)}
    rare = shares[shares["share"] < CHANCE_LEVEL].groupby(["layer", "distinction"], sort=False)["threshold"].min()
    alike = tables["similarity"].groupby(["person", "other"], sort=False).sum()
    means = alike[["all_units", "without_nationality"]].div(alike["networks"], axis=0).round(4)
    rows = []
    for (layer, distinction), of in best.groupby(["layer", "distinction"], sort=False):
        for threshold in REPORTED_THRESHOLDS:
            row = {"layer": layer, "distinction": distinction, "threshold": threshold, "networks": len(of)}
            counts = {values: int((of[values] >= threshold).sum()) for values in ("weights", "activities")}
            row |= proportions(counts, len(of))
            rows.append({**row, "weights_by_chance": chance[(layer, distinction, threshold)]})
    return {
        "networks": tables["networks"].round(4),
        "best-units": best,
        "nationality": nationality[["network", "unit", "weights"]],
        "thresholds": pd.DataFrame(rows).round(4),
        "chance": rare.rename("one_in_twenty").reset_index(),
        "emergence": pd.DataFrame(quartiles).reset_index().round(4),
        "similarity": means.join(alike["networks"]).reset_index(),
    }
