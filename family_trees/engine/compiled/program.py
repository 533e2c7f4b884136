"""Networks, cases and recipes as the compiled engine takes them."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Array, Indices
from family_trees.engine.cases import Cases, Inputs, Orders
from family_trees.engine.compiled.embedding_program import pack_embedding
from family_trees.engine.compiled.library import compiled_library
from family_trees.engine.compiled.packing import (
    SIGNALS,
    Answers,
    Numbers,
    Packed,
    PackedChange,
    answered,
    by_connection,
    desired_answers,
    evaluated,
    flat,
    pack_cases,
    pointer,
    pointers,
)
from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import Learner
from family_trees.engine.network import BIAS, Architecture, Weights
from family_trees.engine.onehot import OneHot
from family_trees.engine.units import ErrorSignal

KINDS = ("dense input", "one-hot input", "logistic", "tanh", "relu", "leaky-relu", "elu", "softmax")
"""The kinds of layers in the order of the enumeration in kernel.c."""

MOST_WORK = 2_000_000_000
"""Products of a call, at most about: a second. Between two calls, an interruption by the user is noticed."""

MOST_ORDERS = 2**21
"""Numbers of the orders of cases that are drawn for one call, at most."""


class _Network(ctypes.Structure):
    """`struct network` in kernel.c."""

    _fields_ = [
        *((name, ctypes.c_int64) for name in ("layers", "connections", "weights")),
        *((name, ctypes.c_void_p) for name in ("units", "kind", "first_seen", "seen", "seen_connection")),
        *((name, ctypes.c_void_p) for name in ("offset", "below", "above")),
    ]


@lru_cache(maxsize=64)
def _packed_network(network: Architecture, one_hot: frozenset[str]) -> Packed:
    """A network for C. `one_hot` are the input layers with one unit on."""
    place = {layer.name: k for k, layer in enumerate(network.layers)} | {BIAS: -1}
    connections = list(network.connections)
    shapes = np.array(list(network.connections.values()), dtype=np.int64)
    sizes = shapes[:, 0] * shapes[:, 1]
    kinds, first, seen, of = [], [0], [], []
    for layer in network.layers:
        name = layer.kind if layer.sees else "one-hot input" if layer.name in one_hot else "dense input"
        kinds.append(KINDS.index(name))
        incoming = network.incoming(layer) if layer.sees else []
        # The bias comes first, as sums over units begin with it.
        for below, connection in sorted(incoming, key=lambda each: each[0] != BIAS):
            seen.append(place[below])
            of.append(connections.index(connection))
        first.append(len(seen))
    units = [layer.units for layer in network.layers]
    arrays = tuple(np.array(each, dtype=np.int64) for each in (units, kinds, first, seen, of))
    rest = (np.cumsum(sizes) - sizes, np.ascontiguousarray(shapes[:, 0]), np.ascontiguousarray(shapes[:, 1]))
    arrays = (*arrays, *rest)
    structure = _Network(len(network.layers), len(connections), int(sizes.sum()), *map(pointer, arrays))
    return Packed(structure, arrays)


def _names(network: Architecture) -> list[str]:
    """The names of the layers, in the order in which C counts them."""
    return [layer.name for layer in network.layers]


def _on(codes: Array | OneHot) -> Numbers | None:
    """The unit that is on in each case, (cases,), where exactly one is on with activity 1; else None."""
    if isinstance(codes, OneHot):
        return codes.indices if codes.one_unit_each else None
    if codes.shape[-1] < 2 or np.any(np.count_nonzero(codes, axis=-1) != 1):
        return None
    on = np.argmax(codes, axis=-1)
    return on if np.all(np.take_along_axis(codes, on[:, None], axis=-1) == 1) else None


def _pack_inputs(network: Architecture, inputs: Inputs) -> tuple[dict[str, Numbers], dict[str, Array]] | None:
    """One-hot and dense inputs by layer; None where the compiled engine does not take them."""
    sees = {layer.name: layer.sees for layer in network.layers}
    copies = [(layer.name, layer.copies) for layer in network.layers if layer.copies]
    shared = {below for pair in copies for name in pair for below in sees[name]}
    one_hot: dict[str, Numbers] = {}
    dense: dict[str, Array] = {}
    for layer in network.inputs:
        codes = inputs[layer.name]
        if len(codes.shape) != 2:
            return None
        on = None if layer.name in shared else _on(codes)
        if on is not None:
            one_hot[layer.name] = np.ascontiguousarray(on, dtype=np.int64)
        elif isinstance(codes, OneHot):
            return None
        else:
            dense[layer.name] = np.ascontiguousarray(codes, dtype=np.float64)
    return one_hot, dense


def _pack(network: Architecture, inputs: Inputs, answers: Answers | None) -> tuple[Packed, Packed] | None:
    """A network and its cases for C; None where the compiled engine does not take them."""
    packed = _pack_inputs(network, inputs)
    if packed is None or any(layer.kind not in KINDS for layer in network.computed):
        return None
    count = int(next(iter(inputs.values())).shape[0])
    return _packed_network(network, frozenset(packed[0])), pack_cases(_names(network), count, *packed, answers)


def compiled_answers(network: Architecture, weights: Weights, inputs: Inputs) -> Array | None:
    """`forward`, and the activities of the output units, (networks, cases, units); None where NumPy has to do it."""
    return answered("answer", partial(_pack, network), network, weights, inputs)


def compiled_evaluation(
    network: Architecture, weights: Weights, cases: Cases, margin: float
) -> tuple[Array, NDArray[np.bool_]] | None:
    """The errors and the right cases of `packing.evaluated`."""
    return evaluated("evaluate", partial(_pack, network), network, weights, cases, margin)


@dataclass(frozen=True)
class Phase:
    """The settings of sweeps that change the weights in the same way."""

    first: int
    """The first of these sweeps, counted from 1."""
    last: int
    alpha: float
    epsilon: tuple[float, ...]
    """The step size of each connection, in their order."""
    factor: tuple[float, ...]
    """The share of the weights of each connection that decay leaves."""


@dataclass(frozen=True)
class Program:
    """The training of some networks, ready for the compiled engine."""

    network: Learner
    function: str
    """The function of the compiled file that trains such networks."""
    signal: ErrorSignal
    margin: float
    averaged: bool
    batch: int
    mask: Array
    orders: Orders | None
    packed_network: Packed
    packed_cases: Packed

    @classmethod
    def of(
        cls,
        learner: Learner,
        cases: Cases,
        *,
        signal: ErrorSignal,
        margin: float,
        averaged: bool,
        batch: int,
        orders: Orders | None,
    ) -> Program | None:
        """The program of a training; None where the readable engine has to do it."""
        if compiled_library() is None:
            return None
        answers = desired_answers(cases.desired, signal)
        if answers is None:
            return None
        if isinstance(learner, Architecture):
            packed, function = _pack(learner, cases.inputs, answers), "train"
        elif isinstance(learner, Embedding) and signal == "softmax" and not margin:
            packed, function = pack_embedding(learner, cases.inputs, answers), "train_embedding"
        else:
            return None
        if packed is None:
            return None
        mask = np.ascontiguousarray(cases.training_mask)
        return cls(learner, function, signal, margin, averaged, batch, mask, orders, *packed)

    def run(self, weights: Weights, change: Weights, phases: Iterator[Phase]) -> tuple[Weights, Weights]:
        """Train the networks through the sweeps of `phases`. The arrays that are given are not modified.

        Args:
            weights: per connection, (networks, units below, units above).
            change: the last changes of the weights, in the same shapes.

        Raises:
            ValueError: the recipe has batches, but there are no orders.
        """
        w, c = flat(weights, self.network), flat(change, self.network)
        for phase in phases:
            for first, last in self._calls(phase, len(w)):
                self._call(w, c, phase, first, last - first + 1)
        return by_connection(w, self.network), by_connection(c, self.network)

    def _calls(self, phase: Phase, networks: int) -> Iterator[tuple[int, int]]:
        """The sweeps of a phase in pieces of about a second: the first and the last sweep of each."""
        cases = self.mask.shape[-1]
        work = 3 * networks * cases * sum(below * above for below, above in self.network.connections.values())
        step = max(1, MOST_WORK // max(1, work))
        if self.batch:
            step = min(step, max(1, MOST_ORDERS // (networks * cases)))
        for first in range(phase.first, phase.last + 1, step):
            yield first, min(first + step - 1, phase.last)

    def _call(self, w: Array, c: Array, phase: Phase, first: int, sweeps: int) -> None:
        found = compiled_library()
        assert found is not None  # noqa: S101 - it was there when this program was made
        library, level = found
        orders: Indices | None = None
        if self.batch:
            if self.orders is None:
                raise ValueError("a recipe with batches needs the order of the cases")
            orders = np.ascontiguousarray(self.orders(first, sweeps), dtype=np.int64)
        epsilon, factor = (np.array(each, dtype=np.float64) for each in (phase.epsilon, phase.factor))
        margin = self.margin or -1.0
        how = PackedChange(
            SIGNALS.index(self.signal), self.averaged, margin, phase.alpha, pointer(epsilon), pointer(factor)
        )
        shown = 0 if orders is None else orders.shape[-1]
        counts = [ctypes.c_int64(each) for each in (len(w), sweeps)]
        failed = getattr(library, self.function)(
            ctypes.c_int64(level),
            self.packed_network(),
            self.packed_cases(),
            ctypes.byref(how),
            *counts,
            *pointers(w, c, None if orders is not None else self.mask, orders),
            ctypes.c_int64(shown),
            ctypes.c_int64(self.batch),
        )
        if failed:
            raise MemoryError
