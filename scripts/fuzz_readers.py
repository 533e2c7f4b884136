"""Throw made-up files at the readers of families: each must be read, or refused in one line.

python scripts/fuzz_readers.py --inputs 100000      about five minutes on one core; says how many were read and refused
"""

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

import click

from family_trees.errors import FamilyTreesError
from family_trees.families import load_families
from family_trees.genealogy import read_tree, to_gedcom

TAGS = ("INDI", "FAM", "NAME", "SEX", "HUSB", "WIFE", "CHIL", "BIRT", "DEAT", "DATE", "TRLR", "HEAD", "CHAR", "CONC")
VALUES = ("M", "F", "U", "Ann /Lee/", "12 MAY 1671", "ABT", "UTF-8", "ANSEL", "=1+1", "\u2028", "\x00", "a" * 300, "")
TABLES = ("person", "child", "marriage", "Ann", "Bob", "m", "f", '"', ",", "\t", "#", "kind", "aunt", "\ufeff", "")


SOUND = to_gedcom(load_families()).splitlines()
"""The trees of 1986, in which faults are made."""


def made_up(draw: random.Random) -> bytes:
    """A file: the trees of 1986 with faults, GEDCOM that makes no sense, a table with faults, or bytes."""
    kind = draw.random()
    if draw.random() < 0.4:
        lines = list(SOUND)
        for _ in range(draw.randrange(1, 6)):
            at = draw.randrange(len(lines))
            lines[at : at + 1] = draw.choice(
                ([], [lines[at]] * 2, [draw.choice(SOUND)], [lines[at][: len(lines[at]) // 2]])
            )
        raw = bytearray("\n".join(lines).encode())
        for _ in range(draw.choice((0, 0, 0, 1, 2))):
            raw[draw.randrange(len(raw))] = draw.randrange(256)
        return bytes(raw)
    if kind < 0.1:
        return draw.randbytes(draw.randrange(200))
    lines = []
    for _ in range(draw.randrange(30)):
        key = f"@{draw.choice('IF')}{draw.randrange(6)}@"
        if kind < 0.7:
            level, tag = draw.choice("0011123"), draw.choice(TAGS)
            value = draw.choice((key, *VALUES))
            lines.append(f"{level} {key} {tag}" if draw.random() < 0.3 else f"{level} {tag} {value}")
        else:
            lines.append(draw.choice(",\t").join(draw.choice(TABLES) for _ in range(draw.randrange(6))))
    head = "0 HEAD\n1 CHAR UTF-8\n" if kind < 0.7 else draw.choice(("kind,person,sex,other,parent2\n", ""))
    raw = bytearray((head + draw.choice(("\n", "\r\n", "\r")).join(lines)).encode())
    for _ in range(draw.choice((0, 0, 1, 3))):
        if raw:
            raw[draw.randrange(len(raw))] = draw.randrange(256)
    return bytes(raw)


@click.command()
@click.option("--inputs", default=100_000, show_default=True, help="How many files.")
@click.option("--seed", default=0, show_default=True, help="Of all random numbers.")
def main(inputs: int, seed: int) -> None:
    """Throw made-up files at the readers of families."""
    draw = random.Random(seed)  # noqa: S311
    ends: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "made-up"
        for number in range(inputs):
            content = made_up(draw)
            path.write_bytes(content)
            try:
                read_tree(path)
                ends["read"] += 1
            except FamilyTreesError as problem:
                ends["refused in one line"] += 1
                if len(str(problem).splitlines()) != 1:
                    sys.exit(f"input {number}: more than a line: {problem}")
            except Exception:
                Path("crash").write_bytes(content)
                click.echo(f"input {number} of seed {seed} is kept in ./crash", err=True)
                raise
    click.echo(", ".join(f"{count:,} {end}" for end, count in ends.items()))


if __name__ == "__main__":
    main()
