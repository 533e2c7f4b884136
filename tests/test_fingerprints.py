"""The fingerprints that every machine must get: see scripts/fingerprints.py."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fingerprints import SHORT_SWEEPS, expected, network_sets, problem
from prose_numbers import numbers

from family_trees.engine.compiled.library import ENGINE_VARIABLE, LEVELS, compiled_library
from family_trees.engine.fingerprint import differing_weight, fingerprints
from family_trees.models.model import Model
from family_trees.models.saved import load
from family_trees.models.training import train

SCRIPT = Path(__file__).parent.parent / "scripts/fingerprints.py"
ALL = sys.maxsize
NAMES = list(network_sets())


def levels() -> tuple[str, ...]:
    """The versions of the compiled engine that this processor has."""
    found = compiled_library()
    return LEVELS[: int(found[0].widest_level()) + 1] if found else ()


@pytest.fixture(params=LEVELS)
def level(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each version of the compiled engine in turn."""
    monkeypatch.delenv(ENGINE_VARIABLE, raising=False)
    if request.param not in levels():
        pytest.skip(f"no compiled engine with {request.param} on this machine")
    monkeypatch.setenv(ENGINE_VARIABLE, request.param)
    return str(request.param)


@pytest.mark.parametrize("name", NAMES)
def test_the_compiled_engine_gets_the_fingerprints(name: str, level: str) -> None:
    """All of them with the widest vectors, the first ones with the others."""
    assert problem(name, ALL if level == levels()[-1] else SHORT_SWEEPS) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.usefixtures("level")
def test_every_version_of_the_compiled_engine_gets_every_fingerprint(name: str) -> None:
    assert problem(name, ALL) is None


@pytest.mark.parametrize("block", [1, 7, 32])
@pytest.mark.parametrize("name", ["larger-steps", "small-batches"])
def test_blocks_of_any_size_give_the_same_networks(name: str, block: int) -> None:
    if compiled_library() is None:
        pytest.skip("no compiled engine; this takes minutes without one")
    assert problem(name, ALL, block) is None


@pytest.mark.parametrize("name", NAMES)
def test_numpy_gets_the_first_fingerprints(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "numpy")
    assert problem(name, 10) is None


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_numpy_gets_every_fingerprint(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENGINE_VARIABLE, "numpy")
    assert problem(name, ALL, block=32) is None


def without_vector_code() -> str:
    """All vector code that this NumPy would choose on this processor, as NPY_DISABLE_CPU_FEATURES takes it."""
    umath = np._core._multiarray_umath  # type: ignore[attr-defined]
    return " ".join(name for name in umath.__cpu_dispatch__ if umath.__cpu_features__.get(name))


def other_machines() -> dict[str, dict[str, str]]:
    """Settings under which the libraries compute as they do on other processors."""
    kernels = ["Haswell", "Zen", "Sandybridge"]
    if "avx512" in levels():
        kernels.append("SkylakeX")  # it would end the program on a processor without AVX-512
    found = {f"kernel {name}": {"OPENBLAS_CORETYPE": name} for name in kernels}
    found |= {f"{n} threads": {"OPENBLAS_NUM_THREADS": str(n)} for n in (1, 2)}
    found["NumPy without vector code"] = {"NPY_DISABLE_CPU_FEATURES": without_vector_code()}
    return found


@pytest.mark.parametrize("settings", other_machines().values(), ids=other_machines())
def test_other_processors_get_the_same_fingerprints(settings: dict[str, str]) -> None:
    command = [sys.executable, "-W", "ignore", str(SCRIPT), "--check", "--short", "--engine", "numpy"]
    command += [
        word for name in ("larger-steps", "tanh units", "ELU units", "softmax", "matrices") for word in ("--only", name)
    ]
    ran = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_as_many_networks_as_the_documents_say() -> None:
    found = {row[:2] for name in NAMES for row in expected(name, ALL)}
    assert numbers()["fingerprints"][0] == str(len(found))


def test_a_changed_bit_is_another_fingerprint(model: Model) -> None:
    first = next(iter(model.weights))
    changed = {connection: w.copy() for connection, w in model.weights.items()}
    assert fingerprints(changed) == [model.fingerprint]
    assert differing_weight(model.weights, changed) is None
    changed[first][0, 2, 3] = np.nextafter(changed[first][0, 2, 3], 1)
    assert fingerprints(changed) != [model.fingerprint]
    assert f"network 0, {first}, weight 2 -> 3" in str(differing_weight(model.weights, changed))


def test_the_sign_of_zero_does_not_count(model: Model) -> None:
    zero = {connection: 0 * w for connection, w in model.weights.items()}
    assert fingerprints(zero) == fingerprints({connection: -w for connection, w in zero.items()})


def test_the_model_that_ships_can_be_trained_again_exactly() -> None:
    """The README says: train network 17 yourself, you will get exactly these weights."""
    shipped = load()
    again = train(shipped.task, shipped.recipe, seed=shipped.seed, first=shipped.number, held_out=len(shipped.held_out))
    assert again.model(0).fingerprint == shipped.fingerprint
