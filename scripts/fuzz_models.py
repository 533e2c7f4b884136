"""Feed the reader of model files damaged and hostile files, and count how it ends.

    python scripts/fuzz_models.py [--flips 10000] [--seed 0] [--bomb-gigabytes 4]

Three kinds of files are made from the model that ships, and from one of a made-up family:

- files with one bit turned over: half of the bits lie anywhere, half in the records of the archive;
- files whose description holds a hostile value: every field with every value of `hostile_models.HOSTILE`;
- archives with members that no model has, among them bombs: a few megabytes that unpack to gigabytes.

Each file must be refused in one line that names it, or, with a bit turned over, give the same model, or, with another
description, give a model that can be asked, shown and saved again. Prints the counts, the slowest file and the peak
memory. Ends with status 1 if a file did anything else, took more than `MAX_SECONDS`, or if the memory was more than
`MAX_BYTES`. About two minutes.
"""

from __future__ import annotations

import io
import json
import random
import resource
import shutil
import sys
import tempfile
import time
import warnings
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from fuzz_readers import check_refusal, expect
from hostile_models import hostile_abouts, hostile_archives, with_about
from made_up_families import made_up_task

from family_trees.engine.recipe import SMALL_BATCHES
from family_trees.models.model import Model
from family_trees.models.saved import load, save
from family_trees.models.training import train
from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError

MAX_SECONDS = 10.0
"""The most seconds of processor time that one file may take: to read it, ask it, save it and read it again."""


MAX_BYTES = 1_000_000_000
"""The most memory of the whole process."""


MAX_LINE = 600
"""The most characters of an error."""


FAMILY_PEOPLE = 60
"""People of the made-up family."""


def attempt(path: Path) -> Model | None:
    """The model that a file holds; None if it is refused in one line.

    Raises:
        AssertionError: it is refused in another way.
    """
    try:
        return load(path)
    except FamilyTreesError as problem:
        check_refusal(path, problem)
        text = str(problem)
        expect(len(text) < MAX_LINE + len(str(path)), f"{len(text)} characters: {text[:200]!a}")
        return None


def check_same(path: Path, original: Model) -> str:
    """How a file ends that must be refused or give the same model."""
    found = attempt(path)
    expect(found is None or found == original, "read as another model")
    return "refused" if found is None else "the same model"


def check_usable(path: Path) -> str:
    """How a file ends that must be refused or give a model that can be asked, shown and saved."""
    found = attempt(path)
    if found is None:
        return "refused"
    for case in found.task.cases[:3]:
        answer = found.ask(*case)
        expect(len(answer.ranking) == len(found.task.people), "does not answer")
        expect(repr(answer).isprintable(), "an answer steers the terminal")
    expect("<script" not in found._repr_html_() and bool(repr(found)), "cannot be shown")
    expect(len(found.right) == len(found.task.cases), "is not right or wrong in each case")
    again = path.with_name("again.npz")
    save(found, again)
    expect(load(again) == found, "is another one after it was saved again")
    return "read, and can be used"


def flipped(raw: bytes, draw: random.Random) -> bytes:
    """A file with one bit turned over."""
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        starts = [member.header_offset for member in archive.infolist()]
        directory = archive.start_dir
    if draw.random() < 0.5:
        place = draw.randrange(len(raw))
    elif draw.random() < 0.5:
        place = draw.randrange(directory, len(raw))
    else:
        place = draw.choice(starts) + draw.randrange(200)
    changed = bytearray(raw)
    changed[place] ^= 1 << draw.randrange(8)
    return bytes(changed)


def family_model() -> Model:
    """A model of a made-up family, hardly trained, with its course of learning."""
    recipe = replace(SMALL_BATCHES, name="short", sweeps=5)
    return train(made_up_task(FAMILY_PEOPLE, 1986), recipe, held_out=4, trajectory=True).model(0)


class Record:
    """How the files ended: counts by kind and end, failures, and the slowest file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ends: dict[str, Counter[str]] = {}
        self.failures: list[str] = []
        self.slowest = (0.0, "")

    def run(self, kind: str, name: str, write: Callable[[Path], object], check: Callable[[Path], str]) -> None:
        """Write a file, check how it ends, and remove it."""
        path = self.directory / "hostile.npz"
        write(path)
        start = time.process_time()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                end = check(path)
        except Exception as problem:
            end = "FAILED"
            self.failures.append(f"{kind}, {name}: {type(problem).__name__}: {str(problem)[:300]!a}")
        seconds = time.process_time() - start
        if seconds > MAX_SECONDS:
            self.failures.append(f"{kind}, {name}: took {seconds:.1f} s")
        self.slowest = max(self.slowest, (seconds, f"{kind}, {name[:60]!a}"))
        self.ends.setdefault(kind, Counter())[end] += 1
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)


def run_all(path: Path, record: Record, *, flips: int, draw: random.Random, gigabytes: float, every: int = 1) -> None:
    """Make hostile files from one model file, and record how they end.

    Args:
        path: a model file.
        every: of the descriptions, only every so many is tried.
    """
    original, raw = load(path), path.read_bytes()
    arrays: dict[str, Any] = dict(np.load(path))

    def same(damaged: Path) -> str:
        return check_same(damaged, original)

    for number in range(flips):
        record.run("bits", f"flip {number}", lambda place: place.write_bytes(flipped(raw, draw)), same)
    for number, (name, make) in enumerate(hostile_abouts(json.loads(arrays["about"].tobytes()))):
        if number % every == 0:
            record.run("descriptions", name, partial(with_about, arrays=arrays, about=make()), check_usable)
    for name, write in hostile_archives(raw, gigabytes):
        record.run("archives", name, write, check_usable if "huge" in name else same)


@click.command()
@click.option("--flips", default=10_000, show_default=True, help="How many bits are turned over, of both models.")
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--bomb-gigabytes", default=4.0, show_default=True, help="Size of the largest bomb when unpacked.")
def main(flips: int, seed: int, bomb_gigabytes: float) -> None:
    """Feed the reader of model files damaged and hostile files."""
    draw = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as directory:
        record = Record(Path(directory))
        family = Path(directory) / "family.npz"
        save(family_model(), family)
        for path in (data_file("model.npz"), family):
            run_all(path, record, flips=flips // 2, draw=draw, gigabytes=bomb_gigabytes)
    for kind, ends in record.ends.items():
        click.echo(
            f"{kind}: {sum(ends.values()):,} files: " + ", ".join(f"{n:,} {end}" for end, n in ends.most_common())
        )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    seconds, slowest = record.slowest
    click.echo(f"slowest: {seconds:.2f} s of processor time ({slowest}); peak memory: {memory / 1e6:,.0f} MB")
    if memory > MAX_BYTES:
        record.failures.append(f"memory: {memory:,} bytes")
    for failure in record.failures[:50]:
        click.echo(f"FAILED: {failure}", err=True)
    click.echo(f"{len(record.failures):,} failures")
    sys.exit(1 if record.failures else 0)


if __name__ == "__main__":
    main()
