"""Running the experiments: all of them or some, on all cores, kept as they are done, so that a stopped run goes on.

`DIR/tables/` holds a directory of tables for each experiment that is finished, and `reproduction.json`, which says in
what numbers they were done. While a run is unfinished, `DIR/.unfinished/` holds the like, and what is done, a piece a
job; the old tables stay until the new ones are all there.
"""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import time
from collections.abc import Callable, Collection, Mapping, Sequence
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
from family_trees.support.files import check_written, remove_leftovers, write_text
from family_trees.support.jobs import Executor, Pieces, log_warning, run_jobs
from family_trees.support.locks import directory_lock
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
    executor: Executor | None = None,
    warn: Callable[[str], None] = log_warning,
) -> dict[Name, Tables]:
    """The tables of the experiments, by name; written into `out` as they are done.

    The same size gives the same bytes, whatever does the jobs, and however often the run was stopped.

    Args:
        workers: processes; by default one a core.
        resume: keep what `out` already holds of this very reproduction, finished or not; else all is done anew.
        report: called with how far it has come, at the start and after every job.
        executor: what does the jobs, in place of processes on this machine; see `family_trees.support.jobs`.
        warn: called with one line if something kept was damaged and is done again; by default, the log gets it.

    Raises:
        FamilyTreesError: `out` cannot be written, or another run is at work there, or it holds an unfinished
            reproduction that would be lost, or a damaged one.
    """
    if out.exists() and not out.is_dir():
        raise FamilyTreesError(f"{out}: cannot write: this is a file; give the path of a directory")
    with directory_lock(out):
        tables, about = out / "tables", {"version": VERSION, **asdict(size)}
        pieces = Pieces(out / ".unfinished", json.dumps(about))
        done = _kept(out, pieces.directory, about, experiments, resume)
        doing = tuple(name for name in experiments if name not in done)
        if doing:
            mark = json.dumps({"about": about, "to do": doing}, indent=1) + "\n"
            write_text(pieces.directory / MARK, mark)
            jobs = {_name(job): job for job in _jobs(size, doing)}
            _do_all(size, jobs, doing, pieces, workers=workers, report=report, executor=executor, warn=warn)
            new = {
                name: sum_up(name, [_read(pieces, each) for each, job in jobs.items() if job.experiment == name])
                for name in doing
            }
            if not done:
                shutil.rmtree(tables, ignore_errors=True)
            for name, several in new.items():
                for each, table in several.items():
                    _write(tables / name / f"{each}.csv", table.to_csv(index=False, lineterminator="\n"))
            files = {name: sorted(path.stem for path in (tables / name).glob("*.csv")) for name in experiments}
            _write(tables / MARK, json.dumps({"about": about, "files": files}, indent=1) + "\n")
            (pieces.directory / MARK).unlink()  # first: pieces without it are those of nobody, should this be the end
            pieces.remove()
        return {name: read_tables(tables / name) for name in experiments}


def _kept(
    out: Path, unfinished: Path, about: dict[str, Any], experiments: Sequence[Name], resume: bool
) -> Collection[str]:
    """The experiments that `out` holds already, of a run that is gone on with; what is of no use is removed.

    Raises:
        FamilyTreesError: `out` holds an unfinished reproduction that would be lost, or a damaged one.
    """
    begun = _mark(unfinished / MARK, "to do", f"remove {unfinished} to begin anew")
    if begun is None or not any(unfinished.glob("*.piece")):  # nothing is done, or nobody knows of what it is a part
        begun = None
        shutil.rmtree(unfinished, ignore_errors=True)
    if begun is not None and not resume:
        raise FamilyTreesError(f"{out}: holds a stopped reproduction; --resume goes on with it, or remove {unfinished}")
    if not resume:
        return ()
    if begun is not None:
        if begun["about"] != about:
            told = ", ".join(f"{key} {value}" for key, value in begun["about"].items())
            raise FamilyTreesError(
                f"{out}: holds a stopped reproduction with other numbers ({told}); give those again, or remove "
                f"{unfinished}"
            )
        return [name for name in experiments if name not in begun["to do"]]
    whole = _mark(out / "tables" / MARK, "files", "remove it to do all anew")
    if whole is None or whole["about"] != about:
        return ()
    return [
        name
        for name, several in whole["files"].items()
        if all((out / "tables" / name / f"{each}.csv").is_file() for each in several)
    ]


def _mark(path: Path, key: str, remedy: str) -> dict[str, Any] | None:
    """What the mark at `path` says; None if there is none.

    Raises:
        FamilyTreesError: it is damaged: not JSON, or without `about` or `key` as they are written.
    """
    try:
        mark = json.loads(path.read_bytes())
        about, told = mark["about"], mark[key]
        lists = list(told.values()) if key == "files" else [told]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        about, lists = None, []
    names = [name for several in lists if isinstance(several, list) for name in several]
    if isinstance(about, dict) and all(isinstance(each, list) for each in lists) and all(map(_is_text, names)):
        return {"about": about, key: told}
    raise FamilyTreesError(f"{path}: is damaged; {remedy}")


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _do_all(
    size: Size,
    jobs: Mapping[str, Job],
    doing: tuple[Name, ...],
    pieces: Pieces,
    *,
    workers: int | None,
    report: Callable[[RunProgress], None] | None,
    executor: Executor | None,
    warn: Callable[[str], None],
) -> None:
    """Do all jobs that are not done, and tell how far they have come."""
    total = sum(work_of(size, job) for job in jobs.values())
    left = dict(jobs)

    def count(finished: Sequence[str]) -> None:
        for name in finished:
            del left[name]
        if report is not None:
            last = jobs[finished[-1]] if finished else next(iter(jobs.values()))
            so_far = total - sum(work_of(size, job) for job in left.values())
            report(RunProgress(so_far, total, last.experiment, doing))

    run_jobs(partial(_do, size), jobs, pieces, workers=workers, report=count, executor=executor, warn=warn)


def _do(size: Size, job: Job) -> bytes:
    """The tables of a job as CSV, in JSON by their names."""
    return json.dumps({name: table.to_csv(index=False) for name, table in do_job(size, job).items()}).encode()


def _read(pieces: Pieces, name: str) -> Tables:
    """The tables of a job that is done."""
    import pandas as pd

    texts: dict[str, str] = json.loads(pieces.read(name))
    return {table: pd.read_csv(io.StringIO(text)) for table, text in texts.items()}


def _write(path: Path, text: str) -> None:
    """Write a text, and see that it is there as it was written."""
    if path.parent.exists():
        remove_leftovers(path)
    write_text(path, text)
    check_written(path, hashlib.sha256(text.encode()).hexdigest())


def _name(job: Job) -> str:
    return f"{job.experiment}-{job.kind}-{job.number:g}-{job.epsilon:g}-{job.first}"


def _jobs(size: Size, experiments: Sequence[Name]) -> list[Job]:
    return [job for name in experiments for job in EXPERIMENTS[name].jobs(size)]


def read_tables(directory: Path) -> Tables:
    """The tables of an experiment, as they were written.

    Raises:
        FamilyTreesError: one cannot be read as a table.
    """
    import pandas as pd

    tables = {}
    for path in sorted(directory.glob("*.csv")):
        try:
            tables[path.stem] = pd.read_csv(path)
        except ValueError as problem:  # all that pandas raises for what is no table
            told = str(problem).splitlines()[0]
            raise FamilyTreesError(f"{path}: is damaged ({told}); remove it, and --resume makes it again") from problem
    return tables
