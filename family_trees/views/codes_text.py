"""What the units or the whole codes of a model tell, as text for the terminal or as data for other programs."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

from family_trees.analysis.composition import SELF, compositions
from family_trees.analysis.encoding import unit_table
from family_trees.analysis.products import naming, ranking, returns
from family_trees.analysis.readout import Readout, Rotation, readouts, rotation_between_trees
from family_trees.engine.embedding import Embedding
from family_trees.families.of_1986 import is_of_1986
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.support.prose import says
from family_trees.support.wording import aligned, count
from family_trees.views.units_text import units_json, units_text

OF_1986 = "1986"
"""The name of the network that stands beside a successor: the one that comes with the package."""


def analysis_text(model: Model, threshold: float) -> str:
    """What the units of a network encode; of vectors and matrices, what whole codes tell, then their numbers.

    Args:
        threshold: the least share of variance that counts as encoding.
    """
    table = unit_table(model.weights, model.task, [model.number], model.architecture)
    learner = model.architecture
    if not isinstance(learner, Embedding):
        return units_text(table, threshold)
    of_model = readouts(model.weights, model.task, learner)
    numbers = units_text(table, threshold, ("person code", "relation code"), "number")
    size = f"{learner.rows} numbers" if learner.columns == 1 else f"{learner.rows} x {learner.columns} numbers"
    kind = "vector" if learner.columns == 1 else "matrix"
    head = (
        f"A person is a {kind} of {size}, a relation a matrix. Single numbers mean little: turn all codes by one "
        "rotation, and every answer stays the same. So whole codes are measured first."
    )
    beside = _of_1986(model)
    parts = [fill(head, 79), *(_table(group, of_model, beside) for group in ("person", "relation"))]
    turned = rotation_between_trees(model.weights, model.task, learner)
    if turned is not None:
        parts.append(fill(rotation_text(turned, learner), 79))
    parts += [fill(each, 79) for each in products_text(model)]
    return "\n\n".join([*filter(None, parts), *(["The single numbers:"] if of_model else []), numbers])


def _of_1986(model: Model) -> list[Readout]:
    """The same measures of the network of 1986 that comes with the package; none for other facts."""
    if not is_of_1986(model.task):
        return []
    network = load()
    return readouts(network.weights, network.task, network.architecture)


def _table(group: str, of_model: Sequence[Readout], beside: Sequence[Readout]) -> str:
    """The shares of names that are told right, a row a code, and below it the share by chance."""
    rows = [(each.code, each) for each in of_model if (each.code == "relation code") == (group == "relation")]
    rows += [(f"{OF_1986}'s {each.code}", each) for each in beside if each.code == f"{group} code"]
    if not rows:
        return ""
    columns = list(dict.fromkeys(each.distinction for _, each in rows))
    noun = "people" if group == "person" else "relations"
    without = f"the {group}" + (" and the equivalent" if group == "person" and beside else "")
    lines = [["", *columns]]
    for name in dict.fromkeys(name for name, _ in rows):
        of_code = {each.distinction: each for label, each in rows if label == name}
        lines.append([name, *(f"{of_code[c].share:.0%}{'*' if of_code[c].above_chance else ' '}" for c in columns)])
        lines.append(["  by chance", *(f"{of_code[c].chance_level:.0%} " for c in columns)])
    head = f"{noun} told right by a direction fitted without {without}"
    note = "* more than by chance, which 19 of 20 shuffles of the names do not exceed"
    return "\n".join([head, *aligned(lines, least=6), note])


def rotation_text(turned: Rotation, learner: Embedding) -> str:
    """Whether one rotation takes one tree of 1986 into the other, in words."""
    met, what = round(turned.met * turned.pairs), "sign" if learner.columns == 1 else "rotation"
    numbers = (
        f"Fitted to {turned.pairs - 1} pairs of equivalents, it meets the other pair in {met} of {turned.pairs} cases "
        f"(by chance {turned.met_by_chance:.0%}). The mean distance is then {turned.distance:.2f} of the size of a "
        f"code; it is {turned.unturned:.2f} without the {what}."
    )
    finding = says(
        met == turned.pairs,
        f"One {what} takes each English person into the Italian equivalent.",
        f"No one {what} takes each English person into the Italian equivalent.",
    )
    return f"{finding} {numbers}"


def products_text(model: Model) -> list[str]:
    """Whether relations compose and undo each other, in paragraphs; none if nothing follows from the facts."""
    found = compositions(model.task)
    named, unnamed = ([q for each in found if bool(each.result) == known for q in each.questions] for known in (1, 0))
    paragraphs = []
    if named:
        by_name, of_people = naming(model, found), ranking(model, named)
        total = len(by_name.named)
        every = [each.composition for each in by_name.named]
        example = next((each for each in every if each.result not in (SELF, each.first, each.second)), every[0])
        paragraphs.append(
            says(
                by_name.right / total > max(0.5, by_name.chance_level),
                "Relations compose.",
                "Relations do not compose, or only some of them.",
            )
            + f" By the facts, {count(total, 'pair')} of relations make a third one, such as {example}. The product of "
            f"the two matrices comes nearest to the right one of {len(model.task.relations) + 1} in {by_name.right} of "
            f"{total} (by chance {by_name.right_by_chance:.0%}), and takes people to exactly the right ones in "
            f"{of_people.share:.0%} of {count(len(of_people.questions), 'question')} (by chance "
            f"{of_people.right_by_chance:.0%})."
        )
    if unnamed:
        without = ranking(model, unnamed)
        example = next(each for each in found if not each.result)
        paragraphs.append(
            f"Of pairs that no relation names, such as {example}, "
            f"{without.share:.0%} of {count(len(without.questions), 'question')} are answered exactly (by chance "
            f"{without.right_by_chance:.0%})."
        )
    back = returns(model)
    if back:
        people = sum(each.people for each in back)
        cosine, chance, met, growth = (
            sum(getattr(each, name) * each.people for each in back) / people
            for name in ("cosine", "cosine_by_chance", "met", "growth")
        )
        where = f"the nearest person is the one they began with in {met:.0%} of {count(people, 'case')}"
        paragraphs.append(
            f"A relation and then its inverse, such as {back[0].relation} and {back[0].inverse}, "
            + says(met > 0.5, f"lead back: {where}.", f"do not lead back: {where} only.")
            + f" The product makes a code {growth:.1f} times as long. The cosine of the angle between start and end is "
            f"{cosine:.2f} (by chance {chance:.2f})."
        )
    return paragraphs


def analysis_json(model: Model, threshold: float) -> list[dict[str, object]]:
    """What each unit encodes; before that, for vectors and matrices, what whole codes tell (their "unit" is null).

    The arguments are those of `analysis_text`.
    """
    rows = units_json(unit_table(model.weights, model.task, [model.number], model.architecture), threshold)
    if not isinstance(model.architecture, Embedding):
        return rows
    of_model = readouts(model.weights, model.task, model.architecture)
    beside = {(each.code, each.distinction): each for each in _of_1986(model)}
    codes: list[dict[str, object]] = []
    for code in dict.fromkeys(each.code for each in of_model):
        of_code = [each for each in of_model if each.code == code]
        row: dict[str, object] = {"layer": code, "unit": None}
        row["encodes"] = " and ".join(each.distinction for each in of_code if each.above_chance)
        for each in of_code:
            shares = {"told_right": each.share, "chance": each.chance_level}
            other = beside.get((code, each.distinction))
            shares |= {"told_right_1986": other.share, "chance_1986": other.chance_level} if other else {}
            row[each.distinction] = {name: round(share, 4) for name, share in shares.items()}
        codes.append(row)
    turned = rotation_between_trees(model.weights, model.task, model.architecture)
    if turned is not None:
        shares = {name: round(float(value), 4) for name, value in turned._asdict().items()}
        codes.append({"layer": "person code", "unit": None, "encodes": "", "rotation between the trees": shares})
    found = [each for each in compositions(model.task) if each.result]
    if found:
        by_name, of_people = naming(model, found), ranking(model, [q for each in found for q in each.questions])
        codes.append(
            {
                "layer": "relation code",
                "unit": None,
                "encodes": "",
                "composition": {
                    "pairs": len(found),
                    "nearest_right": by_name.right,
                    "nearest_right_by_chance": round(by_name.right_by_chance * len(found), 4),
                    "questions": len(of_people.questions),
                    "right": round(of_people.share, 4),
                    "chance": round(of_people.right_by_chance, 4),
                    "mean_rank": round(float(of_people.rank.mean()), 4),
                    "mean_rank_by_chance": round(of_people.rank_by_chance, 4),
                },
            }
        )
    return codes + rows
