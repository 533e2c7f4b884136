"""The figures of the studies draw what their tables say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import PolyCollection
from matplotlib.patches import Rectangle

from family_trees.views.figures.studies import (
    draw_bars,
    draw_calibration,
    draw_grid,
    draw_lines,
    draw_race,
    draw_window,
)


def shares(names: list[str], values: list[float], **others: list[float]) -> pd.DataFrame:
    low, high = ([value + step for value in values] for step in (-0.05, 0.05))
    return pd.DataFrame({"recipe": names, "right": values, "right_low": low, "right_high": high, **others})


def test_grid_of_shares() -> None:
    values = np.array([[0.0, 0.25], [np.nan, 1.0]])
    words = ("rows", "columns", "shares")
    figure = draw_grid({"one": values, "two": values}, ["a", "b"], ["x", "y"], words, "What it shows")
    assert [text.get_text() for text in figure.axes[1].texts] == ["0", "25", "100"]
    assert figure.axes[0].get_title(loc="left") == "one"
    assert figure.axes[-1].get_xlabel() == "shares"
    assert [text.get_text() for text in figure.texts] == ["What it shows"]


def test_lines_are_the_table() -> None:
    table = shares(["a", "a", "b", "b"], [0.4, 0.2, 0.5, 0.6], sweep=[100, 10, 10, 100])
    figure = draw_lines(table, "sweep", "sweeps", ("right", "cases right"), "")
    line, *_ = figure.axes[0].get_lines()
    assert np.asarray(line.get_xdata()).tolist() == [10, 100]
    assert np.asarray(line.get_ydata()) == pytest.approx([20, 40])
    named = {text.get_text(): text.xy[1] for text in figure.axes[0].texts}  # type: ignore[attr-defined]
    assert named == {"a": pytest.approx(40), "b": pytest.approx(60)}


def test_names_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    table = shares(["a", "b"], [0.4, 0.41], sweep=[100, 100])
    figure = draw_lines(table, "sweep", "sweeps", ("right", "cases right"), "")
    low, high = sorted(text.xy[1] for text in figure.axes[0].texts)  # type: ignore[attr-defined]
    assert high - low >= 7


def test_bars_are_the_table_from_the_top() -> None:
    strong = (["b"], "dark", "light")
    figure = draw_bars(shares(["a", "b"], [0.4, 0.9]), {"right": "cases right"}, "", strong=strong)
    (axes,) = figure.axes
    bars = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    assert [bar.get_width() for bar in bars] == pytest.approx([40, 90])
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert axes.yaxis_inverted()
    assert bars[0].get_facecolor() != bars[1].get_facecolor()
    assert [text.get_text() for text in axes.texts] == ["40", "90"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["dark", "light"]


def test_bars_stand_together_in_groups() -> None:
    table = shares(["a", "b", "a"], [0.4, 0.9, 0.1]).assign(how=["one", "one", "two"])
    (axes,) = draw_bars(table, {"right": "cases right"}, "", group="how").axes
    tops = [patch.get_y() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert np.diff(tops) == pytest.approx([1, 2])
    assert [text.get_text() for text in axes.texts if text.get_fontweight() == "bold"] == ["one", "two"]


def test_the_race_is_shaded_where_decay_wins() -> None:
    rows = [
        {"recipe": recipe, "sweep": sweep, "added": added, "taken": 0.1}
        for recipe, several in (("one", (0.01, 0.02)), ("two", (1.0, 2.0)))
        for sweep, added in enumerate(several)
    ]
    figure = draw_race(pd.DataFrame(rows), "")
    one, two = figure.axes
    assert "decay wins" in [text.get_text() for text in figure.legends[0].get_texts()]
    shaded = [[np.asarray(path.vertices).size for path in axes.collections[0].get_paths()] for axes in (one, two)]
    assert sum(shaded[0]) > 0
    assert sum(shaded[1]) == 0
    assert isinstance(one.collections[0], PolyCollection)


def test_the_window_shows_what_was_measured_and_the_bounds() -> None:
    table = pd.DataFrame(
        {
            "kind": ["a", "a", "b"],
            "initial_range": [1.0, 2.0, 1.0],
            "epsilon_factor": [1.0, 1.0, 5.0],
            "training_share": [0.1, 0.9, 0.5],
        }
    )
    bounds = pd.DataFrame(
        {"kind": ["a", "a"], "initial_range": [1.0, 2.0], "smallest": [2.0, 0.8], "largest": [20.0, 18.0]}
    )
    figure = draw_window(table, bounds, "")
    one, two = figure.axes[:2]
    for axes, values in ((one, [0.1, 0.9]), (two, [0.5])):
        assert np.ravel(np.asarray(axes.collections[0].get_array())) == pytest.approx(values)
        assert not axes.texts  # no number lies below a line
    largest, smallest = one.get_lines()
    assert np.asarray(smallest.get_ydata()).tolist() == [2.0, 0.8]
    assert np.asarray(largest.get_ydata()).tolist() == [20.0, 18.0]


def test_calibration_shows_the_means_of_fifths() -> None:
    table = pd.DataFrame({"predicted": np.linspace(0.1, 1.0, 10), "measured": np.linspace(0.0, 0.9, 10)})
    (axes,) = draw_calibration(table, ("predicted", "measured"), "").axes
    _, points, means = axes.get_lines()
    assert len(points.get_xdata()) == 10  # type: ignore[arg-type]
    assert np.asarray(means.get_xdata()) == pytest.approx([15, 35, 55, 75, 95])
    assert np.asarray(means.get_ydata()) == pytest.approx([5, 25, 45, 65, 85])
