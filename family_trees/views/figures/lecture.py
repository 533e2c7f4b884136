"""The figures of the lecture: kinds of units, XOR, a line that is fitted, and saturated units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from family_trees.analysis.explain.line import LineFit, mean_squared_errors
from family_trees.analysis.explain.unit_examples import XOR_OF_THRESHOLDS, xor_weights
from family_trees.engine.network import BIAS, Architecture, Connection, Weights, forward
from family_trees.engine.units import UNIT_FUNCTIONS
from family_trees.models.symmetry import SmallRun
from family_trees.views.figures.style import ACCENT_COLOUR, GRID_STYLE, LINE_COLOURS, MUTED_COLOUR, Figure, styled

ORANGE = LINE_COLOURS[1]


@styled
def draw_units() -> Figure:
    """Every kind of unit: its activity and its slope, the factor of equation 5, by its total input."""
    x = np.linspace(-4, 4, 801)
    kinds: dict[str, tuple[NDArray[np.float64], NDArray[np.float64] | None]] = {}
    for kind, functions in UNIT_FUNCTIONS.items():
        if kind not in {"softmax", "threshold"}:  # softmax depends on the other units of its layer
            y = functions.activity(x)
            kinds[kind] = y, functions.slope(y)
    two = np.stack([x - 0.5, 1 - x])
    kinds["maxout: max(x \N{MINUS SIGN} 0.5, 1 \N{MINUS SIGN} x)"] = (
        two.max(axis=0),
        np.where(two[0] > two[1], 1.0, -1.0),
    )
    kinds["threshold: no slope to learn by"] = UNIT_FUNCTIONS["threshold"].activity(x), np.zeros_like(x)
    figure = Figure(figsize=(11, 5), layout="constrained")
    panels = figure.subplots(2, 4)
    for axes, (name, (y, slope)) in zip(panels.flat, kinds.items(), strict=False):
        _with_gaps(axes, x, y, color=ACCENT_COLOUR, lw=2.4)
        if slope is not None:
            _with_gaps(axes, x, slope, color=ORANGE, lw=1.8, ls="--")
        axes.set_title(name)
        axes.set_ylim(-1.6, 3.2)
        axes.axhline(0, color=MUTED_COLOUR, lw=0.6)
        axes.axvline(0, color=MUTED_COLOUR, lw=0.6)
        axes.set_xlabel("total input x")
    key = panels.flat[-1]
    key.axis("off")
    key.plot([], [], color=ACCENT_COLOUR, lw=2.4, label="activity y")
    key.plot([], [], color=ORANGE, lw=1.8, ls="--", label="slope dy/dx (equation 5)")
    key.legend(loc="center", frameon=False, fontsize=11)
    return figure


def _with_gaps(axes: Axes, x: NDArray[np.float64], y: NDArray[np.float64], **style: object) -> None:
    """A curve that is not joined where it jumps."""
    y = y.astype(float).copy()
    y[1:][np.abs(np.diff(y)) > 0.5] = np.nan
    axes.plot(x, y, **style)  # type: ignore[arg-type]


@styled
def draw_xor(learned: SmallRun) -> Figure:
    """XOR by threshold units whose weights are chosen by hand, and by a network that learned it.

    Args:
        learned: networks that were trained on XOR; the first one that learned it is drawn.

    Raises:
        ValueError: none learned it.
    """
    if not learned.solved.any():
        raise ValueError("no network learned XOR")
    place = int(np.argmax(learned.solved))
    weights = {name: each[[place]] for name, each in learned.weights.items()}
    figure = Figure(figsize=(9.6, 4.6), layout="constrained")
    by_hand, by_learning = figure.subplots(1, 2)
    _border(by_hand, XOR_OF_THRESHOLDS, xor_weights(), "x", "s", ("s1: NAND", "s2: OR"))
    by_hand.set_title("threshold units, weights by hand: y = AND(s1, s2)")
    _border(by_learning, learned.architecture, weights, "input", "hidden", ("hidden unit 1", "hidden unit 2"))
    by_learning.set_title("logistic units, weights learned")
    return figure


def _border(
    axes: Axes, network: Architecture, weights: Weights, inputs: str, hidden: str, names: Sequence[str]
) -> None:
    """The plane of the two inputs: what the network answers, the border of each hidden unit, and the four cases."""
    grid = np.linspace(-0.5, 1.5, 201)
    points = np.stack(np.meshgrid(grid, grid), axis=-1).reshape(-1, 2)
    y = forward(network, weights, {inputs: points})[network.output.name].reshape(len(grid), len(grid))
    axes.pcolormesh(grid, grid, y, cmap="Greys", vmin=-0.2, vmax=2.2, shading="nearest", rasterized=True)
    w, b = weights[Connection(inputs, hidden)][0], weights[Connection(BIAS, hidden)][0, 0]
    for k, (name, colour) in enumerate(zip(names, (ACCENT_COLOUR, ORANGE), strict=True)):
        axes.plot(grid, -(b[k] + w[0, k] * grid) / w[1, k], color=colour, lw=2, label=name)
    for (a, c), on in zip(((0, 0), (0, 1), (1, 0), (1, 1)), (0, 1, 1, 0), strict=True):
        axes.plot(a, c, "o", ms=13, mfc="black" if on else "white", mec="black", mew=1.5)
        axes.text(a, c - 0.2, "on" if on else "off", ha="center", va="center", fontsize=10)
    axes.set(xlim=(-0.5, 1.5), ylim=(-0.5, 1.5), xlabel="x1", ylabel="x2", xticks=(0, 1), yticks=(0, 1), aspect="equal")
    axes.legend(loc="upper right", framealpha=1, fontsize=9)


@styled
def draw_line(x: NDArray[np.float64], y: NDArray[np.float64], fits: Mapping[str, LineFit]) -> Figure:
    """A line on its way to its points, and the error by sweep for several sizes of batches.

    Args:
        x, y: the points, (points,) each.
        fits: by the name of its batches; the first is the one whose lines are drawn.
    """
    figure = Figure(figsize=(10.4, 4.4), layout="constrained")
    points, errors = figure.subplots(1, 2)
    points.plot(x[::5], y[::5], ".", ms=4, color="#b0b0b0")
    ends, (name, first) = np.array([-1.0, 1.0]), next(iter(fits.items()))
    sweeps = len(first.a) - 1
    for k, (sweep, colour) in enumerate(zip((0, sweeps // 5, sweeps), ("#8a8a8a", ORANGE, ACCENT_COLOUR), strict=True)):
        line = first.a[sweep] * ends + first.b[sweep]
        points.plot(ends, line, color=colour, lw=2)
        points.text(1.03, line[1], f"after {sweep}" if k else "before", color=colour, va="center", fontsize=9)
    points.set(xlim=(-1.05, 1.4), xlabel="x", ylabel="y", title=f"{name}: the line after sweeps")
    for (label, fit), colour in zip(fits.items(), LINE_COLOURS, strict=False):
        found = mean_squared_errors(fit, x, y)
        words = f"{label}: {fit.changes_per_sweep:,} change{'s' * (fit.changes_per_sweep != 1)} a sweep"
        errors.plot(range(len(found)), found, "o-", ms=3, color=colour, label=words)
    errors.set(xlabel="sweep", yscale="log", title="mean squared error")
    errors.xaxis.set_major_locator(MaxNLocator(integer=True))
    errors.grid(axis="y", **GRID_STYLE)
    errors.legend(frameon=False, fontsize=9)
    return figure


@styled
def draw_saturation(sizes: Mapping[str, float]) -> Figure:
    """What a wrong unit passes on, by its total input; and how large dE/dw is in each connection of a network.

    Args:
        sizes: the root mean square of dE/dw by connection, from the input to the output.
    """
    figure = Figure(figsize=(10.4, 4.4), layout="constrained")
    passed, sized = figure.subplots(1, 2)
    x = np.linspace(-6, 10, 321)
    y = UNIT_FUNCTIONS["logistic"].activity(x)
    passed.plot(x, y * UNIT_FUNCTIONS["logistic"].slope(y), color=ACCENT_COLOUR, lw=2.4)
    passed.plot(x, y, color=ORANGE, lw=2.4, ls="--")
    passed.text(2.9, 0.12, "squared error:\ny times the slope", color=ACCENT_COLOUR, fontsize=9.5)
    passed.text(2.6, 0.8, "cross-entropy: y", color=ORANGE, fontsize=9.5)
    passed.set(xlabel="total input x of an output unit that should be off", ylabel="dE/dx", title="what it passes on")
    passed.grid(axis="y", **GRID_STYLE)
    sized.barh(range(len(sizes)), [*sizes.values()], color=ACCENT_COLOUR)
    sized.set_yticks(range(len(sizes)), [*sizes])
    sized.set(xscale="log", xlabel="root mean square of dE/dw", title="how large dE/dw is, layer by layer")
    for k, size in enumerate(sizes.values()):
        sized.text(size * 1.1, k, f"{size:.2g}", va="center", fontsize=9)
    sized.set_xlim(min(sizes.values()) / 2, max(sizes.values()) * 3)
    return figure
