"""Words and numbers in texts: plurals, counts, names as they are compared, and what files hold as it may be shown."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

PLURALS = {"person": "people", "child": "children", "family": "families", "entity": "entities"}
"""The plurals of nouns that do not simply take an s."""


def count(number: int, noun: str) -> str:
    """`number` and `noun`, in the plural where needed: 1 case, 2 cases, 1,500 sweeps."""
    return f"{number:,} {noun_for(number, noun)}"


def noun_for(number: int, noun: str) -> str:
    """`noun`, in the plural where `number` needs it."""
    return noun if number == 1 else PLURALS.get(noun, f"{noun}s")


def joined_names(names: Sequence[str], most: int) -> str:
    """The first `most` names, separated by commas, and how many more there are."""
    return ", ".join(names[:most]) + (f", and {len(names) - most:,} more" if len(names) > most else "")


def folded(name: str) -> str:
    """`name` in the form in which names are compared: without case, and with single blanks between words."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


MAX_SHOWN = 60
"""The most characters of a text that a message quotes."""


UNPRINTED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb]")
"""Characters that may not stand in a name: those that control a terminal, end a line or turn the direction of writing,
and halves of pairs (lone surrogates), which no encoding has."""


def shown(value: object, most: int = MAX_SHOWN) -> str:
    """What a file or a user gave, as a message may quote it: in one line, escaped and short.

    Texts stand in quotes. Whatever steers a terminal or cannot be printed is escaped. A text of more than `most`
    characters is cut, and ends with three dots. Of long lists and of tables only the length is told.
    """
    if isinstance(value, int) and value.bit_length() > 128:
        return f"a whole number of {value.bit_length():,} bits"  # Python refuses to write very long numbers out
    if isinstance(value, dict):
        return f"a table of {count(len(value), 'field')}"
    if isinstance(value, list | tuple):
        if len(value) > 4 or any(isinstance(each, list | tuple | dict) for each in value):
            return f"a list of {count(len(value), 'value')}"
        return f"[{', '.join(shown(each, most // 2) for each in value)}]"
    text = repr(value[: most + 1] if isinstance(value, str) else value)
    return text if len(text) <= most + 2 else f"{text[: most - 2]}..."


def aligned(rows: Sequence[Sequence[str]], *, right: bool = True, least: int = 0) -> list[str]:
    """Rows of cells as lines, in columns two spaces apart.

    Args:
        right: whether the columns after the first are flush right.
        least: the least width of these columns.
    """
    widths = [max(least if k else 0, *map(len, column)) for k, column in enumerate(zip(*rows, strict=True))]
    places = [str.rjust if right and k else str.ljust for k in range(len(widths))]
    return ["  ".join(put(cell, w) for put, cell, w in zip(places, row, widths, strict=True)).rstrip() for row in rows]
