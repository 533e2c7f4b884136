"""Words for numbers."""

from __future__ import annotations

import math
import unicodedata

PLURALS = {"person": "people", "child": "children", "family": "families"}
"""Of nouns that take more than an s."""


def count(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural where it is due: 1 case, 2 cases, 1,500 sweeps."""
    return f"{number:,} {noun_for(number, noun)}"


def noun_for(number: int, noun: str) -> str:
    """`noun`, in the plural where it is due."""
    return noun if number == 1 else PLURALS.get(noun, f"{noun}s")


def folded(name: str) -> str:
    """`name` as it is compared with others: in any case of letters, however many blanks part its words."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def number(value: float, form: str) -> str:
    """`value` in the format `form`; "not known" if there is none, such as the mean of no networks."""
    return "not known" if math.isnan(value) else f"{value:{form}}"
