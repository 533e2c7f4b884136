"""Running the experiments: all of them or some, on all cores, kept as they are done, so that a stopped run goes on.

`DIR/tables/` holds a directory of tables for each experiment that is finished, and `reproduction.json`, which says in
what numbers they were done. While a run is unfinished, `DIR/.unfinished/` holds the like, and what is done, a file a
job; the old tables stay until the new ones are all there.
"""

from __future__ import annotations

import io
import json
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, get_args

from family_trees.engine.recipe import DEFAULT
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.training import train
from family_trees.studies.paper.experiments import EXPERIMENTS, do_job, sum_up
from family_trees.studies.paper.jobs import Job, Name, Size, Tables
from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import staged_file, write_text
from family_trees.support.local_pool import in_parallel
from family_trees.version import VERSION

ALL: tuple[Name, ...] = get_args(Name)


MARK = "reproduction.json"


class RunProgress(NamedTuple):
    """How far the experiments have come."""

    done: float
    """Work done so far, of `total`; in networks of the family-trees task that train 1500 sweeps."""
    total: float
    experiment: str
    """The one that the last job was of."""
    experiments: tuple[Name, ...]
    """All that are done."""


def work_of(size: Size, job: Job) -> float:
    """About how much work a job is, in networks of the family-trees task: measured once, on two cores."""
    if job.experiment == "learning":
        return job.networks
    if job.experiment == "units":
        return 2.3 * job.networks  # with decay and without, and every weight removed in turn
    if job.experiment == "symmetry":
        return job.networks * size.symmetry_sweeps * (25 + 21 * job.number) * 1e-6
    return (job.networks + 30) * 2**job.number * job.number * 4.4e-4


def seconds(size: Size, workers: int, experiments: Sequence[Name] = ALL) -> float:
    """About how long it will take here: the work, by the time that a short piece of it takes; itself about a second."""
    sample, networks = replace(DEFAULT, sweeps=50), 32
    train(
        family_trees_task(), replace(sample, sweeps=2), networks=networks, block=networks
    )  # what only the first costs
    start = time.perf_counter()
    train(family_trees_task(), sample, networks=networks, block=networks, every=sample.sweeps)
    network = (time.perf_counter() - start) / networks * DEFAULT.sweeps / sample.sweeps
    return network * sum(work_of(size, job) for job in _jobs(size, experiments)) / workers


def run_experiments(
    size: Size,
    out: Path,
    *,
    experiments: Sequence[Name] = ALL,
    workers: int | None = None,
    resume: bool = False,
    report: Callable[[RunProgress], None] | None = None,
) -> dict[Name, Tables]:
    """The tables of the experiments, by name; written into `out` as they are done.

    The same size gives the same bytes, whatever the workers, and however often the run was stopped.

    Args:
        resume: keep what `out` already holds of this very reproduction, finished or not; else all is done anew.

    Raises:
        FamilyTreesError: `out` cannot be written, or holds an unfinished reproduction that would be lost.
    """
    if out.exists() and not out.is_dir():
        raise FamilyTreesError(f"{out}: cannot write: this is a file; give the path of a directory")
    tables, unfinished = out / "tables", out / ".unfinished"
    about = {"version": VERSION, **asdict(size)}
    begun, whole = _mark(unfinished), _mark(tables)
    if begun is None or not any(unfinished.glob("*-*.json")):  # nothing is done, or nobody knows of what it is a part
        begun = None
        shutil.rmtree(unfinished, ignore_errors=True)
    if begun is not None and not resume:
        raise FamilyTreesError(f"{out}: holds a stopped reproduction; --resume goes on with it, or remove {unfinished}")
    if resume and begun is not None and begun["about"] != about:
        told = ", ".join(f"{key} {value}" for key, value in begun["about"].items())
        raise FamilyTreesError(
            f"{out}: holds a stopped reproduction with other numbers ({told}); give those again, or remove {unfinished}"
        )
    if resume and begun is None and whole is not None and whole["about"] == about:
        files = whole["files"]
        done = [name for name in files if all((tables / name / f"{each}.csv").is_file() for each in files[name])]
    else:
        done = [name for name in experiments if resume and begun is not None and name not in begun["to do"]]
    doing = tuple(name for name in experiments if name not in done)
    if doing:
        write_text(unfinished / MARK, json.dumps({"about": about, "to do": doing}, indent=1) + "\n")
    jobs = _jobs(size, doing)
    left = [job for job in jobs if _read_piece(_piece(unfinished, job)) is None]
    total = sum(work_of(size, job) for job in jobs)
    so_far = total - sum(work_of(size, job) for job in left)
    if report is not None and left:
        report(RunProgress(so_far, total, left[0].experiment, doing))
    for job, _ in in_parallel(partial(_do, size, unfinished), left, workers):
        so_far += work_of(size, job)
        if report is not None:
            report(RunProgress(so_far, total, job.experiment, doing))

    if doing:
        new = {
            name: sum_up(name, _parts(unfinished, [job for job in jobs if job.experiment == name])) for name in doing
        }
        if not done:
            shutil.rmtree(tables, ignore_errors=True)
        for name, several in new.items():
            for table_name, table in several.items():
                write_text(tables / name / f"{table_name}.csv", table.to_csv(index=False, lineterminator="\n"))
        files = {name: sorted(path.stem for path in (tables / name).glob("*.csv")) for name in experiments}
        write_text(tables / MARK, json.dumps({"about": about, "files": files}, indent=1) + "\n")
        shutil.rmtree(unfinished)
    return {name: read_tables(tables / name) for name in experiments}


def _mark(directory: Path) -> dict[str, Any] | None:
    """What the mark in `directory` says; none if there is none, or it cannot be read."""
    try:
        mark = json.loads((directory / MARK).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return mark if isinstance(mark, dict) and "about" in mark else None


def read_tables(directory: Path) -> Tables:
    """The tables of an experiment, as they were written."""
    import pandas as pd

    return {path.stem: pd.read_csv(path) for path in sorted(directory.glob("*.csv"))}


def _jobs(size: Size, experiments: Sequence[Name]) -> list[Job]:
    return [job for name in experiments for job in EXPERIMENTS[name].jobs(size)]


def _piece(unfinished: Path, job: Job) -> Path:
    return unfinished / f"{job.experiment}-{job.kind}-{job.number:g}-{job.epsilon:g}-{job.first}.json"


def _do(size: Size, unfinished: Path, job: Job) -> None:
    """Do a job and write its piece."""
    pieces = {name: table.to_csv(index=False) for name, table in do_job(size, job).items()}
    if unfinished.is_dir():  # else the run was given up, and this worker outlived it
        with staged_file(_piece(unfinished, job)) as temporary:
            temporary.write_text(json.dumps(pieces), encoding="utf-8")


def _read_piece(path: Path) -> Tables | None:
    """The tables of a job; none if it is not done, or its file is damaged."""
    import pandas as pd

    try:
        pieces: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return {name: pd.read_csv(io.StringIO(text)) for name, text in pieces.items()}


def _parts(unfinished: Path, jobs: Sequence[Job]) -> list[Tables]:
    """The tables of all jobs, which are done."""
    parts = [_read_piece(_piece(unfinished, job)) for job in jobs]
    return [part for part in parts if part is not None]
