"""How fast is a sweep? This package against plain PyTorch and JAX versions of the same training, on one core.

    pip install -e '.[bench]'
    python scripts/benchmark.py [--networks 32] [--sweeps 200] [--repeats 5]

Prints microseconds per network and sweep, the best of some repeats taken in turn, and ratios. Before the timing, the
script checks that all versions end with the same weights. A version whose package is not installed is left out.
"""

from __future__ import annotations

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

import platform
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from family_trees.engine.arrays import Precision
from family_trees.engine.cases import Cases
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.network import BIAS, Connection, Weights
from family_trees.engine.recipe import DEFAULT, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import initial_weights, random_stream
from family_trees.support.machine import keep_freed_memory

NETWORK = FAMILY_TREE_NETWORK
Trainer = Callable[[], dict[Connection, NDArray[np.floating]]]
"""A function that trains the networks from the first weights, and gives the last ones."""


def setting(networks: int, sweeps: int, precision: Precision) -> tuple[Recipe, Weights, Cases]:
    """The input of every version: the default recipe, first weights, and cases with four of them held out."""
    task = family_trees_task()
    splits = [task.draw_held_out(4, random_stream(0, k, "split")) for k in range(networks)]
    training_mask = np.array([task.training_mask(split, precision) for split in splits])
    streams = [random_stream(0, k, "weights") for k in range(networks)]
    weights = initial_weights(NETWORK, DEFAULT.initial_range, streams, precision)
    return (
        replace(DEFAULT, sweeps=sweeps),
        weights,
        Cases(task.inputs(dtype=precision), task.desired(precision), training_mask),
    )


def ours(recipe: Recipe, weights: Weights, cases: Cases) -> Trainer:
    """The engine of this package, all networks at once."""

    def train() -> dict[Connection, NDArray[np.floating]]:
        *_, last = descend(NETWORK, recipe, initial_state(weights), cases)
        return last.weights

    return train


def in_torch(recipe: Recipe, weights: Weights, cases: Cases) -> Trainer:
    """Eager PyTorch, all networks at once: autograd, and the weight change written out."""
    import torch

    torch.set_num_threads(1)
    inputs = {name: torch.from_numpy(x) for name, x in cases.inputs.items()}
    desired, training_mask = torch.from_numpy(cases.desired), torch.from_numpy(cases.training_mask)[..., None]

    def train() -> dict[Connection, NDArray[np.floating]]:
        w = {c: torch.from_numpy(each.copy()).requires_grad_() for c, each in weights.items()}
        change = {c: torch.zeros_like(each) for c, each in w.items()}
        for t in range(1, recipe.sweeps + 1):
            y = dict(inputs)
            for layer in NETWORK.computed:
                seen = [below for below in layer.sees if below != BIAS]
                x = sum(y[below] @ w[Connection(below, layer.name)] for below in seen)
                y[layer.name] = torch.sigmoid(x + w[Connection(BIAS, layer.name)])
            wrong = y[NETWORK.output.name] - desired
            wrong = torch.where(wrong.abs() > recipe.margin, wrong, 0.0) * training_mask
            error = 0.5 * (wrong**2).sum()
            gradient = torch.autograd.grad(error, list(w.values()))
            epsilon, alpha = recipe.phase(t)
            with torch.no_grad():
                for (c, each), g in zip(w.items(), gradient, strict=True):
                    change[c] = alpha * change[c] - epsilon * g
                    each += change[c]
                    each *= 1 - recipe.decay
        return {c: each.detach().numpy() for c, each in w.items()}

    return train


def in_jax(recipe: Recipe, weights: Weights, cases: Cases) -> Trainer:
    """JAX, compiled: `grad`, with `vmap` over networks and `scan` over sweeps."""
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_enable_x64", True)
    inputs = {name: jnp.asarray(x) for name, x in cases.inputs.items()}
    desired, training_mask = jnp.asarray(cases.desired), jnp.asarray(cases.training_mask)[..., None]
    keys = list(weights)

    def error(w: list[Any], counts: Any) -> Any:
        by_name = dict(zip(keys, w, strict=True))
        y = dict(inputs)
        for layer in NETWORK.computed:
            seen = [below for below in layer.sees if below != BIAS]
            x = sum(y[below] @ by_name[Connection(below, layer.name)] for below in seen)
            y[layer.name] = jax.nn.sigmoid(x + by_name[Connection(BIAS, layer.name)])
        wrong = y[NETWORK.output.name] - desired
        wrong = jnp.where(jnp.abs(wrong) > recipe.margin, wrong, 0) * counts
        return 0.5 * jnp.sum(wrong**2)

    kind = cases.desired.dtype
    phases = np.array([recipe.phase(t) for t in range(1, recipe.sweeps + 1)], dtype=kind)

    def one_network(w: list[Any], counts: Any) -> Any:
        def sweep(state: tuple[list[Any], list[Any]], phase: Any) -> tuple[tuple[list[Any], list[Any]], None]:
            old, change = state
            gradient = jax.grad(error)(old, counts)
            change = [phase[1] * d - phase[0] * g for d, g in zip(change, gradient, strict=True)]
            decay_factor = jnp.asarray(1 - recipe.decay, dtype=kind)
            return ([(each + d) * decay_factor for each, d in zip(old, change, strict=True)], change), None

        (last, _), _ = jax.lax.scan(sweep, (w, [jnp.zeros_like(each) for each in w]), phases)
        return last

    compiled = jax.jit(jax.vmap(one_network))
    first = [jnp.asarray(w) for w in weights.values()]

    def train() -> dict[Connection, NDArray[np.floating]]:
        last = compiled(first, training_mask)
        return {c: np.asarray(each.block_until_ready()) for c, each in zip(keys, last, strict=True)}

    return train


def check(trainers: dict[str, Callable[[Recipe, Weights, Cases], Trainer]]) -> None:
    """Check that all versions end with the same weights, up to rounding, after a few sweeps in float64.

    Raises:
        SystemExit: one does not.
    """
    given = setting(2, 25, "float64")
    expected = ours(*given)()
    for name, make in trainers.items():
        for connection, w in make(*given)().items():
            if not np.allclose(w, expected[connection], rtol=1e-6, atol=1e-9):
                raise SystemExit(f"{name} does not train the same networks: {connection} differs")


@click.command()
@click.option("--networks", default=32, show_default=True, help="Networks trained at once.")
@click.option("--sweeps", default=200, show_default=True, help="Sweeps to time.")
@click.option("--repeats", default=5, show_default=True, help="Repeats of each version, in turn. The best counts.")
def main(networks: int, sweeps: int, repeats: int) -> None:
    """Time a sweep of this package, of PyTorch and of JAX, and print a table."""
    trainers: dict[str, Callable[[Recipe, Weights, Cases], Trainer]] = {"ours": ours}
    trainers |= {"PyTorch": in_torch} if find_spec("torch") else {}
    trainers |= {"JAX": in_jax} if find_spec("jax") else {}
    check(trainers)
    keep_freed_memory()
    precisions: tuple[Precision, ...] = ("float64", "float32")
    timed = {
        (name, count, precision): make(*setting(count, sweeps, precision))
        for precision in precisions
        for count in (1, networks)
        for name, make in trainers.items()
    }
    for train in timed.values():
        train()  # compile, and warm the caches
    best = dict.fromkeys(timed, float("inf"))
    with click.progressbar(range(repeats), label="timing", file=sys.stderr) as bar:
        for _ in bar:
            for key, train in timed.items():
                begun = time.perf_counter()
                train()
                best[key] = min(best[key], time.perf_counter() - begun)
    micro = {(name, n, kind): 1e6 * s / n / sweeps for (name, n, kind), s in best.items()}
    click.echo(f"{platform.machine()}, one core, Python {platform.python_version()}, NumPy {np.__version__}")
    click.echo("microseconds a network and sweep; ratio: to ours in blocks, of the same precision\n")
    click.echo(f"{'':10} {'networks':>8} {'precision':>10} {'us':>8} {'ratio':>7}")
    for (name, count, precision), time_taken in micro.items():
        ratio = time_taken / micro["ours", networks, precision]
        click.echo(f"{name:10} {count:8} {precision:>10} {time_taken:8.1f} {ratio:7.2f}")


if __name__ == "__main__":
    main()
