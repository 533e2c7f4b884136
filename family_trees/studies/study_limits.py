"""Limits of study files: what is refused in one line before it costs time or memory."""

from __future__ import annotations

import tomllib
from typing import Any

from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import shown

MOST_BYTES = 200_000
"""The most bytes of a study file."""


MOST_DEPTH = 10
"""How deep the tables and lists of a study file may be nested."""


MOST_DOTS = 500
"""The most dots in a line of a study file. Keys of many more parts would keep the reader busy for minutes."""


MOST_RECIPES = 10_000
"""The most recipes of a study, with all departures and axes."""


MOST_DEPARTURE_SETS = 100_000
"""The most sets of departures that are tried together."""


MOST_NETWORKS = 1_000_000
"""The most networks of a study. So many train for days on two cores."""


MOST_DRAWN_SPLITS = 100_000
"""The most splits of a study that are drawn, over all numbers of held-out cases."""


MOST_DRAWN_CASES = 10_000_000
"""The most held-out cases of a study, over all splits that are drawn."""


MOST_SWEEPS = 10_000_000
"""The most sweeps of a recipe of a study, and the largest checkpoint."""


MOST_LISTED = 1000
"""The most checkpoints, sizes of committees, or numbers of held-out cases."""


MOST_NAME = 200
"""The most characters of the name of a recipe or departure."""


def parsed_toml(raw: bytes) -> dict[str, Any]:
    """The content of a TOML file, with values that are neither nested too deeply nor too large.

    Raises:
        FamilyTreesError: it is no TOML file, or one with such values, or one that would keep the reader busy.
    """
    for number, line in enumerate(raw.split(b"\n"), 1):
        if line.count(b".") > MOST_DOTS:
            raise FamilyTreesError(f"line {number} has {line.count(b'.'):,} dots; a line may have at most {MOST_DOTS}")
    try:
        entries = tomllib.loads(raw.decode("utf-8"))
    except RecursionError:
        raise FamilyTreesError(f"brackets are nested too deeply; at most {MOST_DEPTH} levels are allowed") from None
    except ValueError as problem:  # not TOML, not UTF-8, or a number of more digits than Python reads
        text = " ".join(str(problem).split())[:200]
        raise FamilyTreesError(f"not a TOML file: {''.join(c if c.isprintable() else '?' for c in text)}") from problem
    _check_values(entries)
    return entries


def _check_values(entries: dict[str, Any]) -> None:
    """Check that no value is nested too deeply, and that whole numbers have 64 bits, as TOML says.

    Raises:
        FamilyTreesError: one is or has not; names the key.
    """
    left: list[tuple[str, Any, int]] = [(key, value, 1) for key, value in entries.items()]
    while left:  # no recursion, so that the depth does not matter
        key, value, depth = left.pop()
        if depth > MOST_DEPTH:
            raise FamilyTreesError(f"{bare(key)}: nested too deeply; at most {MOST_DEPTH} levels are allowed")
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise FamilyTreesError(f"{bare(key)}: {shown(value)} is not allowed; give one of at most 64 bits")
        if isinstance(value, dict):
            left += [(name, each, depth + 1) for name, each in value.items()]
        elif isinstance(value, list):
            left += [(key, each, depth + 1) for each in value]


def check_count(count: int, most: int, what: str) -> None:
    """Check a count against its limit.

    Raises:
        FamilyTreesError: it is above; names the count, what is counted, and the limit.
    """
    if count > most:
        digits = int((count.bit_length() - 1) * 0.30103)  # Python refuses to write very long numbers out
        told = f"{count:,}" if digits < 18 else f"more than 10^{digits}"
        raise FamilyTreesError(f"{told} {what}; at most {most:,} are allowed")


def check_name(key: str, name: str) -> None:
    """Check the name of a recipe or of a departure.

    Raises:
        FamilyTreesError: it is too long, or has characters that control the terminal.
    """
    if len(name) > MOST_NAME or not name.isprintable():
        allowed = f"at most {MOST_NAME} characters, each of them printable"
        raise FamilyTreesError(f"{key}: {shown(name)} is not allowed; give {allowed}")


def bare(key: str) -> str:
    """A key as it stands in a message: without quotes, unless it is long or has characters that must be escaped."""
    return key if key.isprintable() and len(key) <= MOST_NAME else shown(key)
