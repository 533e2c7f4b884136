"""How fast is a sweep? This package against plain versions of the same training in other ways, on one core.

    pip install -e '.[bench]'
    python scripts/benchmark.py [--networks 32] [--sweeps 200] [--repeats 5]

The others are NumPy with matrix products by BLAS, PyTorch and JAX. All compute in float64. The table has microseconds a
network and sweep, the best of some repeats taken in turn, and ratios to JAX, or to this package without JAX. Before the
timing, the script checks that all versions end with the same weights, up to rounding. A version whose package is not
installed is left out, and so is the compiled engine where it is not there. A second table has the successors of the
network, vectors and matrices, by each engine of this package.
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
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from importlib.util import find_spec
from itertools import product
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray

from family_trees.engine.cases import Cases
from family_trees.engine.compiled.library import ENGINE_VARIABLE, LEVELS, compiled_library
from family_trees.engine.descent import descend, initial_state
from family_trees.engine.learner import Learner
from family_trees.engine.network import BIAS, Connection, Weights
from family_trees.engine.recipe import DEFAULT, Recipe
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import initial_weights
from family_trees.models.successors import LearnerName, learner_for, successor_recipe
from family_trees.support.machine import keep_freed_memory

NETWORK = FAMILY_TREE_NETWORK
Trainer = Callable[[], dict[Connection, NDArray[np.float64]]]
"""A function that trains the networks from the first weights, and gives the last ones."""


def setting(networks: int, sweeps: int) -> tuple[Recipe, Weights, Cases]:
    """The input of every version: the default recipe, first weights, and cases with four of them held out."""
    task = family_trees_task()
    splits = [task.draw_held_out(4, 0, k) for k in range(networks)]
    training_mask = np.array([task.training_mask(split) for split in splits])
    weights = initial_weights(NETWORK, DEFAULT.initial_range, 0, range(networks))
    return (
        replace(DEFAULT, sweeps=sweeps),
        weights,
        Cases(task.inputs(), task.desired(), training_mask),
    )


def ours(recipe: Recipe, weights: Weights, cases: Cases, learner: Learner = NETWORK) -> Trainer:
    """The engine of this package that is chosen here."""

    def train() -> dict[Connection, NDArray[np.float64]]:
        (last,) = descend(learner, recipe, initial_state(weights), cases, looks=(recipe.sweeps,))
        return last.weights

    return train


def with_engine(engine: str, learner: Learner = NETWORK) -> Callable[[Recipe, Weights, Cases], Trainer]:
    """One engine of this package, by its name."""

    def make(recipe: Recipe, weights: Weights, cases: Cases) -> Trainer:
        chosen = ours(recipe, weights, cases, learner)

        def train() -> dict[Connection, NDArray[np.float64]]:
            os.environ[ENGINE_VARIABLE] = engine
            try:
                return chosen()
            finally:
                del os.environ[ENGINE_VARIABLE]

        return train

    return make


def in_blas(recipe: Recipe, weights: Weights, cases: Cases) -> Trainer:
    """NumPy, all networks at once, with products of matrices by the BLAS library."""
    inputs, mask = dict(cases.inputs), cases.training_mask[..., None]

    def train() -> dict[Connection, NDArray[np.float64]]:
        w = {c: each.copy() for c, each in weights.items()}
        change = {c: np.zeros_like(each) for c, each in w.items()}
        for t in range(1, recipe.sweeps + 1):
            y: dict[str, Any] = dict(inputs)
            for layer in NETWORK.computed:
                seen = [below for below in layer.sees if below != BIAS]
                x = w[Connection(BIAS, layer.name)] + sum(y[each] @ w[Connection(each, layer.name)] for each in seen)
                y[layer.name] = 0.5 * np.tanh(0.5 * x) + 0.5
            wrong = (y[NETWORK.output.name] - cases.desired) * mask
            dE_dy = {NETWORK.output.name: np.where(np.abs(wrong) > recipe.margin, wrong, 0)}
            epsilon, alpha = recipe.phase(t)
            gradient = {}
            for layer in reversed(NETWORK.computed):
                dE_dx = dE_dy[layer.name] * y[layer.name] * (1 - y[layer.name])
                for below in layer.sees:
                    c = Connection(below, layer.name)
                    if below == BIAS:
                        gradient[c] = dE_dx.sum(axis=1, keepdims=True)
                        continue
                    gradient[c] = y[below].mT @ dE_dx
                    if below not in inputs:
                        dE_dy[below] = dE_dx @ w[c].mT
            for c, g in gradient.items():
                change[c] = alpha * change[c] - epsilon * g
                w[c] = (w[c] + change[c]) * (1 - recipe.decay)
        return w

    return train


def in_torch(recipe: Recipe, weights: Weights, cases: Cases) -> Trainer:
    """Eager PyTorch, all networks at once: autograd, and the weight change written out."""
    import torch

    torch.set_num_threads(1)
    inputs = {name: torch.from_numpy(x) for name, x in cases.inputs.items()}
    desired, training_mask = torch.from_numpy(cases.desired), torch.from_numpy(cases.training_mask)[..., None]

    def train() -> dict[Connection, NDArray[np.float64]]:
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

    phases = np.array([recipe.phase(t) for t in range(1, recipe.sweeps + 1)])

    def one_network(w: list[Any], counts: Any) -> Any:
        def sweep(state: tuple[list[Any], list[Any]], phase: Any) -> tuple[tuple[list[Any], list[Any]], None]:
            old, change = state
            gradient = jax.grad(error)(old, counts)
            change = [phase[1] * d - phase[0] * g for d, g in zip(change, gradient, strict=True)]
            decay_factor = 1 - recipe.decay
            return ([(each + d) * decay_factor for each, d in zip(old, change, strict=True)], change), None

        (last, _), _ = jax.lax.scan(sweep, (w, [jnp.zeros_like(each) for each in w]), phases)
        return last

    compiled = jax.jit(jax.vmap(one_network))
    first = [jnp.asarray(w) for w in weights.values()]

    def train() -> dict[Connection, NDArray[np.float64]]:
        last = compiled(first, training_mask)
        return {c: np.asarray(each.block_until_ready()) for c, each in zip(keys, last, strict=True)}

    return train


def successor_trainers(engines: Sequence[str], networks: int, sweeps: int) -> dict[tuple[str, int], Trainer]:
    """Trainings of successors on the trees of 1986, by name and number of networks."""
    task, trainers = family_trees_task(), {}
    kinds: tuple[tuple[LearnerName, int], ...] = (("vectors", 12), ("matrices", 4), ("matrices", 6))
    for name, size in kinds:
        recipe, learner = replace(successor_recipe(name, 100), sweeps=sweeps), learner_for(task, name, size)
        for engine, count in product(engines, (1, networks)):
            _, _, cases = setting(count, sweeps)
            weights = initial_weights(learner, recipe.initial_range, 0, range(count))
            trainers[f"{name} {size}, {engine}", count] = with_engine(engine, learner)(recipe, weights, cases)
    return trainers


def best_seconds(trainers: Mapping[tuple[str, int], Trainer], repeats: int, label: str) -> dict[tuple[str, int], float]:
    """The shortest time of each training over some repeats, taken in turn."""
    for train in trainers.values():
        train()  # compile, and warm the caches
    best = dict.fromkeys(trainers, float("inf"))
    with click.progressbar(range(repeats), label=label, file=sys.stderr) as bar:
        for _ in bar:
            for key, train in trainers.items():
                begun = time.perf_counter()
                train()
                best[key] = min(best[key], time.perf_counter() - begun)
    return best


def check(trainers: dict[str, Callable[[Recipe, Weights, Cases], Trainer]]) -> None:
    """Check that all versions end with the same weights, up to rounding, after a few sweeps.

    Raises:
        SystemExit: one does not.
    """
    given = setting(2, 25)
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
    """Time a sweep of this package and of other programs, and print a table."""
    library = compiled_library()
    trainers: dict[str, Callable[[Recipe, Weights, Cases], Trainer]] = {}
    engines = [*(LEVELS[k] for k in range(library[1], -1, -1)), "numpy"] if library else ["numpy"]
    trainers |= {f"ours, {engine}": with_engine(engine) for engine in engines}
    trainers |= {"NumPy, BLAS": in_blas}
    trainers |= {"PyTorch": in_torch} if find_spec("torch") else {}
    trainers |= {"JAX": in_jax} if find_spec("jax") else {}
    check(trainers)
    keep_freed_memory()
    timed = {(name, count): make(*setting(count, sweeps)) for count in (1, networks) for name, make in trainers.items()}
    best = best_seconds(timed, repeats, "the network")
    micro = {(name, n): 1e6 * s / n / sweeps for (name, n), s in best.items()}
    click.echo(f"{platform.machine()}, one core, Python {platform.python_version()}, NumPy {np.__version__}")
    base = "JAX" if "JAX" in trainers else next(iter(trainers))
    click.echo(f"microseconds a network and sweep; ratio: to {base} with as many networks\n")
    click.echo(f"{'':14} {'networks':>8} {'us':>8} {'ratio':>7}")
    for (name, count), time_taken in micro.items():
        click.echo(f"{name:14} {count:8} {time_taken:8.1f} {time_taken / micro[base, count]:7.2f}")
    click.echo(f"\n{'':20} {'networks':>8} {'us':>8}")
    for (name, count), seconds in best_seconds(
        successor_trainers(engines, networks, sweeps), repeats, "the successors"
    ).items():
        click.echo(f"{name:20} {count:8} {1e6 * seconds / count / sweeps:8.1f}")


if __name__ == "__main__":
    main()
