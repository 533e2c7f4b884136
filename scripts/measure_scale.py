"""How much time and memory does a sweep take, by the size of the family? Writes results/scale.csv.

    python scripts/measure_scale.py [--sizes 24,200,1000,3000] [--out results/scale.csv]

Measures the trees of 1986, then made-up families, with matrices and with the network of 1986 and its recipe for own
families. Each size is trained in a process of its own, to measure its peak memory. The memory is that of the whole
process, including Python and its libraries. `base_mb` is the memory of these alone. Seconds are processor time, which
other work on the machine hardly changes, and medians over sweeps. About three minutes on two cores.
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

from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.preparing import prepare
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.models.training import train
from family_trees.support.files import write_text

SEED = 1986
TIMED_SECONDS = 4.0
"""Sweeps are timed for this long, but at least three sweeps."""


class ScaleRow(NamedTuple):
    """The results of one size with one learner."""

    people: int
    facts: int
    cases: int
    learner: str
    sweeps: int
    """Sweeps of a training."""
    seconds_a_sweep: float
    training_seconds: float
    """Seconds of all sweeps together."""
    base_mb: float
    peak_mb: float


def measure(people: int, learner: LearnerName) -> ScaleRow:
    """The row of one size and learner. Call it in a process of its own."""
    base = _memory()
    task = family_trees_task() if people == 24 else made_up_task(people, SEED)
    architecture = learner_for(task, learner)
    recipe = SMALL_BATCHES if learner == "network" else successor_recipe(learner, len(task.cases))
    times: list[float] = []
    began = last = time.process_time()
    for state in prepare(task, recipe, seed=SEED, numbers=(0,), splits=((),), architecture=architecture).descend():
        now = time.process_time()
        if state.sweep:
            times.append(now - last)
        last = now
        if len(times) >= 3 and now - began > TIMED_SECONDS:
            break
    train(task, replace(recipe, sweeps=1, first_phase=0), seed=SEED, architecture=architecture)
    seconds = float(np.median(times))
    return ScaleRow(
        people=len(task.people),
        facts=len(task.triples),
        cases=len(task.cases),
        learner=learner,
        sweeps=recipe.sweeps,
        seconds_a_sweep=float(f"{seconds:.3g}"),
        training_seconds=float(f"{seconds * recipe.sweeps:.3g}"),
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
@click.option("--one", help="One size and learner, such as 24,matrices, in this process; prints JSON.")
def main(sizes: str, out: Path, one: str | None) -> None:
    """Measure all sizes with both learners, write the table and print it."""
    if one is not None:
        people, _, name = one.partition(",")
        click.echo(json.dumps(measure(int(people), "network" if name == "network" else "matrices")._asdict()))
        return
    jobs = [f"{people},{learner}" for learner in ("matrices", "network") for people in sizes.split(",")]
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
