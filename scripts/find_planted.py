"""How many planted errors and removed facts does a network find? Writes results/planted.csv.

    python scripts/find_planted.py [--networks 5] [--trees 8] [--work DIR] [--workers N] [--out results/planted.csv]

Errors are planted in made-up families of 200 people and in the trees of 1986, and other things are removed, in one of
two ways:

- *facts*: single facts. A wrong fact names another person of the same sex.
- *records*: the records of a genealogist, which say whose child a person is. A child gets the parents of another
  family, or loses its parents, and all other facts follow: uncles and cousins change, too.

A network is then trained on the result, as `train` does it. As `check` does, it lists ten facts that it finds unlikely,
and ten that may be missing. This is compared with three other ways. A stopped run goes on where it was. About 15
minutes on two cores.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import Literal, NamedTuple, get_args

import click
import numpy as np
import pandas as pd
from made_up_families import made_up_families
from numpy.typing import NDArray
from side_by_side import rows_in_order

from family_trees.analysis.suspicious import (
    LIST_LENGTH,
    candidate_facts,
    fact_places,
    likelihood_both_ways,
    likelihood_one_way,
    lowest_distinct,
    missing_facts,
    unlikely_facts,
)
from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.families.of_1986 import load_families
from family_trees.families.people import Families, Triple
from family_trees.families.relations import RELATIONS, derive_triples
from family_trees.families.task import Task
from family_trees.models.layered import family_network
from family_trees.models.training import Trained, train, usual_held_out
from family_trees.support.files import write_text
from family_trees.support.jobs import Pieces
from family_trees.support.locks import directory_lock
from family_trees.version import VERSION

Source = Literal["1986", "made up"]
Kind = Literal["facts", "records"]
Facts = set[Triple]
SEED = 1009
"""The seed of the families. It is not that of the families on which the recipe was chosen."""
PEOPLE = 200
PLANTED_ERRORS = 10
"""The number of errors, and of removals, in a made-up tree."""
FOLDS = 5
"""Networks that together hold out every case once."""


class Planted(NamedTuple):
    """A tree with planted errors and removals."""

    task: Task
    wrong: frozenset[Triple]
    """Wrong facts that it holds."""
    removed: frozenset[Triple]
    """True facts that it does not hold."""
    origin: dict[Triple, int]
    """For each wrong or removed fact, the number of the error or removal that it comes from."""


def true_families(source: Source, number: int) -> Families:
    """The families of 1986, or the made-up families of this number."""
    return load_families() if source == "1986" else made_up_families(PEOPLE, seed=SEED + number)


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
    asked: str
    """The way of asking: which networks, and how."""
    errors: int
    errors_found: int
    """Errors with a fact among the ten least likely facts."""
    removals: int
    removals_found: int
    """Removals with a fact among the ten most likely predictions; -1 where these were not asked for."""


def measure(job: tuple[Source, Kind, int], networks: int) -> list[PlantedRow]:
    """The rows of one tree: as `family-trees check` asks, then by other ways."""
    source, kind, number = job
    draw = np.random.default_rng((SEED, number))
    errors = PLANTED_ERRORS if source == "made up" else PLANTED_ERRORS // 2
    planted = (plant_facts if kind == "facts" else plant_records)(true_families(source, number), errors, draw)
    task = planted.task
    learn = partial(
        train, task, SMALL_BATCHES, seed=SEED, architecture=family_network(len(task.people), len(task.relations))
    )
    usual = learn(held_out=usual_held_out(task)).model(0)
    facts, of = fact_places(task), (usual.architecture, usual.weights, task)
    others = candidate_facts(*of)
    several = learn(networks=networks, first=1, held_out=0)
    of_several = (several.architecture, several.weights, task)
    others_of_several = candidate_facts(*of_several)
    found: dict[str, tuple[Facts, Facts | None]] = {
        "as check does": (
            {each.fact for each in unlikely_facts(usual, LIST_LENGTH)},
            {each.fact for each in missing_facts(usual, LIST_LENGTH)},
        ),
        "in one direction": (
            _listed(task, facts, likelihood_one_way(*of, facts)),
            _listed(task, others, -likelihood_one_way(*of, others)),
        ),
        f"of {networks} networks together": (
            _listed(task, facts, likelihood_both_ways(*of_several, facts)),
            _listed(task, others_of_several, -likelihood_both_ways(*of_several, others_of_several)),
        ),
        "of networks that held the case out": (_least_when_held_out(task, learn, networks + 1, draw), None),
    }
    sizes = (len(task.people), len(task.triples))
    removals = len({planted.origin[fact] for fact in planted.removed})
    return [
        PlantedRow(
            *(source, kind, number, *sizes, asked),
            *(errors, _origins_listed(planted, planted.wrong, least)),
            *(removals, -1 if surest is None else _origins_listed(planted, planted.removed, surest)),
        )
        for asked, (least, surest) in found.items()
    ]


def _listed(task: Task, facts: NDArray[np.int64], ranks: NDArray[np.float64]) -> Facts:
    """The ten facts of the lowest ranks."""
    return {
        Triple(task.people[one], task.relations[relation], task.people[other])
        for one, relation, other in facts[lowest_distinct(task, facts, ranks, LIST_LENGTH)]
    }


def _least_when_held_out(task: Task, learn: Callable[..., Trained], number: int, draw: np.random.Generator) -> Facts:
    """The ten least likely facts, when a network that was not trained on a fact's case is asked for it."""
    facts, likelihood = fact_places(task), np.zeros(len(task.triples))
    order = draw.permutation(len(task.cases))
    for fold in range(FOLDS):
        held_out = [task.cases[k] for k in order[fold::FOLDS]]
        trained = learn(first=number + fold, held_out=held_out)
        of_fold = np.flatnonzero([fact[:2] in {*held_out} for fact in task.triples])
        likelihood[of_fold] = likelihood_both_ways(trained.architecture, trained.weights, task, facts[of_fold])
    return _listed(task, facts, likelihood)


def _origins_listed(planted: Planted, sought: frozenset[Triple], listed: Facts) -> int:
    return len({planted.origin[fact] for fact in listed & sought})


@click.command()
@click.option("--networks", default=5, show_default=True, help="Networks that answer together.")
@click.option(
    "--trees",
    default=8,
    show_default=True,
    help="Made-up families, and draws of errors in the trees of 1986.",
)
@click.option("--work", default=Path("studies/planted"), show_default=True, type=click.Path(path_type=Path))
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/planted.csv"), show_default=True, type=click.Path(path_type=Path))
def main(networks: int, trees: int, work: Path, workers: int, out: Path) -> None:
    """Plant errors, train, and count the errors found. Write the table, and print the sums over trees."""
    jobs = [(*each, number) for each in product(get_args(Source), get_args(Kind)) for number in range(trees)]
    pieces = Pieces(work / "trees", f"{VERSION}, {networks} networks, {jobs}")
    with directory_lock(work):
        rows = rows_in_order(
            partial(measure, networks=networks), PlantedRow, jobs, pieces, label="trees", workers=workers
        )
        table = pd.DataFrame(rows)
        write_text(out, table.to_csv(index=False, lineterminator="\n"))
        pieces.remove()
    counts = table.groupby(["tree", "kind", "asked"], sort=False)[list(PlantedRow._fields[-4:])].sum()
    click.echo(counts.to_string())
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
