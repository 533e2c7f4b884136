"""The fingerprints that every machine must get: writes tests/fingerprints.csv, or checks it.

    python scripts/fingerprints.py --check            # with the engine that is chosen here
    python scripts/fingerprints.py --check --engine numpy --short
    python scripts/fingerprints.py                    # writes the table again, with NumPy

Each set of networks is one way to train: every recipe that ships, every kind of unit and error signal, batches, single
cases, no biases, symmetry, an iterative network, a family of 60 people, vectors and matrices. If a fingerprint differs,
the check says which network it is, and finds the sweep and the weight in which the compiled engine first differs from
NumPy. With `--short` only the first sweeps are checked. With NumPy, all of them take some minutes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import click
import pandas as pd
from made_up_families import made_up_task

from family_trees.engine.compiled.library import ENGINE_VARIABLE, ENGINES, compiled_library
from family_trees.engine.descent import State, initial_state
from family_trees.engine.embedding import Embedding
from family_trees.engine.fingerprint import differing_weight, fingerprints
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.recipe import DEFAULT, PUBLISHED, RECIPES, SMALL_BATCHES, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Task
from family_trees.models.iterative import descend_memory
from family_trees.models.layered import family_network
from family_trees.models.preparing import prepare
from family_trees.models.symmetry import PRINTED_RECIPE, symmetry_task, train_small_networks
from family_trees.support.files import write_text

TABLE = Path(__file__).parent.parent / "tests/fingerprints.csv"

SHORT_SWEEPS = 100
"""The last sweep that a short check looks at."""

EARLY_SWEEPS = (1, 10, SHORT_SWEEPS)
"""The sweeps before the last one whose fingerprints are in the table."""

Descent = Callable[[Sequence[int], Sequence[int]], Iterator[State]]
"""Networks by their numbers, and sweeps: the states of these networks after these sweeps."""


class Fingerprint(NamedTuple):
    """A row of the table."""

    networks: str
    """The name of the set of networks."""
    network: int
    sweep: int
    fingerprint: str


@dataclass(frozen=True)
class NetworkSet:
    """Networks that are trained in the same way."""

    descend: Descent
    sweeps: int
    networks: int

    def looks(self, last: int) -> list[int]:
        """The sweeps with a fingerprint, up to `last`."""
        return sorted({t for t in (*EARLY_SWEEPS, self.sweeps) if t <= min(last, self.sweeps)})


def of_recipe(
    recipe: Recipe, networks: int, task: Task | None = None, learner: LayeredLearner | None = None
) -> NetworkSet:
    """Networks of a recipe on a task, by default those of 1986 on the trees of 1986, with four cases held out."""

    def descend(numbers: Sequence[int], looks: Sequence[int]) -> Iterator[State]:
        of = task or family_trees_task()
        splits = [of.draw_held_out(4, 0, number) for number in numbers]
        network = learner or family_network(len(of.people), len(of.relations))
        return prepare(of, recipe, seed=0, numbers=numbers, splits=splits, architecture=network).descend(looks)

    return NetworkSet(descend, recipe.sweeps, networks)


def descend_symmetry(numbers: Sequence[int], looks: Sequence[int]) -> Iterator[State]:
    """Networks of the symmetry task, with the printed numbers (Nature, fig. 1)."""
    for sweep in looks:
        run = train_small_networks(symmetry_task(), first=numbers[0], networks=len(numbers), sweeps=sweep)
        yield replace(initial_state(run.weights), sweep=sweep)


def network_sets() -> Mapping[str, NetworkSet]:
    """All sets of networks, by name."""
    settings = {
        "tanh units": ["units=tanh", "epsilon=0.01,0.02", "initial_range=0.5"],
        "ReLU units": ["units=relu", "initial_range=0.5"],
        "leaky ReLU units": ["units=leaky-relu", "initial_range=0.5"],
        "ELU units": ["units=elu", "initial_range=0.5"],
        "softmax": ["error_signal=softmax", "margin=0"],
        "batches of 20": ["batch=20"],
        "single cases": ["batch=1", "decay=0.00002"],
        "no biases": ["biases=false"],
        "averaged, fan-in, late decay": ["averaged=true", "fan_in=true", "decay_from=50", "decay_biases=false"],
    }
    short = {name: replace(DEFAULT, sweeps=200).with_settings(changes) for name, changes in settings.items()}
    sets = {name: of_recipe(recipe, 20) for name, recipe in RECIPES.items()}
    sets |= {name: of_recipe(recipe, 2) for name, recipe in short.items()}
    sets["symmetry"] = NetworkSet(descend_symmetry, PRINTED_RECIPE.sweeps, 4)
    sets["iterative"] = NetworkSet(lambda numbers, looks: descend_memory(4, numbers=numbers, looks=looks), 400, 2)
    sets["a family of 60"] = of_recipe(replace(SMALL_BATCHES, sweeps=40), 2, made_up_task(60, 1986))
    return {**sets, **successor_sets()}


def successor_sets() -> Mapping[str, NetworkSet]:
    """Vectors and matrices, on the trees of 1986 and on a family of 60."""
    settings = [
        "epsilon=0.015,0.03",
        "decay=0.02",
        "margin=0",
        "initial_range=0.5",
        "error_signal=softmax",
        "sweeps=500",
    ]
    recipe = PUBLISHED.with_settings(settings)
    batches = replace(recipe, sweeps=60, batch=20, averaged=True, epsilon=(0.1, 0.2), decay=0.001)
    family = made_up_task(60, 1986)
    people, relations = len(family.people), len(family.relations)
    return {
        "vectors": of_recipe(recipe, 4, learner=Embedding(24, 12, 12, 1)),
        "matrices": of_recipe(recipe, 4, learner=Embedding(24, 12, 4, 4)),
        "matrices in batches": of_recipe(batches, 2, learner=Embedding(24, 12, 4, 4)),
        "matrices of answers, tanh": of_recipe(
            replace(recipe, sweeps=200), 2, learner=Embedding(24, 12, 3, 3, shared=False, squashed=True)
        ),
        "matrices of a family of 60": of_recipe(
            replace(batches, sweeps=20), 2, family, Embedding(people, relations, 6, 6)
        ),
    }


def computed(name: str, last: int, block: int = 16) -> Iterator[Fingerprint]:
    """The fingerprints of a set up to sweep `last`, trained in blocks of so many networks."""
    of = network_sets()[name]
    for first in range(0, of.networks, block):
        numbers = range(first, min(first + block, of.networks))
        for state in of.descend(numbers, of.looks(last)):
            for number, each in zip(numbers, fingerprints(state.weights), strict=True):
                yield Fingerprint(name, number, state.sweep, each)


def expected(name: str, last: int) -> list[Fingerprint]:
    """The rows of the table of a set, up to sweep `last`."""
    table = pd.read_csv(TABLE)
    rows = table[(table["networks"] == name) & (table["sweep"] <= last)]
    return [Fingerprint(*row) for row in rows.itertuples(index=False)]


def problem(name: str, last: int, block: int = 16) -> str | None:
    """What differs from the table in a set of networks, in words; None if nothing does."""
    found = {each[:3]: each.fingerprint for each in computed(name, last, block)}
    wanted = expected(name, last)
    if {each[:3] for each in wanted} != set(found):
        return f"{name}: the table has other networks or sweeps; write it again"
    for each in wanted:
        if found[each[:3]] != each.fingerprint:
            where = f"{name}, network {each.network}: another fingerprint at sweep {each.sweep}"
            return f"{where}; {first_difference(name, each.network, each.sweep)}"
    return None


def first_difference(name: str, number: int, last: int) -> str:
    """Where the compiled engine first differs from NumPy, up to sweep `last`."""
    of = network_sets()[name]
    chosen = os.environ.get(ENGINE_VARIABLE)
    if compiled_library() is None:
        return "NumPy itself differs"
    ours = of.descend([number], range(1, last + 1))
    for _ in range(last):
        state = next(ours)
        os.environ[ENGINE_VARIABLE] = "numpy"
        try:
            (theirs,) = of.descend([number], [state.sweep])
        finally:
            del os.environ[ENGINE_VARIABLE]
            if chosen is not None:
                os.environ[ENGINE_VARIABLE] = chosen
        if words := differing_weight(state.weights, theirs.weights):
            return f"it first differs from NumPy at sweep {state.sweep}: {words}"
    return "it does not differ from NumPy, which differs from the table, too"


@click.command()
@click.option("--check", is_flag=True, help="Compare with the table instead of writing it.")
@click.option("--short", is_flag=True, help=f"Only the fingerprints up to sweep {SHORT_SWEEPS}.")
@click.option("--engine", type=click.Choice(ENGINES), help="The engine; by default the fastest here.")
@click.option("--only", multiple=True, help="Check only this set of networks. Repeat for more.")
@click.option("--block", default=16, show_default=True, help="Networks trained at once.")
def main(check: bool, short: bool, engine: str | None, only: tuple[str, ...], block: int) -> None:
    """Write the table of fingerprints with NumPy, or check it with any engine."""
    if engine or not check:
        os.environ[ENGINE_VARIABLE] = engine or "numpy"
    last = SHORT_SWEEPS if short else sys.maxsize
    names = [name for name in network_sets() if not only or name in only]
    if not check:
        rows = [row for name in names for row in computed(name, sys.maxsize)]
        write_text(TABLE, pd.DataFrame(rows).to_csv(index=False, lineterminator="\n"))
        click.echo(f"written: {TABLE}, {len(rows)} fingerprints")
        return
    problems = [found for name in names if (found := problem(name, last, block))]
    for each in problems:
        click.echo(each, err=True)
    if problems:
        sys.exit(1)
    library = compiled_library()
    click.echo(f"all fingerprints are as they should be, with {'NumPy' if library is None else 'the compiled engine'}")


if __name__ == "__main__":
    main()
