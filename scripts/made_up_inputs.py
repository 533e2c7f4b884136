"""Made-up inputs for `fuzz_readers.py`: families by a grammar, damaged ones, senseless ones, and study files.

Each generator takes a source of random numbers, so the same seed gives the same input.
"""

import random
from collections.abc import Callable, Mapping, Sequence

from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.readers.gedcom import to_gedcom

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
NAMES = (
    "Ann",
    "Bob",
    "Jürgen",
    "Zoë",
    "ליאור",
    "지은",
    "$\\frac{$",
    "</script>",
    "=1+1",
    "ann",
    "O'Hara",
    "Ann #1",
    "",
)
ENCODINGS = ("utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1", "cp437")
LARGE_FAMILY = 1500
"""People of the largest families that are made up: one family in 500."""


GEDCOM_OF_1986 = to_gedcom(load_families()).encode()
"""The trees of 1986 as a GEDCOM file."""
TRIPLES_OF_1986 = "\n".join(",".join(triple) for triple in family_trees_task().triples).encode()
RECORDS_OF_1986 = (
    "kind,person,sex,other,parent2,born,died\n"
    + "".join(f"person,{person.name},{person.sex}\n" for person in load_families().people)
    + "".join(f"marriage,{one},,{other}\n" for one, other in load_families().marriages)
    + "".join(f"child,{child},,{','.join(parents)}\n" for child, *parents in load_families().births)
).encode()
STUDY = b"""title = "made up"
seeds = 2
splits = 3
held_out = [4, 8]
checkpoints = [0, 100]
[departures]
"no decay" = { decay = 0.0 }
[axes]
decay_biases = [true, false]
[[recipes]]
base = "published"
name = "a recipe"
sweeps = 200
layers = [6, 6, 12, 6]
"""
STUDY_VALUES = (
    *("0", "-1", "1.5", "nan", "inf", "true", '""', '"each"', "[]", "[[]]", "{}", "10" * 30, "1e400", "1979-05-27"),
    *('[["Colin aunt"]]', '["Colin aunt"]', '"\\u0000"', '"\\u202e"', "[" * 60 + "]" * 60, "[0, 0.5]", '"published"'),
)


def gedcom_by_grammar(draw: random.Random) -> bytes:
    """A file as a genealogy program writes it, of a family with all that families and files may have.

    People have namesakes, unknown sexes and dates. Families have no parents, one or three, some of whom have no
    record; some are said by their members alone. There are loops of descent. A few files have a fault in a line.
    """
    size = LARGE_FAMILY if draw.random() < 0.002 else draw.randrange(1, 14)
    families = max(1, size * 2 // 3)
    code = draw.choice(ENCODINGS)
    lines = ["0 HEAD", "1 SOUR Made up", "1 GEDC", "2 VERS 5.5.1", f"1 CHAR {_char(code)}"]
    for k in range(size):
        given, surname = draw.choice(NAMES), draw.choice(NAMES)
        lines += [f"0 @I{k}@ INDI", f"1 NAME {given} {k if draw.random() < 0.5 else ''} /{surname}/"]
        lines += ["2 CONC x", "2 TYPE birth"] if draw.random() < 0.1 else []
        lines += [f"1 SEX {draw.choice('MMMFFFUX')}"] if draw.random() < 0.95 else []
        if draw.random() < 0.4:
            lines += ["1 BIRT", f"2 DATE {draw.choice(('', 'ABT ', 'BEF '))}{draw.randrange(1500, 2000)}"]
        lines += ["1 NOTE more", "2 CONT of it"] if draw.random() < 0.1 else []
        for tag in ("FAMS", "FAMC"):
            lines += [f"1 {tag} @F{draw.randrange(families + 2)}@"] if draw.random() < 0.2 else []
    for k in range(families):
        lines.append(f"0 @F{k}@ FAM")
        first = draw.randrange(size)
        for tag in draw.choice((("HUSB", "WIFE"), ("HUSB", "WIFE"), ("WIFE",), ("HUSB", "HUSB"), (), ("WIFE",) * 3)):
            key = f"I{draw.randrange(size)}" if draw.random() < 0.9 else draw.choice(("VOID", "I99999"))
            lines.append(f"1 {tag} @{key}@")
        children = draw.sample(range(size), min(size, draw.randrange(5)))
        for child in children:
            lines.append(f"1 CHIL @I{child if draw.random() < 0.8 else first}@")
    lines += ["0 TRLR"] if draw.random() < 0.9 else []
    if draw.random() < 0.2:
        lines.insert(draw.randrange(len(lines)), f"{draw.randrange(5)} {draw.choice(GEDCOM_TAGS)} {draw.choice(NAMES)}")
    return (draw.choice(("\n", "\r\n", "\r")).join(lines) + "\n").encode(code, "replace")


def _char(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp437": "IBMPC"}.get(
        encoding, "UNICODE" if "16" in encoding else "ANSI"
    )


def table_by_grammar(draw: random.Random) -> bytes:
    """Our CSV, or triples, as a spreadsheet writes them."""
    names = [f"{draw.choice(NAMES).replace('#', '')} {k}".strip() for k in range(draw.randrange(2, 12))]
    mark = draw.choice(",;\t")
    if draw.random() < 0.4:
        relations = draw.choices(("aunt", "Aunt", "has-friend", "best friend", "works for"), k=3)
        rows = [[draw.choice(names), draw.choice(relations), draw.choice(names)] for _ in range(draw.randrange(1, 20))]
    else:
        rows = [["kind", "person", "sex", "other", "parent2", "born"]]
        rows += [["person", name, draw.choice(("m", "f", "male", "", "x")), "", "", "1850"] for name in names]
        others = [*names, "Nobody", "unknown"]
        for _ in range(draw.randrange(12)):
            kind = draw.choice(("marriage", "child", "child"))
            rows.append([kind, draw.choice(names), "", draw.choice(others), draw.choice(("", *others)), ""])
    end = draw.choice(("\n", "\r\n", "\r"))
    return end.join(mark.join(f'"{cell}"' if "'" in cell else cell for cell in row) for row in rows).encode(
        draw.choice(ENCODINGS), "replace"
    )


def damaged(draw: random.Random, sound: bytes, largest: int = 400) -> bytes:
    """A valid file with lines lost, doubled, swapped, cut or copied elsewhere; it may also end early."""
    lines = sound.splitlines(keepends=True)
    if len(lines) > largest:
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


def senseless_gedcom(draw: random.Random) -> bytes:
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


def senseless_table(draw: random.Random) -> bytes:
    """Rows of words that tables hold, in any order."""
    rows = [draw.choice(",\t;").join(draw.choices(TABLE_CELLS, k=draw.randrange(6))) for _ in range(draw.randrange(12))]
    head = draw.choice(("kind,person,sex,other,parent2\n", "kind;person;sex;other\n", "", ""))
    return (head + draw.choice(("\n", "\r\n", "\r")).join(rows)).encode()


def garbled(draw: random.Random, raw: bytes) -> bytes:
    """`raw` in another encoding, or with other bytes in some places; often as it is."""
    if draw.random() < 0.3:
        raw = raw.decode("utf-8", "replace").encode(draw.choice(ENCODINGS), "replace")
    flipped = bytearray(raw)
    for _ in range(draw.choice((0, 0, 0, 1, 3, 20)) if flipped else 0):
        flipped[draw.randrange(len(flipped))] = draw.randrange(256)
    return bytes(flipped)


def study_file(draw: random.Random) -> bytes:
    """A study file: half of them with one or two other values, the others with lines damaged or bytes changed."""
    if draw.random() < 0.5:
        lines = STUDY.decode().splitlines()
        for _ in range(draw.randrange(3)):
            at = draw.randrange(len(lines))
            key, equals, _ = lines[at].partition(" = ")
            if equals:
                lines[at] = f"{draw.choice((key, key, key, 'key'))} = {draw.choice(STUDY_VALUES)}"
        return "\n".join(lines).encode()
    return garbled(draw, damaged(draw, STUDY))


def tree_kinds(sound: Sequence[bytes]) -> Mapping[str, Callable[[random.Random], bytes]]:
    """The kinds of made-up family files, by name. `sound` are the valid files that are damaged."""
    return {
        "GEDCOM by grammar": gedcom_by_grammar,
        "tables by grammar": table_by_grammar,
        "damaged trees": lambda draw: garbled(draw, damaged(draw, draw.choice(sound))),
        "senseless GEDCOM": lambda draw: garbled(draw, senseless_gedcom(draw)),
        "senseless tables": lambda draw: garbled(draw, senseless_table(draw)),
        "random bytes": lambda draw: draw.randbytes(draw.randrange(200)),
    }
