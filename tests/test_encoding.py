"""What units encode: planted structure is found, shuffled structure is not."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from family_trees.analysis.distinctions import distinctions
from family_trees.analysis.encoding import (
    ENCODING_THRESHOLD,
    encoding_words,
    encodings,
    named_layers,
    unit_table,
    without_nationality,
)
from family_trees.analysis.likeness import distance_to_equivalents, nearness_of_equivalents, similarity
from family_trees.analysis.usefulness import error_rise_by_weight, rank_correlation, unit_sizes_and_rises
from family_trees.analysis.variance import chance_level, eta_squared, eta_squared_by_chance
from family_trees.engine.cases import Cases
from family_trees.engine.learning import squared_error
from family_trees.engine.network import Connection, forward
from family_trees.engine.recipe import DEFAULT
from family_trees.families.of_1986 import family_trees_task, load_families
from family_trees.families.relations import RELATIONS
from family_trees.families.task import Case, Task
from family_trees.models.layered import FAMILY_TREE_NETWORK
from family_trees.models.randomness import initial_weights
from family_trees.models.training import train

PEOPLE = [person.name for person in load_families().people]
OF_PEOPLE = {each.name: each.group_numbers(PEOPLE) for each in distinctions("person", family_trees_task())}


def test_generations_and_branches_of_the_paper() -> None:
    families = load_families()
    assert [families.generation(name) for name in ("Christopher", "Margaret", "Victoria", "Colin", "Sophia")] == [
        *(1, 2, 2, 3, 3),
    ]
    branch = dict(zip(PEOPLE, OF_PEOPLE["branch"].tolist(), strict=True))
    assert len({branch[name] for name in ("Christopher", "Penelope", "Arthur", "Margaret", "Victoria", "Emilio")}) == 1
    assert len({branch[name] for name in ("Andrew", "Christine", "James", "Jennifer", "Charles", "Marco")}) == 1
    assert branch["Arthur"] != branch["James"]
    assert branch["Colin"] == branch["Sophia"] == -1
    assert np.bincount(OF_PEOPLE["generation"]).tolist() == [8, 12, 4]


def test_relations() -> None:
    found = {
        each.name: dict(zip(RELATIONS, each.group_numbers(RELATIONS).tolist(), strict=True))
        for each in distinctions("relation", family_trees_task())
    }
    assert found["sex"]["wife"] == found["sex"]["aunt"] != found["sex"]["uncle"]
    step = found["generation step"]
    assert step["father"] == step["aunt"] != step["wife"] == step["brother"] != step["niece"] == step["son"]
    with pytest.raises(ValueError, match="no distinctions"):
        distinctions("central", family_trees_task())


def test_share_explained_by_hand() -> None:
    values = np.array([[0.0, 1], [0, 2], [2, 1], [2, 2], [9, 9]])
    groups = np.array([0, 0, 1, 1, -1])
    assert eta_squared(values, groups) == pytest.approx([1, 0])
    assert eta_squared(np.array([[0.0], [2], [2], [4]]), np.array([0, 0, 1, 1])) == pytest.approx([0.5])
    assert eta_squared(np.ones((3, 4, 2)), np.array([0, 0, 1, 1])).tolist() == [[0, 0]] * 3


@pytest.mark.parametrize("name", ["nationality", "generation", "branch", "sex"])
def test_planted_structure_is_found_and_shuffled_structure_is_not(name: str) -> None:
    rng = np.random.default_rng(0)
    groups = OF_PEOPLE[name]
    weights = rng.normal(size=(30, 24, 6))
    weights[..., 2] = 3.0 * np.where(groups < 0, 0.5, groups) + rng.normal(size=(30, 24))
    found = eta_squared(weights, groups) >= ENCODING_THRESHOLD
    assert found[:, 2].mean() > 0.9
    assert found[:, [0, 1, 3, 4, 5]].mean() < 0.03
    assert (eta_squared_by_chance(weights, groups, shuffles=5) >= ENCODING_THRESHOLD).mean() < 0.03


def test_nearness_of_equivalents_by_hand() -> None:
    equivalents = np.array([2, 3, 0, 1])
    codes = np.array([[[0.0], [10], [1], [11]], [[0.0], [10], [11], [1]], [[0.0], [0], [0], [0]]])
    assert nearness_of_equivalents(codes, equivalents).tolist() == [[1] * 4, [0] * 4, [0.5] * 4]


def test_distance_to_equivalents_by_hand() -> None:
    equivalents = np.array([2, 3, 0, 1])
    codes = np.array([[[0.0], [10], [1], [11]], [[0.0], [0], [0], [0]]])
    # To the equivalents 1 each; to the others of the other nation 11, 9, 9 and 11.
    assert distance_to_equivalents(codes, equivalents).tolist() == [0.1, 1.0]


def test_chance_is_what_19_of_20_shuffles_stay_below() -> None:
    rng = np.random.default_rng(0)
    groups = np.arange(24) % 2
    level = chance_level(rng.normal(size=(4, 24, 6)), groups)
    assert level.shape == (4,)
    above = (eta_squared(rng.normal(size=(3000, 24, 6)), groups).max(axis=-1) > level.mean()).mean()
    assert above == pytest.approx(0.05, abs=0.025)
    (told,) = encodings(np.arange(12.0)[:, None], family_trees_task(), "relation", threshold=0.0)
    assert all(("by chance" in str(each)) == (each.share <= each.chance) for each in told)
    assert any(each.share <= each.chance for each in told)


def test_without_nationality_units(task: Task) -> None:
    weights = initial_weights(FAMILY_TREE_NETWORK, 1.0, 0, (0,))
    weights[Connection("person", "person code")][0, :, 3] = np.where(OF_PEOPLE["nationality"] == 0, 2.0, -2.0)
    code = named_layers(weights, task)["person code"]
    rest = without_nationality(code, task)
    assert (rest[0, :, 3] == 0).all()
    assert np.array_equal(np.delete(rest, 3, axis=-1), np.delete(code.activities, 3, axis=-1))


def test_removing_a_unit_by_hand(task: Task) -> None:
    weights = initial_weights(FAMILY_TREE_NETWORK, 1.0, 0, (0,))
    cases = Cases(task.inputs(), task.desired(), np.ones((1, len(task.cases))))
    sizes, rises = unit_sizes_and_rises(FAMILY_TREE_NETWORK, weights, cases)
    assert sizes.shape == rises.shape == (6 + 6 + 12 + 6,)
    lesioned = {connection: w.copy() for connection, w in weights.items()}
    lesioned[Connection("central", "penultimate")][0, 7] = 0  # the eighth of the central units, 6 + 6 before it

    def e(of: dict[Connection, np.ndarray]) -> float:
        return float(squared_error(forward(FAMILY_TREE_NETWORK, of, cases.inputs)["answer"], cases)[0])

    assert rises[12 + 7] == pytest.approx(e(lesioned) - e(weights))
    seen = np.concatenate([weights[Connection(code, "central")][0, :, 7] for code in ("person code", "relation code")])
    told = weights[Connection("central", "penultimate")][0, 7]
    assert sizes[12 + 7] == pytest.approx(np.sqrt((seen**2).sum() + (told**2).sum()))


def test_a_network_without_biases_is_analysed_as_it_is(task: Task) -> None:
    trained = train(task, replace(DEFAULT, sweeps=3, biases=False, units="tanh"), seed=1)
    table = unit_table(trained.weights, task, [0], trained.architecture)
    y = trained.architecture.activities(trained.weights, task.inputs())
    asked = [next(k for k, case in enumerate(task.cases) if case.person == name) for name in task.people]
    own = eta_squared(y["person code"][0][asked], OF_PEOPLE["sex"])
    rows = table[(table["layer"] == "person code") & (table["distinction"] == "sex")]
    assert rows["activities"].to_numpy() == pytest.approx(own)


def test_removing_a_weight_by_hand(task: Task) -> None:
    weights = initial_weights(FAMILY_TREE_NETWORK, 1.0, 0, (0,))
    cases = Cases(task.inputs(), task.desired(), np.ones((1, len(task.cases))))
    rises = error_rise_by_weight(FAMILY_TREE_NETWORK, weights, cases)
    connection = Connection("relation code", "central")
    lesioned = weights[connection].copy()
    lesioned[0, 4, 7] = 0

    def e(of: dict[Connection, np.ndarray]) -> float:
        return float(squared_error(forward(FAMILY_TREE_NETWORK, of, cases.inputs)["answer"], cases)[0])

    assert rises[connection].shape == lesioned.shape
    assert rises[connection][0, 4, 7] == pytest.approx(e(weights | {connection: lesioned}) - e(weights))


def test_layers_of_a_network(task: Task) -> None:
    weights = initial_weights(FAMILY_TREE_NETWORK, 1.0, 0, range(2))
    found = named_layers(weights, task)
    y = forward(FAMILY_TREE_NETWORK, weights, task.inputs())
    colin, aunt = task.people.index("Colin"), task.relations.index("aunt")
    case = task.cases.index(Case("Colin", "aunt"))
    assert np.array_equal(found["person code"].activities[1, colin], y["person code"][1, case])
    assert np.array_equal(found["relation code"].activities[1, aunt], y["relation code"][1, case])
    answers = [k for k, each in enumerate(task.cases) if "Colin" in task.answers[each]]
    assert found["penultimate"].activities[1, colin] == pytest.approx(y["penultimate"][1, answers].mean(axis=0))
    assert found["penultimate"].weights.shape == (2, 24, 6)


def test_units_are_called_by_what_was_planted(task: Task) -> None:
    """A code with a known nationality unit is called so; with the names shuffled, it is not."""
    weights = initial_weights(FAMILY_TREE_NETWORK, 1.0, 0, (0,))
    planted = np.where(OF_PEOPLE["nationality"] == 0, 2.0, -2.0)
    weights[Connection("person", "person code")][0, :, 3] = planted
    called = encoding_words(unit_table(weights, task, [0]))
    assert called["person code", 4] == "nationality"
    assert sum("nationality" in each for each in called.values()) == 1
    rng = np.random.default_rng(1)
    weights[Connection("person", "person code")][0, :, 3] = rng.permutation(planted)
    assert encoding_words(unit_table(weights, task, [0]))["person code", 4] == ""


def test_similarity_and_rank_correlation_by_hand() -> None:
    assert similarity(np.array([[[0.0], [1], [4]]]))[0].tolist() == [[1, 0.75, 0], [0.75, 1, 0.25], [0, 0.25, 1]]
    x = np.array([1.0, 2, 3, 4])
    assert rank_correlation(x, x**3) == pytest.approx(1)
    assert rank_correlation(x, -x) == pytest.approx(-1)
    assert rank_correlation(np.array([1.0, 1, 2]), np.array([1.0, 2, 3])) == pytest.approx(0.8660254)


def test_on_the_command_line() -> None:
    def output(*words: str) -> str:
        command = [sys.executable, "-m", "family_trees", "analyse", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    table = output()
    assert re.search(r"unit 2 +57% .* encodes nationality", table)
    assert table.count("encodes nationality") == 2  # a unit of the person code, and one of the penultimate layer
    assert "encodes nationality" not in output("--threshold", "0.95")
    rows = json.loads(output("--json"))
    assert len(rows) == 18
    assert rows[1]["encodes"] == "nationality"
