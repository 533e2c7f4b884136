"""Where the people of 1986 lie as vectors or matrices, before and after one rotation turns the Italians back."""

from __future__ import annotations

from typing import Any

import numpy as np

from family_trees.analysis.likeness import distance_to_equivalents
from family_trees.analysis.own_axes import matrices_of
from family_trees.families.of_1986 import equivalents
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError
from family_trees.support.prose import says
from family_trees.views.figures.codes import mark_equivalents, name_points, principal_plane
from family_trees.views.figures.style import Figure, styled
from family_trees.views.figures.view import View, paper_view

TOGETHER = 0.2
"""Equivalents lie together if their mean distance is below this share of that of others of the two nations."""

PANEL_POINTS = (300, 330)
"""The width and height of a panel, in points of print."""


@styled
def draw_turned_people(model: Model, view: View | None = None) -> Figure:
    """A map of the people of 1986, as they lie at the left; at the right with the Italians turned by one rotation.

    Each map is the plane of its first two principal components. Grey lines join equivalents.

    Raises:
        FamilyTreesError: the model has no matrices, or its people are not those of 1986.
    """
    view = view or paper_view()
    found = matrices_of(model)
    if found.turned is None:
        raise FamilyTreesError("these people are not those of 1986, who have equivalents")
    order = [model.task.person_index[name] for name in view.people]
    index = {name: k for k, name in enumerate(view.people)}
    pairs = np.array([index[equivalents()[name]] for name in view.people])
    figure = Figure(figsize=(10.4, 6.0), layout="constrained")
    what = "sign" if found.people.shape[2] == 1 else "rotation"
    distances = []
    for axes, matrices, name in zip(
        figure.subplots(1, 2),
        (found.people, found.turned),
        ("as they lie", f"Italians turned by one {what}"),
        strict=True,
    ):
        codes = matrices[order].reshape(len(order), -1)
        distances.append(float(distance_to_equivalents(codes[None], pairs)[0]))
        places, shares = principal_plane(codes)
        mark_equivalents(axes, places, view, alpha=0.6)
        reach = np.maximum(np.ptp(places, axis=0), 1e-9)
        axes.margins(0.16, 0.08)
        points = (places - places.min(axis=0)) / reach * PANEL_POINTS
        name_points(axes, places, points, view.people, 7.5)
        axes.set_title(f"{name}\nequivalents lie {distances[-1]:.2f} times as far apart as others")
        axes.set_xlabel(f"first component, {shares[0]:.0f}% of the variance")
        axes.set_ylabel(f"second component, {shares[1]:.0f}%" if len(shares) > 1 else "")
    legend: dict[str, Any] = {"loc": "outside lower left", "frameon": False, "ncols": 3}
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, title="larger: older generation", title_fontsize=9, **legend)
    title = says(
        distances[1] < TOGETHER,
        f"One {what} brings every Italian to the English equivalent",
        f"No one {what} brings the Italians to their English equivalents",
    )
    figure.suptitle(title, fontsize=12, fontweight="bold", x=0.01, ha="left")
    return figure
