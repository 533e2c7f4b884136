"""Test the readers of families with made-up files: each is read into consistent facts, or refused in one line.

python scripts/fuzz_readers.py --inputs 100000      four minutes on one core; prints how many were read and refused
python scripts/fuzz_readers.py --samples ../shared/gedcom      also damages these files, besides the trees of 1986
"""

import random
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import click

from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.readers.gedcom import to_gedcom
from family_trees.families.readers.tree import Reading, left_out_lines, read_tree
from family_trees.families.task import Task
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import folded

GEDCOM_TAGS = (
    *("INDI", "FAM", "NAME", "SEX", "HUSB", "WIFE", "CHIL", "FAMS", "FAMC", "BIRT", "DEAT", "DATE", "TRLR", "HEAD"),
    *("CHAR", "CONC", "CONT", "SOUR", "TYPE", "SURN", "_MARNM", "NOTE", "chil"),
)
GEDCOM_VALUES = (
    *("M", "F", "U", "X", "Ann /Lee/", "/Lee/ Ann", "12 MAY 1671", "ABT", "BET 1640 AND 1650", "0000", "999", "UTF-8"),
    *("ANSEL", "ANSI", "UNICODE", "MYHERITAGE", "ALTREE", "=1+1", "\u2028", "\x00", "\x1b[2J", "\u202e", "a" * 300, ""),
    *("@VOID@", "@#DJULIAN@ 1 MAY 1500", "@", "@@", "@ @", "Ann (1671-)", "Ann #1", "ann", "Jürgen", "\u1e9e"),
)
TABLE_CELLS = (
    *("person", "child", "marriage", "Ann", "ann", "Bob", "m", "f", '"', ",", ";", "\t", "#", "kind", "aunt", "Aunt"),
    *("has-", "has-aunt", "best friend", "\ufeff", "\x1b[2J", "=1+1", "Ann #1", "b" * 300, "1671", '"Lee, Ann"', ""),
)
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "cp437")
GEDCOM_OF_1986 = to_gedcom(load_families()).encode()
"""The trees of 1986 as a GEDCOM file."""
TRIPLES_OF_1986 = "\n".join(",".join(triple) for triple in family_trees_task().triples).encode()
RECORDS_OF_1986 = (
    "kind,person,sex,other,parent2,born,died\n"
    + "".join(f"person,{person.name},{person.sex}\n" for person in load_families().people)
    + "".join(f"marriage,{one},,{other}\n" for one, other in load_families().marriages)
    + "".join(f"child,{child},,{','.join(parents)}\n" for child, *parents in load_families().births)
).encode()


def made_up_file(
    draw: random.Random, sound: Sequence[bytes] = (GEDCOM_OF_1986, TRIPLES_OF_1986, RECORDS_OF_1986)
) -> bytes:
    """A file: a valid one with faults, senseless GEDCOM, a senseless table, or random bytes."""
    kind = draw.random()
    if kind < 0.05:
        return draw.randbytes(draw.randrange(200))
    if kind < 0.5:
        raw = _damaged(draw, draw.choice(sound))
    elif kind < 0.8:
        raw = _senseless(draw)
    else:
        rows = [
            draw.choice(",\t;").join(draw.choices(TABLE_CELLS, k=draw.randrange(6))) for _ in range(draw.randrange(12))
        ]
        head = draw.choice(("kind,person,sex,other,parent2\n", "kind;person;sex;other\n", "", ""))
        raw = (head + draw.choice(("\n", "\r\n", "\r")).join(rows)).encode()
    if draw.random() < 0.3:
        raw = raw.decode("utf-8", "replace").encode(draw.choice(ENCODINGS), "replace")
    flipped = bytearray(raw)
    for _ in range(draw.choice((0, 0, 0, 1, 3, 20)) if flipped else 0):
        flipped[draw.randrange(len(flipped))] = draw.randrange(256)
    return bytes(flipped)


def _damaged(draw: random.Random, sound: bytes) -> bytes:
    """A valid file with lines lost, doubled, swapped, cut or copied elsewhere; it may also end early."""
    lines = sound.splitlines(keepends=True)
    if len(lines) > 400:
        at = draw.randrange(len(lines) - 300)  # a part of a large one, which is quicker
        lines = [*lines[:20], *lines[at : at + 300], *lines[-300:]]
    for _ in range(draw.randrange(1, 12)):
        at, other = draw.randrange(len(lines)), draw.randrange(len(lines))
        fault = draw.randrange(6)
        if fault == 0:
            lines[at : at + 1] = []
        elif fault == 1:
            lines[at : at + 1] = [lines[at]] * 2
        elif fault == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif fault == 3:
            lines[at] = lines[at][: draw.randrange(len(lines[at]) + 1)]
        elif fault == 4:
            lines[at] = lines[other]
        else:
            lines[at] = draw.choice((b" ", b"\n", b'"', b";", b"\x00", b"1 NAME ", b"2 CONC ")) + lines[at]
        lines = lines or [b""]
    whole = b"".join(lines)
    return whole[: draw.randrange(len(whole) + 1)] if draw.random() < 0.2 else whole


def _senseless(draw: random.Random) -> bytes:
    """Lines of GEDCOM in any order, most of them about a few people and families."""
    lines = [f"0 HEAD\n1 CHAR {draw.choice(GEDCOM_VALUES)}"]
    for _ in range(draw.randrange(40)):
        kind = draw.choice("IIF")
        key = f"@{kind}{draw.randrange(6)}@"
        way = draw.random()
        if way < 0.3:
            lines.append(f"0 {key} {'FAM' if kind == 'F' else 'INDI'}")
        elif way < 0.5:
            lines.append(f"1 {draw.choice(('NAME', 'SEX'))} {draw.choice(('M', 'F', *GEDCOM_VALUES))}")
        elif way < 0.8:
            tag = draw.choice(("FAMS", "FAMC") if kind == "F" else ("HUSB", "WIFE", "CHIL"))
            lines.append(f"1 {tag} {key}")
        else:
            lines.append(f"{draw.choice('0011123')} {draw.choice(GEDCOM_TAGS)} {draw.choice((key, *GEDCOM_VALUES))}")
    return draw.choice(("\n", "\n", "\r\n", "\r")).join([*lines, draw.choice(("", "0 TRLR"))]).encode()


def check(path: Path) -> Reading | None:
    """Read `path`, and check that the result is consistent, or that it is refused in one line.

    Returns:
        What was read; None if it was refused.

    Raises:
        AssertionError: a check fails.
    """
    try:
        found = read_tree(path)
    except FamilyTreesError as problem:
        _expect(len(str(problem).splitlines()) == 1, f"more than a line: {problem}")
        _expect(str(problem).startswith(str(path)), f"no name of a file: {problem}")
        _expect(str(problem).isprintable(), f"steers the terminal: {problem!r}")
        return None
    _expect(bool(found.triples), "no facts, and no word about it")
    _expect(len({folded(name) for name in found.people}) == len(found.people), "two labels alike")
    _expect(len({folded(name) for name in found.relations}) == len(found.relations), "two relations alike")
    _expect(len(set(found.triples)) == len(found.triples), "a fact twice")
    for words in (*found.people, *found.relations, *left_out_lines(found.left_out)):
        _expect(words.isprintable() and 0 < len(words) < 200, f"no readable label: {words!r}")
    for triple in found.triples:
        _expect(triple.person1 != triple.person2, f"their own relative: {triple}")
        _expect({triple.person1, triple.person2} <= set(found.people[:1000]), f"nobody: {triple}")
    lines = len(path.read_bytes().splitlines()) + path.read_bytes().count(b"\n")  # the latter for UTF-16
    for times, line in found.left_out.values():
        _expect(times > 0 and (line is None or 0 < line <= lines), f"line {line} of {lines}")
    task = Task(found.people, found.relations, found.triples)
    for name in found.people[:20]:
        _expect(task.find_person(name) == task.find_person(name.lower()) == name, f"not found: {name}")
    for case in islice(task.cases, 20):
        _expect(str(task.find_case(str(case))) == str(case), f"not found: {case}")
    return found


def _expect(holds: bool, problem: str) -> None:
    if not holds:
        raise AssertionError(problem)


@click.command()
@click.option("--inputs", default=100_000, show_default=True, help="How many files.")
@click.option("--seed", default=0, show_default=True, help="Seed of all random numbers.")
@click.option("--samples", type=click.Path(path_type=Path, exists=True), help="A directory of GEDCOM files to damage.")
def main(inputs: int, seed: int, samples: Path | None) -> None:
    """Test the readers of families with made-up files."""
    draw = random.Random(seed)  # noqa: S311
    sound = [GEDCOM_OF_1986, TRIPLES_OF_1986, RECORDS_OF_1986]
    if samples is not None:
        sound += [path.read_bytes() for path in sorted(samples.glob("*.ged"))]
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "made-up"
        for number in range(inputs):
            content = made_up_file(draw, sound)
            path.write_bytes(content)
            try:
                ends["refused in one line" if check(path) is None else "read"] += 1
            except Exception:
                Path("crash").write_bytes(content)
                click.echo(f"input {number} of seed {seed} is kept in ./crash", err=True)
                raise
    click.echo(", ".join(f"{count:,} {end}" for end, count in ends.items()))


if __name__ == "__main__":
    sys.exit(main())
