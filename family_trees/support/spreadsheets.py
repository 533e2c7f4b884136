"""Tables as CSV text that spreadsheets can open: nothing in them is taken for a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Iterable


def csv_text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """A table as CSV text. No cell of it is a formula to a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([safe_for_spreadsheets(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return text.getvalue()


def safe_for_spreadsheets(cell: str) -> str:
    """A cell as it can safely stand in a spreadsheet: an apostrophe goes before anything that would be a formula.

    A formula may also begin after blanks or invisible characters, or with a full-width sign. It may begin after a
    semicolon, a tab or a line break, which separate cells in other tables.
    """
    parts = re.split(r"([;\t\r\n])", cell)
    safe = "".join(f"'{part}" if _is_formula(part) else part for part in parts)
    return f"'{safe}" if safe[:1] in ("\t", "\r", "\n") else safe


def _is_formula(text: str) -> bool:
    letters = (
        letter for letter in unicodedata.normalize("NFKC", text) if letter.isprintable() and not letter.isspace()
    )
    return next(letters, "a") in "=+-@"
