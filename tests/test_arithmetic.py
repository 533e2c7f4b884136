"""The arithmetic against its page, ARITHMETIC.md: random numbers, the exponential function, and the order of sums.

What the page says is written here once more with plain Python numbers, one operation at a time. Decimal numbers of 50
digits say how exact the functions are.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from nets import SKIPPING, UNROLLED
from numpy.testing import assert_array_equal
from numpy.typing import NDArray

from family_trees.engine import arithmetic
from family_trees.engine.arithmetic import (
    EXP_LIMIT,
    PARTIAL_SUMS,
    add_products,
    exponential,
    filled,
    sum_over_cases,
    sum_over_units,
)
from family_trees.engine.arrays import Array
from family_trees.engine.learning import weight_derivatives
from family_trees.engine.network import BIAS, Architecture, Connection, Layer
from family_trees.engine.units import elu, logistic, softmax, tanh
from family_trees.families.of_1986 import family_trees_task
from family_trees.models.randomness import case_orders, initial_weights
from family_trees.support.errors import FamilyTreesError
from family_trees.support.philox import NUMBER_LIMIT, SEED_LIMIT, Purpose, philox, uniform

PAGE = (Path(arithmetic.__file__).parent / "ARITHMETIC.md").read_text(encoding="utf-8")

seeds = st.integers(0, SEED_LIMIT - 1)
numbers = st.integers(0, NUMBER_LIMIT - 1)
purposes = st.sampled_from(get_args(Purpose))


# -- random numbers


def test_the_published_vectors() -> None:
    """Those of the authors' kat_vectors for philox4x32 with ten rounds. The page prints the same."""
    published = [
        ("00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"),
        ("ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"),
        ("243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"),
    ]
    for counter, key, result in published:
        c, k, expected = ([int(word, 16) for word in words.split()] for words in (counter, key, result))
        assert philox((c[0], c[1], c[2], c[3]), (k[0], k[1])).tolist() == expected
        assert f"| {counter} | {key} | {result} |" in PAGE


def plain_stream(seed: int, purpose: Purpose, number: int, count: int, sweep: int = 0) -> list[float]:
    """The page, in whole numbers of Python."""
    found: list[float] = []
    for block in range((count + 1) // 2):
        c = [block, get_args(Purpose).index(purpose), number, sweep]
        k0, k1 = seed % 2**32, seed // 2**32
        for _ in range(10):
            m0, m1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
            c = [(m1 >> 32) ^ c[1] ^ k0, m1 % 2**32, (m0 >> 32) ^ c[3] ^ k1, m0 % 2**32]
            k0, k1 = (k0 + 0x9E3779B9) % 2**32, (k1 + 0xBB67AE85) % 2**32
        found += [((c[0] >> 5) * 2**26 + (c[1] >> 6)) / 2**53, ((c[2] >> 5) * 2**26 + (c[3] >> 6)) / 2**53]
    return found[:count]


@given(seeds, purposes, numbers, st.integers(0, 9), st.integers(0, 2**31))
@example(2**32, "split", NUMBER_LIMIT - 1, 3, 1)
@example(SEED_LIMIT - 1, "order", 0, 1, 2**31)
def test_a_stream_is_that_of_the_page(seed: int, purpose: Purpose, number: int, count: int, sweep: int) -> None:
    assert uniform(seed, purpose, number, count, sweep).tolist() == plain_stream(seed, purpose, number, count, sweep)


@given(seeds, purposes, st.lists(numbers, min_size=1, max_size=5), st.integers(0, 9))
def test_the_numbers_of_a_network_do_not_depend_on_the_others(
    seed: int, purpose: Purpose, several: list[int], count: int
) -> None:
    """Nor on how many numbers are asked for, or of how many sweeps."""
    together = uniform(seed, purpose, np.array(several), count)
    assert together.shape == (len(several), count)
    for number, row in zip(several, together, strict=True):
        assert_array_equal(row, uniform(seed, purpose, number, count + 3)[:count])
    by_sweep = uniform(seed, purpose, np.array(several)[:, None], count, np.arange(4, 7))
    assert by_sweep.shape == (len(several), 3, count)
    assert_array_equal(by_sweep[-1, 1], uniform(seed, purpose, several[-1], count, 5))


def test_every_stream_is_another() -> None:
    """Of every seed, also of those that differ above bit 32; of every purpose, network and sweep."""
    first = {
        (seed, purpose, number, sweep): uniform(seed, purpose, number, 1, sweep).item()
        for seed in (0, 1, 2**32, 2**32 + 1, 2**63)
        for purpose in get_args(Purpose)
        for number in (0, 1, 2**31)
        for sweep in (0, 1, 2)
    }
    assert len(set(first.values())) == len(first) == 5 * 3 * 3 * 3


def test_numbers_are_uniform_from_0_up_to_1_and_neighbours_have_nothing_in_common() -> None:
    drawn = uniform(17, "weights", np.arange(200), 1001)
    assert 0 <= drawn.min() < 1e-4
    assert 1 - 1e-4 < drawn.max() < 1
    assert drawn.mean() == pytest.approx(0.5, abs=4 * math.sqrt(1 / 12 / drawn.size))
    counts, _ = np.histogram(drawn, bins=100, range=(0, 1))
    chi_squared = np.sum((counts - drawn.size / 100) ** 2 / (drawn.size / 100))
    assert 50 < chi_squared < 170  # 99 degrees of freedom
    error = 1 / math.sqrt(drawn.size)
    for one, other in (
        (drawn[:-1], drawn[1:]),  # neighbouring networks
        (drawn[:, :-1], drawn[:, 1:]),  # neighbouring numbers
        (drawn, uniform(18, "weights", np.arange(200), 1001)),
        (drawn, uniform(17, "split", np.arange(200), 1001)),
        (drawn, uniform(17, "weights", np.arange(200), 1001, 1)),
    ):
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 * error


def test_the_largest_number_is_below_1() -> None:
    words = [2**32 - 1] * 2
    assert ((words[0] >> 5) * 2.0**26 + (words[1] >> 6)) / 2.0**53 == 1 - 2.0**-53


@pytest.mark.parametrize("seed", [-1, SEED_LIMIT, 10**30])
def test_seeds_outside_their_range(seed: int) -> None:
    with pytest.raises(
        FamilyTreesError, match=r"seed: .* is not allowed; give a whole number of at least 0 and below 2"
    ):
        uniform(seed, "weights", 0, 3)


@pytest.mark.parametrize("number", [-1, NUMBER_LIMIT, [0, -3, 1], [5, NUMBER_LIMIT + 7]])
def test_numbers_of_networks_outside_their_range(number: Any) -> None:
    worst = -3 if number == [0, -3, 1] else number if isinstance(number, int) else number[1]
    with pytest.raises(FamilyTreesError, match=f"network number: {worst} is not allowed; give a whole number"):
        uniform(0, "weights", np.array(number), 3)


# -- weights, splits and orders


@pytest.mark.parametrize("net", [SKIPPING, UNROLLED])
def test_first_weights_are_those_of_the_page(net: Architecture) -> None:
    """Layer after layer, as each names what it sees; unit after unit below; each layer in its own range."""
    ranges = tuple(0.25 * (k + 1) for k in range(len(net.computed)))
    seed = 2**40 + 3
    drawn = initial_weights(net, ranges, seed, (7, 2))
    units = {BIAS: 1} | {layer.name: layer.units for layer in net.layers}
    for place, number in enumerate((7, 2)):
        stream = iter(plain_stream(seed, "weights", number, 500))
        for layer, reach in zip(net.computed, ranges, strict=True):
            for seen in layer.sees if layer.copies is None else ():
                w = drawn[Connection(seen, layer.name)]
                for i in range(units[seen]):
                    for j in range(layer.units):
                        assert w[place, i, j] == (2 * next(stream) - 1) * reach


@pytest.mark.parametrize("held_out", [0, 1, 4, 103])
def test_splits_are_those_of_the_page(held_out: int) -> None:
    task = family_trees_task()
    keys = plain_stream(9, "split", 5, 104)
    smallest = sorted(range(104), key=lambda k: keys[k])[:held_out]
    assert task.draw_held_out(held_out, 9, 5) == tuple(task.cases[k] for k in sorted(smallest))


def test_orders_are_those_of_the_page() -> None:
    mask = np.ones((2, 12))
    mask[0, [0, 4]] = mask[1, [3, 11]] = 0
    found = case_orders(6, (8, 1), mask)(3, 4)
    assert found.shape == (2, 4, 10)
    for network, number in enumerate((8, 1)):
        training = [k for k in range(12) if mask[network, k]]
        for place in range(4):
            keys = plain_stream(6, "order", number, 10, 3 + place)
            assert found[network, place].tolist() == [training[k] for k in sorted(range(10), key=lambda k: keys[k])]


def test_every_case_is_shown_everywhere_equally_often() -> None:
    orders = case_orders(0, range(20), np.ones((20, 10)))(1, 200)
    counts = np.stack([np.bincount(orders[..., place].ravel(), minlength=10) for place in range(10)])
    assert counts.sum(axis=0).tolist() == [4000] * 10
    assert 40 < np.sum((counts - 400) ** 2 / 400) < 140  # 81 degrees of freedom


# -- the exponential function and the units


def units_in_the_last_place(y: float, exact: Decimal) -> float:
    return float(abs(Decimal(y) - exact) / Decimal(math.ulp(float(exact))))


def worst(
    function: Callable[[Array], Array], exact: Callable[[Decimal], Decimal], x: Sequence[float], *, ulps: bool
) -> float:
    """The largest error of a function: in units in the last place, or else in units of 2^-52."""
    with localcontext() as digits:
        digits.prec = 50
        pairs = [(y, exact(Decimal(each))) for each, y in zip(x, function(np.array(x)).tolist(), strict=True)]
        return max(
            units_in_the_last_place(y, true) if ulps else float(abs(Decimal(y) - true)) * 2**52 for y, true in pairs
        )


def arguments(reach: float, count: int = 4000) -> list[float]:
    """Arguments of every size up to `reach`, and the hardest: those half-way between two multiples of ln 2."""
    rng = np.random.default_rng(0)
    half_way = (rng.integers(-1022, 1022, count) + 0.5 + rng.uniform(-0.01, 0.01, count)) * math.log(2)
    small = rng.choice([-1, 1], count) * 10 ** rng.uniform(-20, math.log10(reach), count)
    chosen = [*rng.uniform(-reach, reach, count), *small, *half_way[np.abs(half_way) < reach], 0.0, -reach, reach]
    return [float(x) for x in chosen]


EXP_ULPS = 1.25
LOGISTIC_ULPS = 3.0


def test_the_error_of_the_exponential_function() -> None:
    """The bound is that of the page. It is not far above the truth."""
    found = worst(exponential, Decimal.exp, arguments(EXP_LIMIT), ulps=True)
    assert 1 < found < EXP_ULPS
    assert f"below {EXP_ULPS} units in the last place" in PAGE
    assert f"below {EXP_ULPS} units in the last place" in str(exponential.__doc__)


@given(st.floats(-EXP_LIMIT, EXP_LIMIT))
def test_the_error_of_the_exponential_function_anywhere(x: float) -> None:
    assert worst(exponential, Decimal.exp, [x], ulps=True) < EXP_ULPS


def test_the_coefficients_of_the_page() -> None:
    """They are those of Taylor, and the page prints what the program uses."""
    rows = re.findall(r"^\| (\d+(?:, \d+)?) \| (0x\S+|1) \|$", PAGE, re.MULTILINE)
    printed = {int(k): float.fromhex(c) for several, c in rows for k in several.split(", ")}
    assert printed == {k: 1 / math.factorial(k) for k in range(14)}
    constants = {name: float.fromhex(c) for name, c in re.findall(r"\b([LSAB]) = (0x[\w.+-]+\d)", PAGE)}
    assert constants["S"] == 1.5 * 2**52
    with localcontext() as digits:
        digits.prec = 50
        assert abs(Decimal(constants["L"]) * Decimal(2).ln() - 1) < Decimal(2) ** -53
        assert abs(Decimal(2).ln() - Decimal(constants["A"]) - Decimal(constants["B"])) < Decimal(2) ** -85


@given(st.floats(-EXP_LIMIT, EXP_LIMIT))
@example(0.0)
@example(EXP_LIMIT)
@example(-EXP_LIMIT)
def test_the_exponential_function_is_that_of_the_page(x: float) -> None:
    n = (x * float.fromhex("0x1.71547652b82fep+0") + 1.5 * 2**52) - 1.5 * 2**52
    r = (x - n * float.fromhex("0x1.62e42feep-1")) - n * float.fromhex("0x1.a39ef35793c76p-33")
    p = 1 / math.factorial(13)
    for k in range(12, -1, -1):
        p = p * r + 1 / math.factorial(k)
    assert exponential(np.array([x])).item() == math.ldexp(p, int(n))


def test_beyond_the_limits_and_without_a_number() -> None:
    values = np.array([709.0, 1e30, np.inf, -709.0, -1e30, -np.inf, np.nan, 0.0, -0.0])
    high, low = (exponential(np.array(x)).item() for x in (EXP_LIMIT, -EXP_LIMIT))
    assert np.array_equal(exponential(values), [high, high, high, low, low, low, np.nan, 1, 1], equal_nan=True)
    assert np.finfo(float).smallest_normal < low < 1e-307 < 1e307 < high < np.inf
    assert exponential(np.zeros((0, 3))).shape == (0, 3)
    for function in (logistic, tanh, elu, softmax):
        assert np.isnan(function(np.array([[np.nan]]))).all()


def test_the_values_do_not_depend_on_the_shape_of_an_array() -> None:
    x = np.array(arguments(30.0, 500))
    whole = exponential(x)
    assert_array_equal(whole, [exponential(np.array([each])).item() for each in x])
    assert_array_equal(whole[::7], exponential(x[::7]))


def decimal_tanh(x: Decimal) -> Decimal:
    t = (2 * x).exp()
    return (t - 1) / (t + 1)


def test_the_errors_of_the_units() -> None:
    """tanh and elu are differences near 0, so that their errors are small beside 1, not beside them."""
    found = worst(logistic, lambda x: 1 / (1 + (-x).exp()), arguments(700.0), ulps=True)
    assert found < LOGISTIC_ULPS
    assert worst(tanh, decimal_tanh, arguments(40.0), ulps=False) < 1
    assert worst(elu, lambda x: x if x > 0 else x.exp() - 1, arguments(40.0), ulps=False) < 1


@given(st.floats(-1000, 1000))
def test_tanh_is_odd_and_within_1(x: float) -> None:
    y, opposite = tanh(np.array([x, -x])).tolist()
    assert y == -opposite
    assert -1 <= y <= 1


# -- sums in their order

terms_of_all_sizes = st.floats(-1e16, 1e16) | st.floats(-1, 1)


def rows(shape: tuple[int, ...], seed: int) -> NDArray[np.float64]:
    """Numbers of so many sizes that every other order of a sum would show."""
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=shape) * 10.0 ** rng.integers(-8, 9, shape))


def in_order(start: float, terms: Sequence[float]) -> float:
    total = start
    for term in terms:
        total += term
    return total


def in_eight(terms: Sequence[float]) -> float:
    """The sum over cases of the page, with its letters."""
    p = [in_order(0.0, terms[k::8]) for k in range(8)]
    q0, q1, q2, q3 = p[0] + p[4], p[1] + p[5], p[2] + p[6], p[3] + p[7]
    r0, r1 = q0 + q2, q1 + q3
    return r0 + r1


@given(st.lists(st.lists(terms_of_all_sizes, min_size=5, max_size=5), min_size=1, max_size=4))
def test_a_sum_over_units_goes_in_their_order(terms: list[list[float]]) -> None:
    assert sum_over_units(np.array(terms)).tolist() == [in_order(0.0, row) for row in terms]


@given(st.lists(terms_of_all_sizes, max_size=40))
def test_a_sum_over_cases_is_taken_in_eight_partial_sums(terms: list[float]) -> None:
    assert sum_over_cases(np.array([terms, terms[::-1]])).tolist() == [in_eight(terms), in_eight(terms[::-1])]


def test_the_order_of_a_sum_shows() -> None:
    """The numbers of these tests tell the orders apart."""
    terms = [float(x) for x in rows((40,), 0)]
    assert len({in_order(0.0, terms), in_eight(terms), math.fsum(terms), in_order(0.0, terms[::-1])}) > 2


@pytest.mark.parametrize("networks", [1, 3])
@pytest.mark.parametrize("shared", [True, False])
def test_products_are_added_in_the_order_of_the_units(networks: int, shared: bool) -> None:
    y = rows((11, 9) if shared else (networks, 11, 9), 1)
    w, bias = rows((networks, 9, 4), 2), rows((networks, 1, 4), 3)
    x = filled(bias, 11, networks, 4)
    add_products(x, y, w)
    each = np.broadcast_to(y, (networks, 11, 9))
    expected = [
        [[in_order(bias[n, 0, j], [each[n, c, i] * w[n, i, j] for i in range(9)]) for j in range(4)] for c in range(11)]
        for n in range(networks)
    ]
    assert_array_equal(x, expected)


@pytest.mark.parametrize("cases", [1, 7, 8, 9, 16, 21, 104])
def test_the_terms_of_the_gradient_are_added_in_eight_partial_sums(cases: int) -> None:
    """Of one connection, of the bias, and of weights that two layers share, where the higher one adds first."""
    net = Architecture(
        (
            Layer("a", 3),
            Layer("b", 3),
            Layer("low", 3, (BIAS, "a")),
            Layer("high", 3, (BIAS, "b"), copies="low"),
            Layer("y", 2, ("high", "low")),
        )
    )
    weights = initial_weights(net, 1.0, 0, range(2))
    y = {BIAS: np.ones((cases, 1)), "a": rows((cases, 3), 1), "b": rows((cases, 3), 2)}
    y |= {name: rows((2, cases, 3), k) for k, name in enumerate(("low", "high"), start=3)}
    y["y"] = rows((2, cases, 2), 5)
    dE_dx = {name: rows(y[name].shape, 10 + k) for k, name in enumerate(("low", "high", "y"))}
    found = weight_derivatives(net, weights, y, dE_dx)

    def of_eight(n: int, layers: Sequence[tuple[str, str]], i: int, j: int) -> float:
        def term(below: str, above: str, c: int) -> float:
            return float((y[below][c, i] if y[below].ndim == 2 else y[below][n, c, i]) * dE_dx[above][n, c, j])

        return in_eight_of_several([[term(*layer, c) for layer in layers] for c in range(cases)])

    uses = {
        Connection(BIAS, "low"): [(BIAS, "high"), (BIAS, "low")],
        Connection("a", "low"): [("b", "high"), ("a", "low")],
        Connection("high", "y"): [("high", "y")],
        Connection("low", "y"): [("low", "y")],
    }
    for connection, layers in uses.items():
        for n, i, j in np.ndindex(found[connection].shape):
            assert found[connection][n, i, j] == of_eight(n, layers, i, j), (connection, n, i, j)


def in_eight_of_several(terms: Sequence[Sequence[float]]) -> float:
    """`in_eight` where each case has several terms."""
    eight = [in_order(0.0, [term for case in terms[k::PARTIAL_SUMS] for term in case]) for k in range(PARTIAL_SUMS)]
    return in_eight(eight)
