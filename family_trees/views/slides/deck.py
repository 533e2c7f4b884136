"""Which slides there are: the figures of the paper for the network that ships, then those of the lecture."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from family_trees.analysis.encoding import encodings
from family_trees.analysis.explain.chain_rule import chain_rule_of_example, chain_rule_of_model
from family_trees.analysis.explain.line import fit_line, points_near_a_line
from family_trees.analysis.explain.sizes import gradient_sizes
from family_trees.engine.network import Connection
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.symmetry import SmallRun, solution_form, symmetry_task, train_small_networks, xor_task
from family_trees.models.symmetry_solution import solution_to_draw
from family_trees.studies.training_tables import curve_means, curve_rows
from family_trees.support.prose import Prose
from family_trees.views.figures.activities import draw_activities
from family_trees.views.figures.chain_tree import draw_chain_trees
from family_trees.views.figures.curves import draw_curves
from family_trees.views.figures.iterative import draw_iterative
from family_trees.views.figures.lecture import draw_line, draw_saturation, draw_units, draw_xor
from family_trees.views.figures.style import Figure
from family_trees.views.figures.symmetry import draw_symmetry
from family_trees.views.figures.trees import draw_trees
from family_trees.views.figures.view import view_of
from family_trees.views.figures.weights import draw_weights
from family_trees.views.slides.slide import Slide

QUESTION = Case("Colin", "aunt")
WEIGHT = ("person Colin", "person code 2")
EARLY = 100
"""The sweep at which the chain rule is shown for a weight of the large network: errors are still large."""

SYMMETRY_NETWORKS, XOR_NETWORKS, XOR_SWEEPS, LINE_SWEEPS = 30, 20, 3000, 20


class Group(NamedTuple):
    """Slides under one heading."""

    title: str
    slides: tuple[Slide, ...]


def deck() -> tuple[Group, ...]:
    """All slides: every number in their texts is measured here."""
    model = load()
    symmetry = train_small_networks(symmetry_task(), networks=SYMMETRY_NETWORKS, seed=0)
    xor = train_small_networks(xor_task(), networks=XOR_NETWORKS, sweeps=XOR_SWEEPS, seed=1)
    x, y = points_near_a_line()
    fits = {
        name: fit_line(x, y, sweeps=LINE_SWEEPS, batch=batch)
        for name, batch in (("full batch", len(x)), ("batches of 100", 100), ("batches of 10", 10), ("single cases", 1))
    }
    sizes = gradient_sizes(model)
    large = chain_rule_of_model(model, QUESTION, WEIGHT, EARLY)
    apples, square = chain_rule_of_example("apples")
    view = view_of(model)
    words = Prose(
        "family_trees.views.slides",
        "slides.txt",
        _numbers(model, symmetry, xor)
        | {
            "fits": fits,
            "large": large.tree.sums[0],
            "early": EARLY,
            "smaller_below": all(a.root_mean_square < b.root_mean_square for a, b in pairwise(sizes)),
        },
    )
    curve = curve_means(curve_rows(model.recipe.name, [model.number], model.curve))

    def group(title: str, figures: Mapping[str, Figure]) -> Group:
        texts = {name: name.replace("-", "_") for name in figures}
        return Group(
            title,
            tuple(
                Slide(name, words(f"{texts[name]}_title"), words(f"{texts[name]}_text"), each)
                for name, each in figures.items()
            ),
        )

    return (
        group(
            "The paper",
            {
                "fig1-symmetry": draw_symmetry(solution_to_draw(symmetry)),
                "fig2-trees": draw_trees(view),
                "fig3-activities": draw_activities(model, QUESTION, view),
                "fig4-people": draw_weights(model, "person", view),
                "fig4-relations": draw_weights(model, "relation", view),
                "fig5-iterative": draw_iterative(),
                "learning-curves": draw_curves(curve, len(model.training_cases), len(model.held_out)),
            },
        ),
        group(
            "The lecture",
            {
                "chain-rule": draw_chain_trees(chain_rule_of_example("worked-example")),
                "chain-rule-apples": draw_chain_trees((apples,)),
                "chain-rule-square": draw_chain_trees((square,)),
                "chain-rule-nested": draw_chain_trees(chain_rule_of_example("nested")),
                "chain-rule-network": draw_chain_trees((large,)),
                "units": draw_units(),
                "xor": draw_xor(xor),
                "line": draw_line(x, y, fits),
                "saturation": draw_saturation({each.connection: each.root_mean_square for each in sizes}),
            },
        ),
    )


def _numbers(model: Model, symmetry: SmallRun, xor: SmallRun) -> dict[str, Any]:
    """What the titles say, under the conditions under which it is true."""
    answer = model.ask(*QUESTION)
    weights = model.weights[Connection("person", "person code")][0]
    best = {each.distinction: each.share for of in encodings(weights, model.task, "person") for each in of}
    drawn = solution_form(solution_to_draw(symmetry))
    return {
        "model": model,
        "answers": [each.person for each in answer.answers],
        "right": answer.right,
        "trained": not answer.held_out,
        "best": best,
        "cases_right": int(np.sum([model.right[case] for case in model.training_cases])),
        "symmetry": symmetry,
        "symmetry_solved": int(symmetry.solved.sum()),
        "as_in_the_paper": bool(np.all(drawn.as_in_the_paper)),
        "xor": xor,
        "xor_solved": int(xor.solved.sum()),
    }
