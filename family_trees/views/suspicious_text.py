"""What a network makes of a family file, as text and for other programs: held-out cases, and two lists of facts."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import fill

from family_trees.analysis.judges import Judges
from family_trees.analysis.suspicious import LIST_LENGTH, held_out_by_relation, missing_facts, unlikely_facts
from family_trees.families.people import Triple
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.support.intervals import wilson

MOST_RELATIONS_LISTED = 24
"""The text names the held-out cases of at most this many relations."""


UNLIKELY = "of the least likely facts"

LIKELIER_THAN_NOT = 0.5


def check_text(
    model: Model,
    most: int = LIST_LENGTH,
    file: Task | None = None,
    judges: Judges | None = None,
    born: Mapping[str, int] | None = None,
) -> str:
    """How many held-out cases are right, by relation, and both lists of facts, as text."""
    has = model.task.words.has
    lines = [_held_out_text(model)] if model.held_out else []
    lists = (
        (
            missing_facts(model, most, file, judges, born),
            "of the surest predictions that are no facts",
            "they may be missing, or the prediction wrong",
        ),
        (
            unlikely_facts(model, most, file, judges),
            UNLIKELY,
            "they may be wrong, or only hard to infer",
        ),
    )
    for predictions, what, why in lists:
        if what == UNLIKELY and predictions and predictions[0].likelihood > LIKELIER_THAN_NOT:
            why = "none looks wrong, since all are likelier than not"
        lines += ["", f"{len(predictions)} {what}: {why}" if predictions else f"none {what}"]
        width = max([0, *(len(each.fact.person1) for each in predictions)])
        lines += [
            f"  {each.likelihood:.3f}  {each.fact.person1:<{width}}  {has}{each.fact.relation} {each.fact.person2}"
            + ("  (held out)" if each.held_out else "")
            for each in predictions
        ]
    return "\n".join(lines).strip()


def _held_out_text(model: Model) -> str:
    shares = held_out_by_relation(model)
    right, of = (sum(each[k] for each in shares.values()) for k in (0, 1))
    low, high = wilson(right, of)
    by_relation = ", ".join(
        f"{name} {share.right} of {share.of}" for name, share in [*shares.items()][:MOST_RELATIONS_LISTED]
    )
    by_relation += (
        f", and {len(shares) - MOST_RELATIONS_LISTED} more relations" if len(shares) > MOST_RELATIONS_LISTED else ""
    )
    return fill(
        f"held-out cases right, of this network: {right} of {of} ({right / of:.1%}; 95% interval {low:.1%} to "
        f"{high:.1%}), by relation: {by_relation}",
        100,
    )


def check_rows(
    model: Model,
    most: int = LIST_LENGTH,
    file: Task | None = None,
    judges: Judges | None = None,
    born: Mapping[str, int] | None = None,
) -> list[dict[str, object]]:
    """Both lists as rows for a table: `list` ("missing" or "unlikely"), the fact, `likelihood` and `held_out`."""
    return [
        {"list": name, **_fact(model, each.fact), "likelihood": round(each.likelihood, 6), "held_out": each.held_out}
        for name, predictions in (
            ("missing", missing_facts(model, most, file, judges, born)),
            ("unlikely", unlikely_facts(model, most, file, judges)),
        )
        for each in predictions
    ]


def _fact(model: Model, fact: Triple) -> dict[str, str]:
    return dict(zip(model.task.words.columns, fact, strict=True))


def check_json(
    model: Model,
    most: int = LIST_LENGTH,
    file: Task | None = None,
    judges: Judges | None = None,
    born: Mapping[str, int] | None = None,
) -> dict[str, object]:
    """How many held-out cases are right, by relation, and both lists of facts, ready for `json.dumps`."""
    shares = {name: share._asdict() for name, share in held_out_by_relation(model).items()}
    return {"held_out": shares, "facts": check_rows(model, most, file, judges, born)}
