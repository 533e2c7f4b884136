"""The findings of the first page: words from a template, numbers from the results, each with its picture and study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from family_trees.studies.paper.verdicts import ClaimRow
from family_trees.support.prose import Prose

PLACES = (
    ("meaning", "results/emergence.png", "results/report.html"),
    ("recipe", "results/studies/window.png", "results/studies/README.md#why-the-printed-recipe-fails"),
    ("twins", "results/studies/each-case.png", "results/studies/README.md#what-can-be-inferred"),
    ("successors", "results/studies/successors-sizes.png", "results/studies/README.md#the-successors"),
)
"""The findings: the name of its words in the template, its picture, and where it is told in full."""


@dataclass(frozen=True)
class Finding:
    """A finding of the first page."""

    name: str
    title: str
    text: str
    alt: str
    """What its picture shows."""
    picture: str
    """The file, from the folder of the checkout."""
    source: str
    """Where it is told in full: a file of the checkout, and the heading."""


def findings(claims: Sequence[ClaimRow], numbers: Mapping[str, Any], trained: int) -> tuple[Finding, ...]:
    """The findings, told with these numbers.

    Args:
        claims: the judged claims of the paper.
        numbers: those of the studies, by section: numbers.json.
        trained: how many networks were trained, of which those that learned were looked into.

    Raises:
        KeyError, jinja2.UndefinedError: a number is missing.
    """
    prose = _words(claims, numbers, trained)
    return tuple(
        Finding(name, prose(f"{name}_title"), prose(f"{name}_text"), prose(f"{name}_alt"), picture, source)
        for name, picture, source in PLACES
    )


def verdict_words(claims: Sequence[ClaimRow], numbers: Mapping[str, Any], trained: int) -> str:
    """How many claims of the paper hold, in a sentence."""
    return _words(claims, numbers, trained)("verdicts")


def _words(claims: Sequence[ClaimRow], numbers: Mapping[str, Any], trained: int) -> Prose:
    successors = numbers["successors"]
    learners = {row["recipe"]: row for row in successors["learners"]}
    return Prose(
        "family_trees.views.site",
        "findings.txt",
        {
            "claims": {row.id: row for row in claims},
            "verdicts": Counter(row.verdict for row in claims),
            "recipe": numbers["printed-recipe"],
            "change": numbers["smallest-change"],
            "inferred": numbers["inferred"],
            "successors": successors,
            "matrices": learners["matrices"],
            "network": learners["network of 1986"],
            "trained": trained,
            "both_needed": _both_needed(successors["decides"])
            and learners["matrices"]["held_out_share_rank"][1] > learners["network of 1986"]["held_out_share_rank"][2],
        },
    )


def _both_needed(decides: Mapping[str, Any]) -> bool:
    """Whether matrices with the penalty infer more than either matrices or a penalty alone; intervals apart."""
    by_rank = {name: row["by_rank"]["26"] for name, row in decides.items()}
    alone = ("matrices without the penalty", "network of 1986, softmax answers, five times the decay")
    return all(by_rank["matrices"][1] > by_rank[name][2] for name in alone)
