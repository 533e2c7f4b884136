"""Words and numbers in texts: plurals, counts, names as they are compared, and what files hold as it may be shown."""

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


MAX_SHOWN = 60
"""The most characters that a message quotes."""


def shown(value: object, most: int = MAX_SHOWN) -> str:
    """What a file or a user gave, as a message may quote it: in one line, escaped and short.

    Texts stand in quotes. Control characters, those that turn the direction of writing, line separators and lone
    surrogates are escaped, so that nothing in a file steers the terminal. What is longer than `most` characters is cut,
    and ends with three dots.
    """
    if isinstance(value, int) and value.bit_length() > 200:
        return f"a whole number of {value.bit_length():,} bits"  # Python refuses to write very long numbers out
    if isinstance(value, list | tuple | dict) and not value:
        return str(value)
    if isinstance(value, list | tuple):
        return f"a list of {count(len(value), 'value')}"
    if isinstance(value, dict):
        return f"a table of {count(len(value), 'value')}"
    text = repr(value[: most + 1] if isinstance(value, str) else value)
    return text if len(text) <= most + 2 else f"{text[: most - 2]}..."
