"""Which relations make a third one, and whether the products of their matrices find the right people."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from family_trees.analysis.composition import SELF, Composition, compositions
from family_trees.analysis.products import Ranking, ranking
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError
from family_trees.support.prose import says
from family_trees.views.figures.layout import short_name
from family_trees.views.figures.style import MUTED_COLOUR, Figure, styled, writable

MOST_RELATIONS = 16
"""The most relations of the table: those with the most questions."""


@styled
def draw_composition(model: Model) -> Figure:
    """A table of two relations, one after the other. Each cell names the third one; the lighter, the more are right.

    A cell without a name leads to people that no relation names. An empty cell leads nowhere.

    Raises:
        FamilyTreesError: the model has no matrices, or no two relations lead anywhere.
    """
    found = compositions(model.task)
    if not found:
        raise FamilyTreesError("no two relations of these facts lead anywhere, one after the other")
    measured = ranking(model, [question for each in found for question in each.questions])
    shares: dict[tuple[str, str], list[bool]] = {}
    for question, right in zip(measured.questions, measured.right, strict=True):
        shares.setdefault((question.first, question.second), []).append(bool(right))
    return _draw(model, found, {pair: float(np.mean(each)) for pair, each in shares.items()}, measured)


def _draw(
    model: Model, found: tuple[Composition, ...], shares: Mapping[tuple[str, str], float], measured: Ranking
) -> Figure:
    counts = dict.fromkeys(model.task.relations, 0)
    for each in found:
        counts[each.first] += len(each.questions)
        counts[each.second] += len(each.questions)
    most = sorted(counts, key=lambda name: -counts[name])[:MOST_RELATIONS]
    names = [name for name in model.task.relations if name in most]
    values = np.full((len(names), len(names)), np.nan)
    figure = Figure(figsize=(max(2.6 + 0.62 * len(names), 7.6), max(2.2 + 0.4 * len(names), 3.2)), layout="constrained")
    axes = figure.subplots()
    for each in found:
        if each.first not in names or each.second not in names or (each.first, each.second) not in shares:
            continue
        row, column = names.index(each.first), names.index(each.second)
        share = values[row, column] = shares[each.first, each.second]
        text = "oneself" if each.result == SELF else short_name(each.result)[:12]
        colour = "black" if share > 0.5 else "white"
        axes.text(column, row, text or "\u2022", ha="center", va="center", fontsize=8, color=colour)
    image = axes.imshow(values, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    labels = [writable(short_name(name)) for name in names]
    axes.set_xticks(range(len(names)), [f"{name} of" for name in labels], rotation=90, color="black")
    axes.set_yticks(range(len(names)), labels, color="black")
    axes.tick_params(length=0)
    axes.xaxis.tick_top()
    for side in axes.spines.values():
        side.set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.6, format=lambda value, _: f"{value:.0%}")
    bar.set_label("questions answered exactly")
    finds = says(measured.share > 0.5, "finds", "does not find")
    more = says(measured.share > measured.chance_level, "", ", no more than shuffled relations")
    title = (
        f"The product of two matrices {finds} the people to whom two relations lead:\n{measured.share:.0%} of "
        f"{len(measured.questions):,} questions exactly right (by chance {measured.right_by_chance:.0%}){more}"
    )
    axes.set_title(title, x=0, fontsize=11, fontweight="bold", pad=14)
    example = next((each for each in found if each.result not in ("", SELF, each.first, each.second)), None)
    such = f", such as {short_name(str(example))}" if example else ""
    words = f"word: what the two relations make{such}; dot: no word for it; empty: nobody"
    axes.set_xlabel(words, color=MUTED_COLOUR)
    return figure
