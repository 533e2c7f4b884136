"""How many planted errors and removed facts does a network find? Writes results/planted.csv.

    python scripts/find_planted.py [--trees 8] [--work DIR] [--workers N] [--out results/planted.csv]

Errors are planted in made-up families of 200 people and in the trees of 1986, and other things are removed, in one of
two ways:

- *facts*: single facts. A wrong fact names another person of the same sex.
- *records*: the records of a genealogist, which say whose child a person is. A child gets the parents of another
  family, or loses its parents, and all other facts follow: uncles and cousins change, too.

Networks are then trained on the result, as `train` and `check` do it: matrices, and the network of 1986 with its recipe
for own families. As `check` does, they list ten facts that they find unlikely, and ten that may be missing. For
matrices, the lists of a single network stand beside those of the judges that `check` trains. A stopped run goes on
where it was. About ten minutes on two cores.
"""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import click
import numpy as np
import pandas as pd
from made_up_families import made_up_families
from side_by_side import rows_in_order

from family_trees.analysis.judges import train_judges
from family_trees.analysis.suspicious import Prediction, missing_facts, unlikely_facts
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.families.of_1986 import load_families
from family_trees.families.people import Families, Triple
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Task
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train, usual_held_out
from family_trees.support.files import write_text
from family_trees.support.jobs import Pieces
from family_trees.support.locks import directory_lock
from family_trees.version import VERSION

Source = Literal["1986", "made up"]
Kind = Literal["facts", "records"]
LEARNERS: tuple[LearnerName, ...] = ("matrices", "network")
SEED = 1009
"""The seed of the families. Neither the recipes nor the way to list facts were chosen on it."""
PEOPLE = 200
PLANTED_ERRORS = 10
"""The number of errors, and of removals, in a made-up tree."""


class Planted(NamedTuple):
    """A tree with planted errors and removals."""

    task: Task
    wrong: frozenset[Triple]
    """Wrong facts that it holds."""
    removed: frozenset[Triple]
    """True facts that it does not hold."""
    origin: dict[Triple, int]
    """For each wrong or removed fact, the number of the error or removal that it comes from."""


def plant_facts(families: Families, planted: int, draw: np.random.Generator) -> Planted:
    """Remove some single facts, and let others name another person of the same sex."""
    facts = derive_triples(families)
    sexes = {person.name: person.sex for person in families.people}
    names = _people(facts)
    known = {*facts}
    chosen = [facts[k] for k in draw.choice(len(facts), 2 * planted, replace=False)]
    removed, changed = chosen[:planted], chosen[planted:]
    wrong: list[Triple] = []
    for one, relation, other in changed:
        fitting = [
            Triple(one, relation, name)
            for name in names
            if name != one and sexes[name] == sexes[other] and Triple(one, relation, name) not in known
        ]
        wrong.append(fitting[draw.integers(len(fitting))])
    left = [fact for fact in facts if fact not in {*chosen}]
    origin = {fact: k for k, fact in enumerate([*wrong, *removed])}
    return Planted(_task(names, [*left, *wrong]), frozenset(wrong), frozenset(removed), origin)


def plant_records(families: Families, planted: int, draw: np.random.Generator) -> Planted:
    """Take the parents of some children away, and give others the parents of another child.

    The facts that come from a record are those of the child with its parents: father, mother, son, daughter.
    """
    true = {*derive_triples(families)}
    births = {birth[0]: birth[1:] for birth in families.births}
    chosen = [list(births)[k] for k in draw.choice(len(births), 2 * planted, replace=False)]
    lost, moved = chosen[:planted], chosen[planted:]
    others = [births[list(births)[k]] for k in draw.permutation(len(births))]
    for child in lost:
        del births[child]
    for child in moved:
        births[child] = next(
            parents
            for parents in others
            if parents != births[child] and child not in parents and not _descends(births, parents, child)
        )
    facts = derive_triples(replace(families, births=tuple((child, *parents) for child, parents in births.items())))
    parental = {"father", "mother", "son", "daughter"}

    def of(facts: set[Triple], children: list[str]) -> dict[Triple, int]:
        return {
            fact: children.index(child)
            for fact in facts
            if fact.relation in parental
            for child in [fact.person1 if fact.relation in ("father", "mother") else fact.person2]
            if child in children
        }

    wrong, removed = of({*facts} - true, moved), of(true - {*facts}, lost)
    names = _people(facts)
    held = {fact: k for fact, k in removed.items() if {fact.person1, fact.person2} <= {*names}}
    return Planted(_task(names, list(facts)), frozenset(wrong), frozenset(held), wrong | held)


def _descends(births: dict[str, tuple[str, ...]], people: tuple[str, ...], ancestor: str) -> bool:
    """Whether one of `people` is a descendant of `ancestor`."""
    return any(name == ancestor or _descends(births, births.get(name, ()), ancestor) for name in people)


def _people(facts: tuple[Triple, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fact.person1 for fact in facts))


def _task(names: tuple[str, ...], facts: list[Triple]) -> Task:
    return Task(names, tuple(word for word in RELATIONS if any(fact.relation == word for fact in facts)), tuple(facts))


class PlantedRow(NamedTuple):
    """What one way of asking found in one tree."""

    tree: str
    kind: str
    number: int
    people: int
    facts: int
    learner: str
    asked: str
    """Whether as `check` asks, or by one network where `check` has judges."""
    errors: int
    errors_found: int
    """Errors with a fact among the ten least likely facts."""
    removals: int
    removals_found: int
    """Removals with a fact among the first ten predictions."""


def planted_tree(source: Source, kind: Kind, number: int, seed: int = SEED) -> Planted:
    """The tree of this number, with its errors and removals."""
    draw = np.random.default_rng((seed, number))
    errors = PLANTED_ERRORS if source == "made up" else PLANTED_ERRORS // 2
    families = load_families() if source == "1986" else made_up_families(PEOPLE, seed=seed + number)
    return (plant_facts if kind == "facts" else plant_records)(families, errors, draw)


def measure(job: tuple[Source, Kind, int], seed: int = SEED) -> list[PlantedRow]:
    """The rows of one tree: matrices, then the network of 1986."""
    source, kind, number = job
    planted = planted_tree(source, kind, number, seed)
    task, held_out = planted.task, usual_held_out(planted.task)
    found: dict[tuple[LearnerName, str], tuple[list[Prediction], list[Prediction]]] = {}
    for learner in LEARNERS:
        recipe = SMALL_BATCHES if learner == "network" else successor_recipe(learner, len(task.cases) - held_out)
        trained = train(task, recipe, seed=seed, held_out=held_out, architecture=learner_for(task, learner))
        model = trained.model(0)
        judges = None if learner == "network" else train_judges(model)
        if judges is not None:
            found[learner, "as check does"] = unlikely_facts(model, judges=judges), missing_facts(model, judges=judges)
        found[learner, "by one network" if judges else "as check does"] = unlikely_facts(model), missing_facts(model)
    errors = len({planted.origin[fact] for fact in planted.wrong})
    removals = len({planted.origin[fact] for fact in planted.removed})
    return [
        PlantedRow(
            *(source, kind, number, len(task.people), len(task.triples), learner, asked),
            *(errors, _origins_listed(planted, planted.wrong, least)),
            *(removals, _origins_listed(planted, planted.removed, surest)),
        )
        for (learner, asked), (least, surest) in found.items()
    ]


def _origins_listed(planted: Planted, sought: frozenset[Triple], listed: list[Prediction]) -> int:
    return len({planted.origin[each.fact] for each in listed if each.fact in sought})


@click.command()
@click.option(
    "--trees",
    default=8,
    show_default=True,
    help="Made-up families, and draws of errors in the trees of 1986.",
)
@click.option("--work", default=Path("studies/planted"), show_default=True, type=click.Path(path_type=Path))
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/planted.csv"), show_default=True, type=click.Path(path_type=Path))
def main(trees: int, work: Path, workers: int, out: Path) -> None:
    """Plant errors, train, and count the errors found. Write the table, and print the sums over trees."""
    jobs = [(*each, number) for each in product(get_args(Source), get_args(Kind)) for number in range(trees)]
    pieces = Pieces(work / "trees", f"{VERSION}, {jobs}")
    with directory_lock(work):
        rows = rows_in_order(measure, PlantedRow, jobs, pieces, label="trees", workers=workers)
        table = pd.DataFrame(rows)
        write_text(out, table.to_csv(index=False, lineterminator="\n"))
        pieces.remove()
    counts = table.groupby(["tree", "kind", "learner", "asked"], sort=False)[list(PlantedRow._fields[-4:])].sum()
    click.echo(counts.to_string())
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
