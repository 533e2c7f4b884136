"""A second reading of the arithmetic: `family_trees/engine/ARITHMETIC.md` as plain Python, without an array.

It is written from that page alone, sentence by sentence, and shares no code with the engines. The floats of Python are
IEEE doubles, and each `+`, `-`, `*` and `/` between them is rounded once, so it gives the weights to the last bit. It
is slow: about a tenth of a second for a sweep of the network of 1986. The tests hold the engines to it.
"""

from __future__ import annotations

import hashlib
import math
import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from family_trees.engine.network import BIAS, Architecture, Layer
from family_trees.engine.recipe import Recipe

WEIGHTS, SPLITS, ORDERS = range(3)
"""The purposes of the streams."""

WORD = 2**32

Matrix = list[list[float]]
"""The weights of a connection, or what belongs to them: a row for each unit of the lower layer."""

Parameters = dict[tuple[str, str], Matrix]
"""A matrix for each connection (lower layer, upper layer), in the order of the weights."""


# -- random numbers


def philox(counter: Sequence[int], key: Sequence[int]) -> tuple[int, int, int, int]:
    """The four random words of a counter and a key."""
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        upper1, lower1 = divmod(0xCD9E8D57 * c2, WORD)
        upper0, lower0 = divmod(0xD2511F53 * c0, WORD)
        c0, c1, c2, c3 = upper1 ^ c1 ^ k0, lower1, upper0 ^ c3 ^ k1, lower0
        k0, k1 = (k0 + 0x9E3779B9) % WORD, (k1 + 0xBB67AE85) % WORD
    return c0, c1, c2, c3


def stream(seed: int, number: int, purpose: int, sweep: int = 0) -> Iterator[float]:
    """The numbers u[0], u[1], ... of a stream."""
    block = 0
    while True:
        words = philox((block, purpose, number, sweep), (seed % WORD, seed // WORD))
        for high, low in (words[:2], words[2:]):
            yield ((high >> 5) * 2**26 + (low >> 6)) / 2**53
        block += 1


def first_weights(network: Architecture, ranges: Mapping[str, float], seed: int, number: int) -> Parameters:
    """The first weights of a network. `ranges` gives the initial range of each upper layer."""
    u = stream(seed, number, WEIGHTS)
    return {
        (below, layer.name): [
            [(2 * next(u) - 1) * ranges[layer.name] for _ in range(layer.units)]
            for _ in range(units_of(network, below))
        ]
        for layer in network.layers
        if layer.copies is None
        for below in layer.sees
    }


def held_out_places(cases: int, count: int, seed: int, number: int) -> set[int]:
    """The places of the held-out cases: those with the smallest numbers."""
    return set(_ranked(list(range(cases)), stream(seed, number, SPLITS))[:count])


def case_order(training_places: Sequence[int], seed: int, number: int, sweep: int) -> list[int]:
    """The places of the training cases in the order in which a sweep shows them."""
    return _ranked(training_places, stream(seed, number, ORDERS, sweep))


def _ranked(places: Sequence[int], u: Iterator[float]) -> list[int]:
    drawn = [(next(u), place) for place in places]
    return [place for _, place in sorted(drawn, key=lambda pair: pair[0])]  # the sort keeps the order of equal numbers


# -- the exponential function, and units

COEFFICIENTS = [float(Fraction(1, math.factorial(k))) for k in range(14)]
"""ck = 1 / k!, each rounded once."""


def exp(x: float) -> float:
    """The exponential function."""
    x = -708.0 if x < -708 else 708.0 if x > 708 else x
    shift = float.fromhex("0x1.8p+52")
    n = (x * float.fromhex("0x1.71547652b82fep+0") + shift) - shift
    r = (x - n * float.fromhex("0x1.62e42feep-1")) - n * float.fromhex("0x1.a39ef35793c76p-33")
    p = COEFFICIENTS[13]
    for c in COEFFICIENTS[12::-1]:
        p = p * r + c
    return math.ldexp(p, int(n))


def activity(kind: str, x: float) -> float:
    """The activity of a unit that is not a softmax unit."""
    if kind == "logistic":
        return 1 / (1 + exp(-x))
    if kind == "tanh":
        t = exp(-2 * abs(x))
        return math.copysign((1 - t) / (1 + t), x)
    if x > 0:
        return x
    return {"relu": 0.0, "leaky-relu": 0.1 * x, "elu": exp(x) - 1}[kind]


def slope(kind: str, y: float) -> float:
    """The slope of a unit, of its activity."""
    if kind == "logistic":
        return y * (1 - y)
    if kind == "tanh":
        return 1 - y * y
    if y > 0:
        return 1.0
    return {"relu": 0.0, "leaky-relu": 0.1, "elu": y + 1}[kind]


def softmax(x: Sequence[float]) -> list[float]:
    """The activities of a layer of softmax units."""
    largest = max(x)
    e = [exp(each - largest) for each in x]
    total = 0.0
    for each in e:
        total = total + each
    return [each / total for each in e]


# -- one case


@dataclass(frozen=True)
class PlainCase:
    """What a network is asked, and what it should answer."""

    inputs: Mapping[str, Sequence[float]]
    """The activities of each input layer."""
    desired: Sequence[float]
    is_training_case: bool = True


def units_of(network: Architecture, name: str) -> int:
    """The units of a layer."""
    return 1 if name == BIAS else next(layer.units for layer in network.layers if layer.name == name)


def incoming(network: Architecture, layer: Layer) -> list[tuple[str, tuple[str, str]]]:
    """Each layer that `layer` sees, with the connection that holds the weights."""
    owner = next(each for each in network.layers if each.name == (layer.copies or layer.name))
    return [(below, (role, owner.name)) for below, role in zip(layer.sees, owner.sees, strict=True)]


def forward(
    network: Architecture, w: Parameters, inputs: Mapping[str, Sequence[float]]
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """x and y of all layers, from the lowest up."""
    x: dict[str, list[float]] = {}
    y: dict[str, list[float]] = {BIAS: [1.0]} | {name: [float(each) for each in of] for name, of in inputs.items()}
    for layer in network.layers:
        if not layer.sees:
            continue
        total = [0.0] * layer.units
        for j in range(layer.units):
            for below, connection in incoming(network, layer):
                if below == BIAS:
                    total[j] = w[connection][0][j]
            for below, connection in incoming(network, layer):
                if below != BIAS:
                    for i, each in enumerate(y[below]):
                        total[j] = total[j] + each * w[connection][i][j]
        x[layer.name] = total
        y[layer.name] = softmax(total) if layer.kind == "softmax" else [activity(layer.kind, each) for each in total]
    return x, y


def target(case: PlainCase, recipe: Recipe) -> list[float]:
    """d of the output units."""
    if recipe.error_signal != "softmax":
        return [float(each) for each in case.desired]
    answers = sum(1 for each in case.desired if each)
    return [1 / answers if each else 0.0 for each in case.desired]


def backward(
    network: Architecture, w: Parameters, y: Mapping[str, Sequence[float]], case: PlainCase, recipe: Recipe
) -> dict[str, list[float]]:
    """dE/dx of every layer above the input."""
    output = network.layers[-1]
    dE_dx: dict[str, list[float]] = {output.name: []}
    for y_j, d_j in zip(y[output.name], target(case, recipe), strict=True):
        f = y_j - d_j
        if not case.is_training_case or (recipe.margin != 0 and abs(y_j - d_j) <= recipe.margin):
            f = 0.0
        dE_dx[output.name].append(f * (y_j * (1 - y_j)) if recipe.error_signal == "squared" else f)
    for layer in reversed(network.layers[:-1]):
        if not layer.sees:
            continue
        dE_dx[layer.name] = []
        for i in range(layer.units):
            dE_dy = 0.0
            for higher in reversed(network.layers):
                for below, connection in incoming(network, higher) if higher.sees else ():
                    if below == layer.name:
                        for j in range(higher.units):
                            dE_dy = dE_dy + dE_dx[higher.name][j] * w[connection][i][j]
            dE_dx[layer.name].append(dE_dy * slope(layer.kind, y[layer.name][i]))
    return dE_dx


# -- sums over cases, and a sweep


def in_tree(p: Sequence[float]) -> float:
    """The sum of eight partial sums."""
    q = [p[k] + p[k + 4] for k in range(4)]
    r = [q[0] + q[2], q[1] + q[3]]
    return r[0] + r[1]


def squared_error(network: Architecture, w: Parameters, cases: Sequence[PlainCase]) -> float:
    """E, equation 3."""
    p = [0.0] * 8
    for number, case in enumerate(cases):
        term = 0.0
        if case.is_training_case:
            _, y = forward(network, w, case.inputs)
            for y_j, d_j in zip(y[network.layers[-1].name], case.desired, strict=True):
                term = term + (0.5 * (y_j - d_j)) * (y_j - d_j)
        p[number % 8] = p[number % 8] + term
    return in_tree(p)


def gradient(network: Architecture, w: Parameters, cases: Sequence[PlainCase], recipe: Recipe) -> Parameters:
    """dE/dw, the sum over cases."""
    partial = {c: [[[0.0] * 8 for _ in row] for row in matrix] for c, matrix in w.items()}
    for number, case in enumerate(cases):
        _, y = forward(network, w, case.inputs)
        dE_dx = backward(network, w, y, case, recipe)
        for layer in reversed(network.layers):
            for below, connection in incoming(network, layer) if layer.sees else ():
                for i, y_i in enumerate(y[below]):
                    for j, back in enumerate(dE_dx[layer.name]):
                        p = partial[connection][i][j]
                        p[number % 8] = p[number % 8] + y_i * back
    return {c: [[in_tree(p) for p in row] for row in rows] for c, rows in partial.items()}


def train(
    network: Architecture,
    recipe: Recipe,
    cases: Sequence[PlainCase],
    w: Parameters,
    *,
    sweeps: int,
    seed: int = 0,
    number: int = 0,
) -> Parameters:
    """The weights after a number of sweeps. `seed` and `number` are those of the orders; `w` is not changed."""
    change: Parameters = {c: [[0.0] * len(row) for row in rows] for c, rows in w.items()}
    training_places = [place for place, case in enumerate(cases) if case.is_training_case]
    for sweep in range(1, sweeps + 1):
        if recipe.batch:
            order = case_order(training_places, seed, number, sweep)
            starts = range(0, len(order), recipe.batch)
            batches = [[cases[place] for place in order[start : start + recipe.batch]] for start in starts]
        else:
            batches = [list(cases)]
        for batch in batches:
            w, change = _changed(network, recipe, batch, w, change, sweep)
    return w


def _changed(
    network: Architecture, recipe: Recipe, cases: Sequence[PlainCase], w: Parameters, change: Parameters, sweep: int
) -> tuple[Parameters, Parameters]:
    """The weights after one change, and this change."""
    g = gradient(network, w, cases, recipe)
    n = sum(case.is_training_case for case in cases)
    phase = 0 if sweep <= recipe.first_phase else 1
    new_w: Parameters = {}
    new_change: Parameters = {}
    for below, above in w:
        connection = (below, above)
        epsilon, alpha = recipe.epsilon[phase], recipe.alpha[phase]
        if recipe.fan_in:
            seen = next(layer.sees for layer in network.layers if layer.name == above)
            epsilon = epsilon / sum(units_of(network, each) for each in seen)
        decays = sweep >= recipe.decay_from and (recipe.decay_biases or below != BIAS)
        new_w[connection], new_change[connection] = [], []
        for w_row, g_row, change_row in zip(w[connection], g[connection], change[connection], strict=True):
            gs = [each / n for each in g_row] if recipe.averaged else g_row
            cs = [alpha * before - epsilon * each for before, each in zip(change_row, gs, strict=True)]
            ws = [each + c for each, c in zip(w_row, cs, strict=True)]
            new_change[connection].append(cs)
            new_w[connection].append([each * (1 - recipe.decay) for each in ws] if decays else ws)
    return new_w, new_change


def fingerprint(w: Parameters) -> str:
    """The SHA-256 of the weights; a zero is written as positive."""
    numbers = [each + 0.0 for rows in w.values() for row in rows for each in row]
    return hashlib.sha256(struct.pack(f"<{len(numbers)}d", *numbers)).hexdigest()
