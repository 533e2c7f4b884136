"""Test what reads files with made-up inputs: each is read into what holds together, or refused in one line.

python scripts/fuzz_readers.py --inputs 200000 --seed 1      prints how many of each kind were read and how many refused
python scripts/fuzz_readers.py --samples ../shared/gedcom      also damages these files, besides the trees of 1986

`scripts/fuzz_page.py` does the same with links to the page and with its data.
"""

import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

import click
from made_up_inputs import GEDCOM_OF_1986, RECORDS_OF_1986, TRIPLES_OF_1986, study_file, tree_kinds

from family_trees.families.readers.tree import Reading, left_out_lines, read_tree
from family_trees.families.relations import RELATIONS
from family_trees.studies.study_file import Study, read_study
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import folded

SHARES: Mapping[str, float] = {
    "GEDCOM by grammar": 0.3,
    "tables by grammar": 0.15,
    "damaged trees": 0.25,
    "senseless GEDCOM": 0.1,
    "senseless tables": 0.05,
    "random bytes": 0.05,
    "study files": 0.1,
}
"""The kinds of inputs, and the share of each."""


LONGEST = 10.0
"""The most seconds that one input may take."""


MAX_WORDS = 200
"""The most characters of a label. What is left out may name a loop of descent, and so several people."""


def check_tree(path: Path) -> Reading | None:
    """Read the family file `path`, and check that the result holds together, or that it is refused in one line.

    Returns:
        What was read; None if it was refused.

    Raises:
        AssertionError: a check fails.
    """
    try:
        found = read_tree(path)
    except FamilyTreesError as problem:
        check_refusal(path, problem)
        return None
    expect(bool(found.triples), "no facts, and no word about it")
    expect(len({folded(name) for name in found.people}) == len(found.people), "two labels alike")
    expect(len({folded(name) for name in found.relations}) == len(found.relations), "two relations alike")
    expect(len(set(found.triples)) == len(found.triples), "a fact twice")
    for words in (*found.people, *found.relations, *left_out_lines(found.left_out)):
        expect(words.isprintable() and 0 < len(words) < MAX_WORDS, f"no readable label: {words!r}")
    people, relations = {*found.people}, {*found.relations}
    for triple in found.triples:
        kin = triple.relation.lower().removeprefix("has-") in RELATIONS
        expect(not kin or triple.person1 != triple.person2, f"their own relative: {triple}")
        expect({triple.person1, triple.person2} <= people and triple.relation in relations, f"nobody: {triple}")
    raw = path.read_bytes()
    lines = len(raw.splitlines()) + raw.count(b"\n")  # the latter for UTF-16
    for times, line in found.left_out.values():
        expect(times > 0 and (line is None or 0 < line <= lines), f"line {line} of {lines}")
    task = found.task()
    for name in found.people[:20]:
        expect(task.find_person(name) == task.find_person(name.lower()) == name, f"not found: {name}")
    for case in islice(task.cases, 20):
        expect(str(task.find_case(str(case))) == str(case), f"not found: {case}")
    return found


def check_study(path: Path) -> Study | None:
    """Read the study file `path`, and check that it is understood, or refused in one line.

    Returns:
        What was read; None if it was refused.

    Raises:
        AssertionError: a check fails.
    """
    try:
        study = read_study(path)
    except FamilyTreesError as problem:
        check_refusal(path, problem)
        return None
    expect(len({recipe.name for recipe in study.recipes}) == len(study.recipes) > 0, "two recipes of one name")
    expect(study.seeds > 0 and all(sweep >= 0 for sweep in study.checkpoints), "a number out of bounds")
    return study


def check_refusal(path: Path, problem: FamilyTreesError) -> None:
    """Check that a file is refused in one line that names it.

    Raises:
        AssertionError: it is not.
    """
    expect(len(str(problem).splitlines()) == 1, f"more than a line: {problem}")
    expect(str(problem).startswith(str(path)), f"no name of a file: {problem}")
    expect(str(problem).isprintable(), f"steers the terminal: {problem!r}")


def expect(holds: bool, problem: str) -> None:
    """Raise an `AssertionError` if something does not hold."""
    if not holds:
        raise AssertionError(problem)


def input_of(kind: str, number: int, seed: int, make: Callable[[random.Random], bytes]) -> bytes:
    """Input `number` of a kind. It depends on these numbers alone, so each one can be made again by itself."""
    return make(random.Random(f"{seed}, {kind}, {number}"))  # noqa: S311


@dataclass
class Tried:
    """What became of the inputs of one kind."""

    kind: str
    read: int = 0
    refused: int = 0
    failed: int = 0
    slowest: float = 0.0
    """Seconds of the slowest input."""
    peak: int = 0
    """Most bytes of memory that the process had, which Python and its libraries are part of."""


def try_kind(kind: str, count: int, seed: int, samples: Path | None, crashes: Path) -> Tried:
    """Try `count` inputs of a kind. Those that fail are kept in `crashes`."""
    sound = [GEDCOM_OF_1986, TRIPLES_OF_1986, RECORDS_OF_1986]
    if samples is not None:
        sound += [path.read_bytes() for path in sorted(samples.glob("*.ged"))]
    kinds = {**tree_kinds(sound), "study files": study_file}
    checked: Callable[[Path], object] = check_study if kind == "study files" else check_tree
    tried = Tried(kind)
    before = signal.signal(signal.SIGALRM, _too_slow)
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "made-up"
        for number in range(count):
            content = input_of(kind, number, seed, kinds[kind])
            path.write_bytes(content)
            start = time.perf_counter()
            signal.setitimer(signal.ITIMER_REAL, LONGEST)
            try:
                if checked(path) is None:
                    tried.refused += 1
                else:
                    tried.read += 1
            except Exception as problem:
                tried.failed += 1
                crashes.mkdir(exist_ok=True)
                kept = crashes / f"{kind.replace(' ', '-')}-{seed}-{number}"
                kept.write_bytes(content)
                click.echo(f"{kept}: {type(problem).__name__}: {problem}"[:500], err=True)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
            tried.slowest = max(tried.slowest, time.perf_counter() - start)
    signal.signal(signal.SIGALRM, before)
    tried.peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return tried


class TooSlowError(Exception):
    """An input took too long. It is no `OSError`, which readers turn into a refusal."""


def _too_slow(*_: object) -> None:
    raise TooSlowError(f"more than {LONGEST:.0f} seconds")


def lines_of(several: list[Tried]) -> list[str]:
    """What became of the inputs, as a table with a line for each kind and one for all."""
    total = Tried(
        "all",
        sum(each.read for each in several),
        sum(each.refused for each in several),
        sum(each.failed for each in several),
        max(each.slowest for each in several),
        max(each.peak for each in several),
    )
    head = f"{'kind':20}{'inputs':>10}{'read':>10}{'refused':>10}{'failed':>8}{'slowest':>11}{'memory':>10}"
    return [head] + [
        f"{each.kind:20}{each.read + each.refused + each.failed:10,}{each.read:10,}{each.refused:10,}{each.failed:8,}"
        f"{each.slowest:9.2f} s{each.peak / 1e6:7.0f} MB"
        for each in (*several, total)
    ]


@click.command()
@click.option("--inputs", default=100_000, show_default=True, help="How many inputs, of all kinds together.")
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--kind", "only", type=click.Choice([*SHARES]), multiple=True, help="This kind alone.")
@click.option("--samples", type=click.Path(path_type=Path, exists=True), help="A directory of GEDCOM files to damage.")
@click.option(
    "--crashes",
    default=Path("crashes"),
    show_default=True,
    type=click.Path(path_type=Path),
    help="For those that fail.",
)
def main(inputs: int, seed: int, only: tuple[str, ...], samples: Path | None, crashes: Path) -> None:
    """Test what reads files with made-up inputs."""
    kinds = {kind: share for kind, share in SHARES.items() if not only or kind in only}
    tried = []
    for kind, share in kinds.items():
        count = round(inputs * share / sum(kinds.values()))
        # Each kind has a process of its own, whose peak of memory is that of the kind.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            tried.append(pool.submit(try_kind, kind, count, seed, samples, crashes).result())
    click.echo("\n".join(lines_of(tried)))
    sys.exit(any(each.failed for each in tried))


if __name__ == "__main__":
    main()
