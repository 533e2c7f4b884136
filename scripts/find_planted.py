"""How many planted errors and removed facts does a network find? Writes results/planted.csv.

    python scripts/find_planted.py [--networks 5] [--trees 8] [--workers N] [--out results/planted.csv]

In made-up families of 200 people (and in the trees of 1986), some things are removed and some made wrong, in one of two
ways. *facts*: single facts; a wrong one names another person of the same sex. *records*: what the file of a genealogist
records, whose child somebody is; a child is given the parents of another family, or loses them, and all facts follow:
their uncles and cousins change, too. Then networks are trained on what is left, with the recipe for own families, and
say what they find least likely of all facts, and likeliest of what the file does not hold. Nothing was chosen on the
families that are counted here. About 15 minutes on two cores.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Literal, NamedTuple

import click
import numpy as np
import pandas as pd
from made_up_families import made_up_families
from numpy.typing import NDArray

from family_trees.families import RELATIONS, RELATIVES, Families, Triple, derive_triples, load_families
from family_trees.files import write_text
from family_trees.intervals import bootstrap_mean
from family_trees.network import family_network
from family_trees.predictions import CANDIDATES, LISTED, both_ways, candidates, first, numbered, one_way
from family_trees.recipe import SMALL_BATCHES
from family_trees.task import Task
from family_trees.training import Trained, train

Kind = Literal["facts", "records"]
SEED = 1009
"""Of the families that are counted; not that of the families on which the recipe was chosen."""
PEOPLE = 200
PLANTED = 10
"""Errors, and as many removals, in a tree."""
FOLDS = 5
MALE = frozenset(male for male, _, _ in RELATIVES)


class Planted(NamedTuple):
    """A tree with errors."""

    task: Task
    wrong: frozenset[Triple]
    """Facts that it holds and should not."""
    removed: frozenset[Triple]
    """Facts that it does not hold and should."""
    origin: dict[Triple, int]
    """Of facts that were made wrong or removed, which error or removal they come from."""


def true_families(number: int) -> Families:
    """The families of a number: made up, or, for 0, those of 1986."""
    return load_families() if number == 0 else made_up_families(PEOPLE, seed=SEED + number)


def plant_facts(families: Families, planted: int, draw: np.random.Generator) -> Planted:
    """Single facts are removed, or name another person of the same sex."""
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
    """Children lose their parents, or are given those of another child.

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
            own for own in others if own != births[child] and child not in own and not _descends(births, own, child)
        )
    facts = derive_triples(replace(families, births=tuple((child, *own) for child, own in births.items())))
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


class Row(NamedTuple):
    """What was found in one tree, in one way."""

    kind: str
    tree: str
    number: int
    people: int
    facts: int
    asked: str
    """Which networks were asked: one, several together, or those that each case was held out of."""
    ways: str
    """Forwards, or forwards and backwards."""
    errors: int
    errors_found: int
    """Errors of which a fact is among the ten least likely."""
    removals: int
    removals_found: int
    """Removals of which a fact is among the ten surest that the file does not hold."""


def found_in(planted: Planted, trained: Trained, ways: Callable[..., NDArray[np.float64]]) -> tuple[int, int]:
    """Errors and removals that networks find together, with the mean of their activities."""
    task, of = planted.task, (trained.architecture, trained.weights, planted.task)
    facts, others = numbered(task), candidates(*of, most=CANDIDATES)
    least = first(task, facts, ways(*of, facts), LISTED)
    surest = first(task, others, -ways(*of, others), LISTED)
    return _origins(planted, planted.wrong, facts[least]), _origins(planted, planted.removed, others[surest])


def _origins(planted: Planted, sought: frozenset[Triple], listed: NDArray[np.int64]) -> int:
    task = planted.task
    facts = {Triple(task.people[one], task.relations[relation], task.people[other]) for one, relation, other in listed}
    return len({planted.origin[fact] for fact in facts & sought})


def found_when_held_out(planted: Planted, folds: list[Trained], ways: Callable[..., NDArray[np.float64]]) -> int:
    """Errors that are found if each fact is asked for from the network that was not trained on its case."""
    task = planted.task
    facts, likelihood = numbered(task), np.zeros(len(task.triples))
    for trained in folds:
        held_out = {*trained.held_out[0]}
        own = [k for k, fact in enumerate(task.triples) if fact[:2] in held_out]
        likelihood[own] = ways(trained.architecture, trained.weights, task, facts[own])
    return _origins(planted, planted.wrong, facts[first(task, facts, likelihood, LISTED)])


def measure(job: tuple[Kind, int], networks: int) -> list[Row]:
    """The rows of one tree."""
    kind, number = job
    families = true_families(number)
    draw = np.random.default_rng((SEED, number))
    few = PLANTED if number else PLANTED // 2
    planted = (plant_facts if kind == "facts" else plant_records)(families, few, draw)
    task = planted.task
    people = len(task.people)
    learn = partial(
        train,
        task,
        SMALL_BATCHES,
        seed=SEED,
        architecture=family_network(people, len(task.relations)),
        precision="float32",
    )
    together = learn(networks=networks, held_out=0)
    one = replace(together, weights={connection: w[:1] for connection, w in together.weights.items()})
    order = draw.permutation(len(task.cases))
    parts = [[task.cases[k] for k in order[fold::FOLDS]] for fold in range(FOLDS)]
    folds = [learn(first=networks + k, held_out=part) for k, part in enumerate(parts)]
    rows = []
    for name, ways in (("forwards", one_way), ("both", both_ways)):
        several = [
            ("one network", *found_in(planted, one, ways)),
            (f"{networks} networks", *found_in(planted, together, ways)),
            ("held out", found_when_held_out(planted, folds, ways), -1),
        ]
        for asked, errors, removals in several:
            made_up = "made up" if number else "1986"
            sizes = (people, len(task.triples))
            removed = len({planted.origin[fact] for fact in planted.removed})
            rows.append(Row(kind, made_up, number, *sizes, asked, name, few, errors, removed, removals))
    return rows


@click.command()
@click.option("--networks", default=5, show_default=True, help="Networks that are asked together.")
@click.option("--trees", default=8, show_default=True, help="Made-up families of each kind.")
@click.option("--workers", default=os.cpu_count(), show_default=True, help="Processes.")
@click.option("--out", default=Path("results/planted.csv"), show_default=True, type=click.Path(path_type=Path))
def main(networks: int, trees: int, workers: int, out: Path) -> None:
    """Plant, train, look, count; write the table and print the means over trees with their intervals."""
    kinds: tuple[Kind, ...] = ("facts", "records")
    jobs = [(kind, number) for kind in kinds for number in range(trees + 1)]
    with ProcessPoolExecutor(workers) as pool:
        futures = [pool.submit(measure, job, networks) for job in jobs]
        with click.progressbar(futures, label="trees", file=sys.stderr) as bar:
            rows = [row for future in bar for row in future.result()]
    table = pd.DataFrame(rows)
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    for key, own in table.groupby(["tree", "kind", "asked", "ways"], sort=False):
        told = []
        for what in ("errors", "removals"):
            shares = own[f"{what}_found"] / own[what]
            if (shares >= 0).all():
                low, high = bootstrap_mean(shares)
                told.append(f"{what} found {shares.mean():.0%} ({low:.0%} to {high:.0%})")
        click.echo(f"{', '.join(map(str, key))}: {'; '.join(told)}, {len(own)} trees")
    click.echo(f"written: {out}")


if __name__ == "__main__":
    main()
