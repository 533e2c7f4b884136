"""How much time and memory does a sweep take, by the size of the family? Writes results/scale.csv for the README.

    python scripts/measure_scale.py [--sizes 24,200,1000,3000] [--out results/scale.csv]

Measures the trees of 1986, then made-up families, with the recipe for own families and with the printed one, which
changes the weights once a sweep. Each size is trained in a process of its own, to measure its peak memory. The memory
is that of the whole process, including Python and its libraries. `base_mb` is the memory of these alone. Seconds are
medians over sweeps. About three minutes on two cores.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
import pandas as pd
from made_up_families import made_up_task

from family_trees.engine.recipe import PUBLISHED, RECIPES, SMALL_BATCHES
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.layered import family_network
from family_trees.models.preparing import prepare
from family_trees.models.training import train
from family_trees.support.files import write_text

SEED = 1986
TIMED_SECONDS = 8.0
"""Sweeps are timed for this long, but at least three sweeps."""


class ScaleRow(NamedTuple):
    """The results of one size with one recipe."""

    people: int
    facts: int
    cases: int
    person_code: int
    """Units of the person code; the other layers are in proportion."""
    recipe: str
    seconds_a_sweep: float
    nanoseconds_a_case_and_person: float
    base_mb: float
    peak_mb: float


def measure(people: int, recipe_name: str) -> ScaleRow:
    """The row of one size and recipe. Call it in a process of its own."""
    base = _memory()
    task = family_trees_task() if people == 24 else made_up_task(people, SEED)
    network = family_network(len(task.people), len(task.relations))
    recipe = RECIPES[recipe_name]
    times: list[float] = []
    began = last = time.perf_counter()
    for state in prepare(task, recipe, seed=SEED, numbers=(0,), splits=((),), architecture=network).descend():
        now = time.perf_counter()
        if state.sweep:
            times.append(now - last)
        last = now
        if len(times) >= 3 and now - began > TIMED_SECONDS:
            break
    train(task, replace(recipe, sweeps=1), seed=SEED, architecture=network)
    seconds = float(np.median(times))
    cases = len(task.cases)
    return ScaleRow(
        people=len(task.people),
        facts=len(task.triples),
        cases=cases,
        person_code=network.layers[2].units,
        recipe=recipe_name,
        seconds_a_sweep=float(f"{seconds:.3g}"),
        nanoseconds_a_case_and_person=float(f"{seconds / cases / len(task.people) * 1e9:.3g}"),
        base_mb=base,
        peak_mb=_memory(),
    )


def _memory() -> float:
    """The peak memory of this process so far, in MB."""
    unit = 1 if sys.platform == "darwin" else 1024
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6, 1)


@click.command()
@click.option("--sizes", default="24,200,1000,3000", show_default=True, help="Numbers of people.")
@click.option("--out", default=Path("results/scale.csv"), show_default=True, type=click.Path(path_type=Path))
@click.option("--one", help="One size and recipe, such as 24,published, in this process; prints JSON.")
def main(sizes: str, out: Path, one: str | None) -> None:
    """Measure all sizes with both recipes, write the table and print it."""
    if one is not None:
        people, recipe = one.split(",")
        click.echo(json.dumps(measure(int(people), recipe)._asdict()))
        return
    jobs = [f"{people},{recipe.name}" for recipe in (SMALL_BATCHES, PUBLISHED) for people in sizes.split(",")]
    rows = []
    with click.progressbar(jobs, label="sizes", file=sys.stderr) as bar:
        for job in bar:
            command = [sys.executable, __file__, "--one", job]
            ran = subprocess.run(command, capture_output=True, text=True, check=True)
            rows.append(json.loads(ran.stdout))
    table = pd.DataFrame(rows)
    write_text(out, table.to_csv(index=False, lineterminator="\n"))
    click.echo(table.to_string(index=False))
    click.echo(f"written: {out}; on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
