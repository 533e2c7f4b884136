"""The judged claims as rows: read from CSV, and written as CSV, Markdown or text."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from textwrap import fill
from typing import Literal, NamedTuple

from family_trees.support.data import data_file
from family_trees.support.errors import FamilyTreesError
from family_trees.support.prose import interval
from family_trees.support.spreadsheets import csv_text


def claims_text(rows: Sequence[ClaimRow], *, in_full: bool = False) -> str:
    """The claims and their verdicts for the terminal, at most 80 columns wide.

    Args:
        in_full: also give what was measured, what else was tried, the rule, and the source.
    """

    def filled(text: str) -> str:
        return fill(text, 79, initial_indent="    ", subsequent_indent="    ")

    blocks = []
    for row in rows:
        lines = [f"{row.id}  {row.verdict.upper()}: {row.measured}; {row.networks:,} networks", filled(row.claim)]
        if in_full:
            tried = [f"Tried besides: {row.tried}."] if row.tried else []
            details = [f"Measured: {row.measure}.", *tried, f"Rule: {row.rule}.", f"Source: {row.source}."]
            lines += [filled(each) for each in details] + [f"    Again: {row.command}"]
        blocks.append("\n".join(lines))
    return ("\n\n" if in_full else "\n").join(blocks)


Verdict = Literal["replicated", "partly", "not replicated", "undecided"]
"""The verdicts; the rules stand in `claims`."""


ClaimKind = Literal["share", "difference", "none"]
"""What the value of a claim is: the share of networks that are as claimed, the difference of two such shares, or the
share of networks that contradict the claim, of which there should be none."""


class ClaimRow(NamedTuple):
    """A claim of the paper, its measurement and its verdict."""

    id: str
    claim: str
    """The claim in a few words."""
    source: str
    measure: str
    """What was measured, in words."""
    value: float
    """The share of networks, or the difference of two shares. The 95% interval is from `low` to `high`."""
    low: float
    high: float
    kind: ClaimKind
    """What the value is."""
    networks: int
    verdict: Verdict
    rule: str
    """The rule that decides the verdict."""
    tried: str
    """What else was tried, where the verdict is not "replicated"."""
    figure: str
    """The file name of the figure that shows it."""
    command: str
    """The command that measures it again."""

    @property
    def measured(self) -> str:
        """The value with its interval, in words."""
        if self.kind == "difference":
            return f"a difference of {self.value:+.1%} ({self.low:+.1%} to {self.high:+.1%})"
        share = interval((self.value, self.low, self.high))
        none = self.kind == "none" and not self.value
        return share.replace(share.split()[0], "no network does", 1) if none else share


def claims_csv(rows: Iterable[ClaimRow]) -> str:
    """The claims as CSV, a row a claim."""
    return csv_text(ClaimRow._fields, rows)


def claims_from_csv(text: str) -> list[ClaimRow]:
    """The claims that `claims_csv` wrote."""
    rows = []
    for row in csv.DictReader(io.StringIO(text)):
        kinds: dict[str, Callable[[str], object]] = {"value": float, "low": float, "high": float, "networks": int}
        rows.append(ClaimRow(**{name: kinds.get(name, str)(cell) for name, cell in row.items()}))  # type: ignore[arg-type]
    return rows


def claims_markdown_table(rows: Sequence[ClaimRow]) -> str:
    """The claims as a table in Markdown."""
    head = ("", "the paper says", "share of networks (95% interval)", "networks", "verdict")
    cells = [head, ("---",) * len(head)] + [
        (row.id, f"{row.claim} ({row.source})", row.measured, f"{row.networks:,}", f"**{row.verdict}**") for row in rows
    ]
    return "\n".join(f"| {' | '.join(each)} |" for each in cells)


RULES = "family_trees/studies/paper/rules.py"
"""Where the rules of the verdicts stand."""


def claims_markdown(rows: Sequence[ClaimRow], command: str) -> str:
    """The claims as a page of Markdown: the table, then each claim with what decides it."""
    paragraphs = []
    for row in rows:
        paragraphs += [
            "",
            f"**{row.id}**: {row.measure}. Rule: {row.rule}." + (f" Tried: {row.tried}." if row.tried else ""),
            f"Figure: [{row.figure}]({row.figure}). Again: `{row.command}`.",
        ]
    return "\n".join(
        [
            "# The claims of the paper",
            "",
            f"Written by `{command}`. Intervals are 95%: Wilson's for shares of networks, Newcombe's for a "
            f"difference of two (L1). The rules stand in [{RULES}](../{RULES}). They were written before the full run, "
            "after trials of up to 64 networks and, for F1 and F2, after studies of the recipes.",
            "",
            claims_markdown_table(rows),
            *paragraphs,
            "",
        ]
    )


@cache
def committed_rows() -> tuple[ClaimRow, ...]:
    """The claims as the full reproduction judged them: the table that comes with the package.

    Raises:
        FamilyTreesError: the table is not there.
    """
    packed = data_file("claims.csv")
    path = packed if packed.exists() else Path(__file__).parents[3] / "results" / "claims.csv"
    if not path.exists():
        raise FamilyTreesError(f"{path}: not there; 'family-trees reproduce --full' writes it")
    return tuple(claims_from_csv(path.read_text(encoding="utf-8")))
