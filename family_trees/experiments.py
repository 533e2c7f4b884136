"""The experiments behind the claims, each as jobs that can be done in any order, and tables that are made of them.

- *learning*: networks of the printed recipe and of the default one (Nature, fig. 4).
- *units*: what the hidden units of many networks encode, when they come to, and how useful they are (Nature, fig. 4).
- *symmetry*: the symmetry task with and without hidden units (Nature, fig. 1), and XOR.
- *iterative*: networks whose layers share weights, on a task that needs memory (Nature, fig. 5).

A job trains some networks and gives tables; an experiment puts the tables of its jobs one below the other, and sums
them up. Network k of a seed is the same network whatever the jobs are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from family_trees import iterative, symmetry
from family_trees.encoding import (
    THRESHOLDS,
    chance_table,
    distance_to_equivalents,
    distinctions,
    explained,
    layers,
    nearness_of_equivalents,
    rank_correlation,
    rise_of_error,
    rise_without_units,
    similarity,
    unit_table,
    without_nationality,
)
from family_trees.errors import FamilyTreesError
from family_trees.families import load_families
from family_trees.intervals import wilson
from family_trees.learning import Cases
from family_trees.network import BIAS, FAMILY_TREE_NETWORK, Weights, taken
from family_trees.recipe import DEFAULT, PUBLISHED, Recipe, find_recipe
from family_trees.tables import curve_means, curve_table, network_table
from family_trees.task import Task, family_trees_task
from family_trees.training import Trained, train

if TYPE_CHECKING:
    import pandas as pd

Name = Literal["learning", "units", "symmetry", "iterative"]
Tables = dict[str, "pd.DataFrame"]

BLOCK = 32
"""Networks of a job."""
SMALL_BLOCK = 100
"""The same, of the small networks."""


@dataclass(frozen=True)
class Size:
    """How many networks the experiments train."""

    learning: int
    """Of the printed recipe, and as many of the default one."""
    units: int
    """From which those that learned all their training cases are taken, to look at their units."""
    symmetry: int
    """For each number of hidden units and each step size."""
    symmetry_sweeps: int
    iterative: int
    """For each number of steps."""
    seed: int = 0

    @property
    def network_seed(self) -> int:
        """Of all experiments but learning: their networks are none of those that were looked at before."""
        return self.seed + 1986


QUICK = Size(learning=80, units=160, symmetry=100, symmetry_sweeps=3000, iterative=20)
FULL = Size(learning=1000, units=1000, symmetry=500, symmetry_sweeps=10_000, iterative=200)


def scaled(networks: int, seed: int = 0) -> Size:
    """`QUICK` with `networks` networks of each recipe, and all other counts in proportion."""

    def grown(count: int) -> int:
        return max(1, round(count * networks / QUICK.learning))

    return replace(
        QUICK,
        learning=networks,
        units=grown(QUICK.units),
        symmetry=grown(QUICK.symmetry),
        iterative=grown(QUICK.iterative),
        seed=seed,
    )


class Job(NamedTuple):
    """Some networks of an experiment."""

    experiment: Name
    kind: str
    """What they are: the name of a recipe, or of a small task."""
    number: float
    """Of hidden units, or of steps; 0 where there is no such number."""
    epsilon: float
    """Of the symmetry task; 0 elsewhere."""
    first: int
    networks: int


class Experiment(NamedTuple):
    """How an experiment is done."""

    jobs: Callable[[Size], list[Job]]
    do: Callable[[Size, Job], Tables]
    sum_up: Callable[[Tables], Tables]
    """From the tables of all jobs, one below the other, to those that are kept."""


def _blocks(networks: int, block: int) -> list[tuple[int, int]]:
    return [(first, min(block, networks - first)) for first in range(0, networks, block)]


# -- learning


def _learning_jobs(size: Size) -> list[Job]:
    return [
        Job("learning", recipe.name, 0, 0, *some)
        for recipe in (PUBLISHED, DEFAULT)
        for some in _blocks(size.learning, BLOCK)
    ]


def _learning(size: Size, job: Job) -> Tables:
    trained = train(
        family_trees_task(), find_recipe(job.kind), seed=size.seed, first=job.first, networks=job.networks, block=BLOCK
    )
    return {"networks": network_table(trained), "curve": curve_table(trained)}


def _sum_up_learning(tables: Tables) -> Tables:
    return {"networks": tables["networks"], "curve": curve_means(tables["curve"])}


# -- units

MOSTLY = 0.9
"""Usefulness is measured on networks with at least this share of their training cases right, with decay and without:
few networks learn all of them without decay."""
ONE_IN_TWENTY = 0.05
SNAPSHOTS = (0, 20, 50, *range(100, 1501, 100))
"""Sweeps after which the codes are looked at."""


def _units_jobs(size: Size) -> list[Job]:
    return [Job("units", DEFAULT.name, 0, 0, *some) for some in _blocks(size.units, BLOCK)]


def _units(size: Size, job: Job) -> Tables:
    return unit_tables(find_recipe(job.kind), size.network_seed, job.first, job.networks)


def unit_tables(recipe: Recipe, seed: int, first: int, networks: int) -> Tables:
    """What the units of networks encode that learned all their training cases.

    Returns:
        `networks`: a row a network, with its `nearness` to the equivalents and so on, see `_codes` and `_usefulness`;
        `units`: `encoding.unit_table`; `chance`: `encoding.chance_table`; `emergence`: a row a network, sweep, layer
        and distinction, with the largest share explained by a unit of the layer; `similarity`: see `_similarity`.
    """
    import pandas as pd

    task = family_trees_task()
    how = {"seed": seed, "networks": networks, "first": first, "every": recipe.sweeps, "block": BLOCK}
    trained = train(task, recipe, snapshots=[t for t in SNAPSHOTS if t <= recipe.sweeps], **how)  # type: ignore[arg-type]
    undecayed = train(task, replace(recipe, decay=0.0), **how)  # type: ignore[arg-type]
    learned = np.flatnonzero(trained.learned)
    numbers = [trained.numbers[k] for k in learned]
    of_learned = taken(trained.weights, learned)
    rows = pd.DataFrame(
        {
            "network": trained.numbers,
            "learned": trained.learned,
            "learned_without_decay": undecayed.learned,
        }
    )
    codes = pd.DataFrame({"network": numbers, **_codes(of_learned, task)})
    useful = pd.concat([_usefulness(trained, ""), _usefulness(undecayed, "_without_decay")], axis=1)
    early = [
        pd.DataFrame(
            {
                "network": numbers,
                "sweep": sweep,
                "layer": name,
                "distinction": distinction.name,
                "weights": explained(layer.weights, distinction.of(layer.names)).max(axis=-1),
            }
        )
        for sweep, then in trained.snapshots.items()
        for name, layer in layers(taken(then, learned), task).items()
        for distinction in distinctions(layer.group, task)
    ]
    return {
        "networks": rows.merge(codes, how="left", on="network").join(useful, on="network"),
        "units": unit_table(of_learned, task, numbers),
        "chance": chance_table(of_learned, task),
        "emergence": pd.concat(early, ignore_index=True),
        "similarity": _similarity(of_learned, task),
    }


def _codes(weights: Weights, task: Task) -> Mapping[str, NDArray[np.float64]]:
    """How alike the codes of equivalents are, a value a network, with and without the units that encode nationality."""
    equivalents = np.array([task.people.index(person.equivalent) for person in load_families().people])
    code = layers(weights, task)["person code"]
    rest = without_nationality(code, task)
    return {
        "equivalents_nearer": nearness_of_equivalents(code.activities, equivalents).mean(axis=-1),
        "equivalents_nearer_without_nationality": nearness_of_equivalents(rest, equivalents).mean(axis=-1),
        "distance_to_equivalents": distance_to_equivalents(code.activities, equivalents),
        "distance_to_equivalents_without_nationality": distance_to_equivalents(rest, equivalents),
    }


def _similarity(weights: Weights, task: Task) -> pd.DataFrame:
    """How alike the person codes of two people are (`encoding.similarity`): a row a pair, summed over networks."""
    import pandas as pd

    code = layers(weights, task)["person code"]
    pairs = [(one, other) for one in task.people for other in task.people]
    table = pd.DataFrame(pairs, columns=["person", "other"])
    for name, codes in (("all_units", code.activities), ("without_nationality", without_nationality(code, task))):
        table[name] = similarity(codes).sum(axis=0).reshape(-1)
    return table.assign(networks=len(code.weights))


def _usefulness(trained: Trained, ending: str) -> pd.DataFrame:
    """Rank correlation of the size of weights, and of units, with the rise of E without them: a row a network.

    Of networks with at least `MOSTLY` of their training cases right.
    """
    import pandas as pd

    task = trained.task
    rows = {}
    for k in np.flatnonzero(trained.curve.training_right[:, -1] >= MOSTLY * trained.training_cases):
        cases = Cases(task.inputs(), task.desired(), task.counted(trained.held_out[k])[None])
        weights = taken(trained.weights, np.array([k]))
        rows[trained.numbers[k]] = (
            rank_correlation(*sizes_and_rises(weights, cases)),
            rank_correlation(*rise_without_units(FAMILY_TREE_NETWORK, weights, cases)),
        )
    columns = [f"usefulness_of_{each}{ending}" for each in ("weights", "units")]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns, dtype=float)


def sizes_and_rises(weights: Weights, cases: Cases) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The size of every weight of one network, biases left out, and by how much E rises without it: (weights,) each.

    Args:
        weights: per connection (1, units below, units above).
        cases: those that it was trained on.
    """
    rises = rise_of_error(FAMILY_TREE_NETWORK, weights, cases)
    kept = [connection for connection in weights if connection.below != BIAS]
    sizes, rise = (np.concatenate([np.ravel(values[each]) for each in kept]) for values in (weights, rises))
    return np.abs(sizes), rise


def _sum_up_units(tables: Tables) -> Tables:
    import pandas as pd

    if not tables["networks"]["learned"].any():
        tried = len(tables["networks"])
        raise FamilyTreesError(f"none of {tried} networks learned all its training cases: give more networks")
    keys = ["network", "layer", "distinction"]
    units = tables["units"]
    best = units.groupby(keys, sort=False)[["weights", "activities"]].max()
    best.insert(0, "unit", units.loc[units.groupby(keys, sort=False)["weights"].idxmax(), "unit"].to_numpy())
    best = best.round(4).reset_index()  # what is counted is what is written
    nationality = units[(units["layer"] == "person code") & (units["distinction"] == "nationality")].round(4)
    over = tables["emergence"].groupby(["layer", "distinction", "sweep"], sort=False)["weights"]
    quartiles = {"low": over.quantile(0.25), "median": over.median(), "high": over.quantile(0.75)}
    tries = tables["chance"].groupby(["layer", "distinction", "threshold"], sort=False)[["tried", "reached"]].sum()
    shares = (tries["reached"] / tries["tried"]).rename("share").reset_index()
    chance = {(layer, name, round(at, 2)): share for layer, name, at, share in shares.itertuples(index=False)}
    rare = shares[shares["share"] < ONE_IN_TWENTY].groupby(["layer", "distinction"], sort=False)["threshold"].min()
    alike = tables["similarity"].groupby(["person", "other"], sort=False).sum()
    means = alike[["all_units", "without_nationality"]].div(alike["networks"], axis=0).round(4)
    rows = []
    for (layer, distinction), of in best.groupby(["layer", "distinction"], sort=False):
        for threshold in THRESHOLDS:
            row = {"layer": layer, "distinction": distinction, "threshold": threshold, "networks": len(of)}
            for values in ("weights", "activities"):
                count = int((of[values] >= threshold).sum())
                low, high = wilson(count, len(of))
                row |= {values: count / len(of), f"{values}_low": low, f"{values}_high": high}
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


# -- symmetry

HIDDEN = (0, 2, 3, 4, 6, 8)
GENTLE = 0.02
"""A fifth of the printed epsilon of the symmetry task: with more hidden units, the printed one steps too far."""
XOR_SWEEPS = 3000


def _symmetry_jobs(size: Size) -> list[Job]:
    blocks = _blocks(size.symmetry, SMALL_BLOCK)
    steps = (symmetry.PRINTED.epsilon[1], GENTLE)
    of_symmetry = [
        Job("symmetry", "symmetry", hidden, epsilon, *some)
        for epsilon in steps
        for hidden in reversed(HIDDEN)
        for some in blocks
    ]
    return of_symmetry + [Job("symmetry", "XOR", 2, steps[0], *some) for some in blocks]


def _symmetry(size: Size, job: Job) -> Tables:
    """Train them; and go on with those that have not solved it by the printed steps, with gentle ones."""
    import pandas as pd

    task = symmetry.xor_task() if job.kind == "XOR" else symmetry.symmetry_task()
    sweeps = XOR_SWEEPS if job.kind == "XOR" else size.symmetry_sweeps
    recipe = replace(symmetry.PRINTED, epsilon=(job.epsilon, job.epsilon), sweeps=sweeps)
    run = symmetry.run(
        *(task, recipe),
        networks=job.networks,
        first=job.first,
        hidden=int(job.number),
        seed=size.network_seed,
    )
    keys = {"task": job.kind, "hidden": int(job.number), "epsilon": job.epsilon}
    networks = pd.DataFrame(
        {
            **keys,
            "network": np.arange(job.first, job.first + job.networks),
            "sweeps": sweeps,
            "sweeps_to_solve": np.where(np.isfinite(run.sweeps_to_solve), run.sweeps_to_solve, np.nan),
            "cases_right": run.cases_right[:, -1],
            "on": symmetry.answered_yes(run),
            "error": run.error.round(4),
            "solved": run.solved,
        }
    )
    left = np.flatnonzero(~run.solved)
    if job.kind == "symmetry" and job.epsilon != GENTLE and job.number and left.size:
        gentle = replace(recipe, epsilon=(GENTLE, GENTLE))
        hidden = int(job.number)
        onward = symmetry.run(task, gentle, networks=left.size, hidden=hidden, start=taken(run.weights, left))
        networks["solved_with_gentle_steps"] = pd.Series(onward.solved.astype(float), index=left)
    else:
        networks["solved_with_gentle_steps"] = np.nan
    if job.kind == "symmetry" and job.number == 2:
        networks = networks.join(_form_table(symmetry.form(run.weights), run.solved))
    looks = (run.sweep % 100 == 0) | (run.sweep == symmetry.PRINTED_SWEEPS)
    done = (run.cases_right == len(task.inputs)).sum(axis=0)
    solved = pd.DataFrame({**keys, "sweep": run.sweep, "networks": job.networks, "solved": done})
    return {"networks": networks, "solved": solved[looks]}


def _form_table(form: symmetry.Form, solved: NDArray[np.bool_]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(
        {
            "as_in_the_paper": form.as_in_the_paper & solved,
            "in_ratio_2_3_4": form.in_ratio_2_3_4 & solved,
            "mirrored": form.mirrored.max(axis=-1).round(4),
            "ratio_2": form.ratios[..., 1].mean(axis=-1).round(4),
            "ratio_4": form.ratios[..., 2].mean(axis=-1).round(4),
            "opposite": form.opposite.round(4),
            "hidden_biases_negative": np.all(form.hidden_biases < 0, axis=-1),
            "output_bias_positive": form.output_bias > 0,
        }
    )


def _sum_up_symmetry(tables: Tables) -> Tables:
    keys = ["task", "hidden", "epsilon"]
    networks, solved = tables["networks"], tables["solved"]
    networks = networks.sort_values([*keys, "network"], ascending=[False, True, False, True], ignore_index=True)
    solved = solved.groupby([*keys, "sweep"], sort=False)[["networks", "solved"]].sum().reset_index()
    solved = solved.sort_values([*keys, "sweep"], ascending=[False, True, False, True], ignore_index=True)
    ends = networks.groupby([*keys, "cases_right", "on"], sort=False).agg(
        networks=("network", "size"),
        median_error=("error", "median"),
        solved_with_gentle_steps=("solved_with_gentle_steps", "sum"),
    )
    return {"networks": networks, "solved": solved, "ends": ends.reset_index()}


# -- iterative

STEPS = tuple(range(3, 11))
UNITS = 4


def _iterative_jobs(size: Size) -> list[Job]:
    return [
        Job("iterative", "memory", steps, 0, *some)
        for steps in reversed(STEPS)
        for some in _blocks(size.iterative, SMALL_BLOCK)
    ]


def _iterative(size: Size, job: Job) -> Tables:
    import pandas as pd

    steps, seed = int(job.number), size.network_seed
    run = iterative.run(steps, UNITS, networks=job.networks, first=job.first, seed=seed)
    to_learn = np.where(np.isfinite(run.sweeps_to_learn), run.sweeps_to_learn, np.nan)
    numbers = np.arange(job.first, job.first + job.networks)
    networks = pd.DataFrame({"steps": steps, "units": UNITS, "network": numbers, "sweeps_to_learn": to_learn})
    check = [{"steps": steps, "gradient_error": iterative.gradient_error(steps, UNITS, seed)}] if job.first == 0 else []
    return {"networks": networks, "gradient": pd.DataFrame(check, columns=["steps", "gradient_error"])}


def _sum_up_iterative(tables: Tables) -> Tables:
    import pandas as pd

    errors = tables["gradient"].astype(float).set_index("steps")["gradient_error"]
    rows = []
    for steps, of in tables["networks"].groupby("steps"):
        count = int(of["sweeps_to_learn"].notna().sum())
        low, high = wilson(count, len(of))
        median = float(np.median(of["sweeps_to_learn"].fillna(np.inf)))
        rows.append(
            {
                "steps": steps,
                "units": of["units"].iloc[0],
                "networks": len(of),
                "learned": count,
                "share_learned": round(count / len(of), 4),
                "share_learned_low": round(low, 4),
                "share_learned_high": round(high, 4),
                "median_sweeps_to_learn": median if np.isfinite(median) else np.nan,
                "gradient_error": float(f"{errors[steps]:.1g}"),
            }
        )
    return {"networks": tables["networks"].sort_values(["steps", "network"]), "steps": pd.DataFrame(rows)}


EXPERIMENTS: Mapping[Name, Experiment] = {
    "learning": Experiment(_learning_jobs, _learning, _sum_up_learning),
    "units": Experiment(_units_jobs, _units, _sum_up_units),
    "symmetry": Experiment(_symmetry_jobs, _symmetry, _sum_up_symmetry),
    "iterative": Experiment(_iterative_jobs, _iterative, _sum_up_iterative),
}


def do(size: Size, job: Job) -> Tables:
    """The tables of one job."""
    return EXPERIMENTS[job.experiment].do(size, job)


def sum_up(experiment: Name, parts: Sequence[Tables]) -> Tables:
    """The tables of an experiment, from those of its jobs, in their order."""
    import pandas as pd

    joined = {name: pd.concat([part[name] for part in parts], ignore_index=True) for name in parts[0]}
    return EXPERIMENTS[experiment].sum_up(joined)
