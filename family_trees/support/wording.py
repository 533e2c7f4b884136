"""Words and numbers in texts: plurals, counts, and names as they are compared."""

from __future__ import annotations

import math
import unicodedata

PLURALS = {"person": "people", "child": "children", "family": "families"}
"""The plurals of nouns that do not simply take an s."""


def count(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural where needed: 1 case, 2 cases, 1,500 sweeps."""
    return f"{number:,} {noun_for(number, noun)}"


def noun_for(number: int, noun: str) -> str:
    """`noun`, in the plural where `number` needs it."""
    return noun if number == 1 else PLURALS.get(noun, f"{noun}s")


def folded(name: str) -> str:
    """`name` in the form in which names are compared: without case, and with single blanks between words."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def number(value: float, form: str) -> str:
    """`value` in the format `form`; "not known" for NaN, such as the mean over no networks."""
    return "not known" if math.isnan(value) else f"{value:{form}}"
