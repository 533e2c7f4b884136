"""Equation 6 summed over cases, in eight partial sums for each weight (`ARITHMETIC.md`)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arithmetic import (
    PARTIAL_SUMS,
    add_case_codes,
    add_case_products,
    added,
    in_eights,
    in_turn,
)
from family_trees.engine.arrays import Array
from family_trees.engine.cases import Inputs
from family_trees.engine.network import Activities, Architecture, Connection, Weights
from family_trees.engine.onehot import OneHot


@dataclass(frozen=True)
class PartialSums:
    """dE/dw of every connection in eight partial sums over cases."""

    uses: dict[Connection, list[tuple[str, str]]]
    """The layers between which the weights of each connection stand: one below and one above, the highest first."""
    on: dict[Connection, NDArray[np.int64]]
    """For weights from one-hot inputs, the units that are on in some case: only these have sums."""
    sums: dict[Connection, Array]
    """(units below, units above, networks, 8)."""

    @classmethod
    def zero(cls, network: Architecture, weights: Weights, inputs: Inputs) -> PartialSums:
        """The sums before the first case. `inputs` are those of all cases to come."""
        uses: dict[Connection, list[tuple[str, str]]] = {connection: [] for connection in weights}
        for layer in reversed(network.computed):
            for below, connection in network.incoming(layer):
                uses[connection].append((below, layer.name))
        on, sums = {}, {}
        for connection, layers in uses.items():
            networks, below_units, above_units = weights[connection].shape
            codes = [y for below, _ in layers if isinstance(y := inputs.get(below), OneHot)]
            if len(codes) == len(layers):
                on[connection] = reduce(np.union1d, [each.units_on for each in codes])
                below_units = len(on[connection])
            sums[connection] = np.zeros((below_units, above_units, networks, PARTIAL_SUMS))
        return cls(uses, on, sums)

    def add(self, y: Inputs, dE_dx: Activities) -> None:
        """Add cases, in place. Before the last call, their number is a multiple of 8.

        Args:
            y: activities of every layer, and of the bias unit.
            dE_dx: dE/dx of every layer that contributes to E, (networks, cases, units).
        """
        d_of = {layer: in_eights(d) for layer, d in dE_dx.items()}
        networks = next(iter(dE_dx.values())).shape[0]
        y_of: dict[str, Array] = {}
        for connection, layers in self.uses.items():
            there = [(below, above) for below, above in layers if above in dE_dx]
            if not there:
                continue  # no layer with these weights contributes to E
            d = in_turn([d_of[above] for _, above in there])
            if connection in self.on:
                on = in_turn([self._slots(connection, y[below]) for below, _ in there])
                add_case_codes(self.sums[connection], on, d)
                continue
            for below, _ in there:
                if below not in y_of:
                    y_of[below] = _dense_eights(y[below], networks)
            add_case_products(self.sums[connection], in_turn([y_of[below] for below, _ in there]), d)

    def _slots(self, connection: Connection, codes: Array | OneHot) -> NDArray[np.int64]:
        """Which of the units with sums are on, (blocks, 1, 1, 8)."""
        assert isinstance(codes, OneHot)  # noqa: S101 - as in `zero`
        return in_eights(np.searchsorted(self.on[connection], codes.indices)[None, :, None])

    def added(self, weights: Weights) -> Weights:
        """dE/dw, in the shapes of `weights`."""
        found: Weights = {}
        for connection, sums in self.sums.items():
            found[connection] = np.zeros(weights[connection].shape)
            found[connection][:, self.on.get(connection, slice(None))] = added(sums).transpose(2, 0, 1)
        return found


def _dense_eights(y: Array | OneHot, networks: int) -> Array:
    dense = y.to_dense() if isinstance(y, OneHot) else y
    return in_eights(np.broadcast_to(dense, (networks, *dense.shape[-2:])))
