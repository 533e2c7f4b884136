"""Networks before their first sweep: their first weights, their cases and splits, and the orders of their batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from family_trees.engine.cases import Cases, Orders
from family_trees.engine.descent import State, descend, initial_state
from family_trees.engine.embedding import Embedding
from family_trees.engine.learner import LayeredLearner
from family_trees.engine.network import Architecture, select_networks
from family_trees.engine.recipe import Recipe
from family_trees.families.task import Case, Task, cases_for
from family_trees.models.randomness import case_orders, initial_weights
from family_trees.models.successors import check_recipe
from family_trees.support.content import same_content
from family_trees.support.wording import count


@dataclass(frozen=True, eq=False, repr=False)
class Prepared:
    """Networks of one recipe that are ready to descend."""

    architecture: LayeredLearner
    """The architecture, with the units and biases of the recipe."""
    recipe: Recipe
    seed: int
    numbers: tuple[int, ...]
    """Which networks of the seed these are."""
    state: State
    """The state before the first sweep."""
    cases: Cases

    def __repr__(self) -> str:
        return f"Prepared({count(len(self.numbers), 'network')} of {self.recipe.name!r}, seed {self.seed})"

    def __eq__(self, other: object) -> bool:
        return same_content(self, other)

    __hash__ = None  # type: ignore[assignment]

    @property
    def orders(self) -> Orders:
        """The order of the training cases in each sweep, for recipes with batches."""
        return case_orders(self.seed, self.numbers, self.cases.training_mask)

    def descend(self, looks: Iterable[int] | None = None) -> Iterator[State]:
        """Train the networks, and yield their states at the sweeps in `looks`; by default at every sweep from 0 on."""
        return descend(self.architecture, self.recipe, self.state, self.cases, self.orders, looks)

    def block(self, first: int, networks: int) -> Prepared:
        """The `networks` networks from index `first` on. They train the same whatever is trained beside them."""
        members = slice(first, first + networks)
        weights = select_networks(self.state.weights, members)
        cases = replace(self.cases, training_mask=self.cases.training_mask[members])
        return replace(self, numbers=self.numbers[members], state=initial_state(weights), cases=cases)


def prepare(
    task: Task,
    recipe: Recipe,
    *,
    seed: int,
    numbers: Sequence[int],
    splits: Sequence[Sequence[Case]],
    architecture: LayeredLearner,
) -> Prepared:
    """Prepare the networks `numbers` of `seed` for training, each with its own split.

    Args:
        splits: for each network, the cases that it holds out.

    Raises:
        FamilyTreesError: the seed or a number is negative, the initial ranges do not fit the layers, or the recipe does
            not suit the learner.
    """
    network = recipe.apply_to(architecture) if isinstance(architecture, Architecture) else architecture
    if isinstance(network, Embedding):
        check_recipe(recipe)
    weights = initial_weights(network, recipe.initial_range, seed, numbers)
    cases = cases_for(task, splits)
    return Prepared(network, recipe, seed, tuple(numbers), initial_state(weights), cases)
