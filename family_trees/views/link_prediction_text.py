"""How well networks find facts, as text, as rows and as JSON."""

from __future__ import annotations

from typing import Any

import numpy as np

from family_trees.analysis.link_prediction import DIRECTIONS, FactsToFind, LinkPrediction
from family_trees.analysis.ranking import Estimate, Measures
from family_trees.support.intervals import wilson
from family_trees.support.wording import aligned, count, shown

MOST_RELATIONS_LISTED = 24
"""The text has at most this many relations: those with the most facts."""


MEASURES = ("mrr", "hits_at_1", "hits_at_3", "hits_at_10", "mean_rank")
"""The measures, in the order of tables."""


NAMES = ("MRR", "hits@1", "hits@3", "hits@10", "mean rank")
"""The measures as texts call them."""


def link_prediction_text(found: LinkPrediction) -> str:
    """The measures in each direction and by relation, and the cases that are right, for the terminal."""
    columns = [found.measures(direction) for direction in DIRECTIONS]
    asked = f"{count(len(found.facts), 'fact')} in {count(len(found.cases), 'case')}"
    one = count(len(found.task.people), found.task.words.one)
    lines = [f"{asked}, ranked among {one}; 95% intervals", ""]
    rows = [["", "both directions", *_questions(found)]]
    rows += [
        [name, *(_cell(key, getattr(each, key)) for each in columns)] for key, name in zip(MEASURES, NAMES, strict=True)
    ]
    lines += [*aligned(rows, right=False), ""]
    by_facts = sorted(found.relations, key=lambda name: -sum(fact.relation == name for fact in found.facts))
    listed = by_facts[:MOST_RELATIONS_LISTED]
    rows = [["relation, both directions", "facts", *NAMES]]
    for name in listed:
        each = found.measures(relation=name)
        rows.append([name, f"{each.facts:,}", *_short_cells(each)])
    lines += aligned(rows, right=False)
    if len(by_facts) > len(listed):
        lines.append(f"  and {count(len(by_facts) - len(listed), 'more relation')}: --csv has all")
    return "\n".join([*lines, "", *_cases(found)])


def _questions(found: LinkPrediction) -> tuple[str, str]:
    """The questions of both directions about the first fact."""
    one, relation, other = found.facts[0]
    has = found.task.words.has
    return f"tail: {one} {has}{relation} ?"[:30], f"head: ? {has}{relation} {other}"[:30]


def _cell(key: str, estimate: Estimate) -> str:
    form = {"mrr": "{:.3f}", "mean_rank": "{:,.1f}"}.get(key, "{:.1%}")
    if estimate.interval is None:
        return form.format(estimate.value)
    low, high = map(form.format, estimate.interval)
    return f"{form.format(estimate.value)} ({low} to {high})"


def _short_cells(each: Measures) -> list[str]:
    cells = [_cell("mrr", each.mrr)]
    return cells + [_cell(key, Estimate(getattr(each, key).value, None)) for key in MEASURES[1:]]


def _cases(found: LinkPrediction) -> list[str]:
    """Two lines: how many cases are right by each criterion."""
    lines = []
    for name, right, meaning in (
        ("by rank", found.right_by_rank, "told how many answers there are, its best are exactly these"),
        ("by threshold", found.right_by_threshold, "its own answers are exactly the right ones"),
    ):
        times, of = int(np.sum(right)), len(right)
        low, high = wilson(times, of)
        lines.append(f"cases right {name}: {times:,} of {of:,} ({times / of:.1%}; {low:.1%} to {high:.1%}); {meaning}")
    return lines


def link_prediction_rows(found: LinkPrediction) -> list[dict[str, Any]]:
    """A row for each direction, over all relations and for each: every measure with the ends of its interval."""
    rows = []
    for relation in (None, *found.relations):
        for direction in DIRECTIONS:
            each = found.measures(direction, relation)
            row: dict[str, Any] = {"relation": "all" if relation is None else relation, "direction": direction}
            row["facts"] = each.facts
            for key in MEASURES:
                value, interval = getattr(each, key)
                low, high = (None, None) if interval is None else interval
                row |= {key: _rounded(value), f"{key}_low": _rounded(low), f"{key}_high": _rounded(high)}
            rows.append(row)
    return rows


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)


def link_prediction_json(found: LinkPrediction) -> dict[str, Any]:
    """The measures over all facts and by relation, and the cases right by each criterion, ready for `json.dumps`."""
    overall: dict[str, Any] = {}
    by_relation: dict[str, dict[str, Any]] = {}
    for row in link_prediction_rows(found):
        relation, direction = row.pop("relation"), row.pop("direction")
        place = overall if len(overall) < len(DIRECTIONS) else by_relation.setdefault(relation, {})
        place[direction] = row
    cases = {
        "cases": len(found.cases),
        "right_by_rank": int(np.sum(found.right_by_rank)),
        "right_by_threshold": int(np.sum(found.right_by_threshold)),
    }
    return {
        "facts": len(found.facts),
        "entities": len(found.task.people),
        **cases,
        "overall": overall,
        "by_relation": by_relation,
    }


def test_file_notes(wanted: FactsToFind, source: str) -> list[str]:
    """A line about facts of a test file that cannot be asked for, and one about facts that were trained on."""
    notes = []
    if wanted.unknown:
        notes.append(
            f"left out: {count(len(wanted.unknown), 'fact')} of {source} with a name that the network does not know, "
            f"such as {shown(' '.join(wanted.unknown[0]))}"
        )
    if wanted.trained:
        notes.append(
            f"note: the network was trained on {len(wanted.trained):,} of the {count(len(wanted.facts), 'fact')} of "
            f"{source}, such as {shown(' '.join(wanted.trained[0]))}"
        )
    return notes
