from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings

from family_trees.engine.recipe import DEFAULT
from family_trees.families.of_1986 import family_trees_task
from family_trees.families.task import Task
from family_trees.models.model import Model
from family_trees.models.training import Trained, train

# No property test waits for a clock, which a busy machine would fail, and all see the same examples each time.
settings.register_profile("no clock", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("no clock")

SHORT = replace(DEFAULT, name="short", sweeps=25)
"""A recipe that crosses from the first phase to the second, and takes no time."""


@pytest.fixture(scope="session")
def task() -> Task:
    return family_trees_task()


@pytest.fixture(scope="session")
def trained(task: Task) -> Trained:
    """Three networks, 25 sweeps."""
    return train(task, SHORT, seed=5, networks=3)


@pytest.fixture(scope="session")
def model(trained: Trained) -> Model:
    return trained.model(1)
