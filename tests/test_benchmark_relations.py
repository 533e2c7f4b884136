"""The benchmark of relations: its evaluation by hand and beside PyKEEN's, its splits, its table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pytest
from benchmark_relations import measure_field
from numpy.typing import NDArray
from relations_data import TREES, Dataset, load_dataset, with_inverses
from relations_evaluation import Trained, filtered_ranks, measures
from relations_grid import budget, tried
from relations_ours import LEARNERS
from relations_pykeen import METHODS, Method, Settings, asking, looks, make_model, trainings
from relations_tables import Row, Tables, Tried, notes, relations_table

from family_trees.support.errors import FamilyTreesError


def fixed(tails: Callable[[Any], Any], heads: Callable[[Any], Any]) -> Trained:
    """A method that gives these scores."""
    return Trained(tails, heads, "none", 1, 0.0, 0.0, 0, 0)


def always(*scores: float) -> Callable[[NDArray[np.int64]], NDArray[np.float64]]:
    """The same scores for every question."""
    return lambda questions: np.tile(scores, (len(questions), 1))


def test_ranks_by_hand() -> None:
    known = np.array([(0, 0, 1), (0, 0, 2), (3, 0, 2)])
    asked = known[1:2]  # (0, 0, ?): 2, while 1 is right, too; (?, 0, 2): 0, while 3 is right, too
    assert filtered_ranks(fixed(always(0, 9, 5, 7), always(1, 2, 3, 9)), asked, known).tolist() == [[2], [3]]


def test_equal_scores_gain_nothing() -> None:
    asked = np.array([(0, 0, 1)])
    ranks = filtered_ranks(fixed(always(4, 4, 4, 4, 4), always(0, 0, 0, 0, np.nan)), asked, asked)
    assert ranks.tolist() == [[3], [2.5]]
    broken = filtered_ranks(fixed(always(*[np.nan] * 5), always(*[np.inf] * 5)), asked, asked)
    assert broken.tolist() == [[3], [3]]


def test_measures() -> None:
    found = measures(np.array([[1, 2], [4, 20]]))
    assert found.mrr == pytest.approx((1 + 1 / 2 + 1 / 4 + 1 / 20) / 4)
    assert (found.hits_at_1, found.hits_at_3, found.hits_at_10, found.mean_rank) == (0.25, 0.5, 0.75, 6.75)


def test_pykeen_measures_the_same() -> None:
    pytest.importorskip("pykeen")
    import torch
    from pykeen.evaluation import RankBasedEvaluator
    from pykeen.models import DistMult
    from pykeen.triples import CoreTriplesFactory

    data = load_dataset("nations", 0)
    facts = [torch.from_numpy(each) for each in (data.train, data.valid, data.test)]
    factory = CoreTriplesFactory(facts[0], len(data.entities), len(data.relations), create_inverse_triples=True)
    model = DistMult(triples_factory=factory, random_seed=0, embedding_dim=4)
    theirs = RankBasedEvaluator().evaluate(
        model, facts[2], additional_filter_triples=facts[:2], use_tqdm=False, batch_size=64
    )
    ours = measures(filtered_ranks(fixed(asking(model.predict_t), asking(model.predict_h)), data.test, data.facts))
    for name, value in (("inverse_harmonic_mean_rank", ours.mrr), ("arithmetic_mean_rank", ours.mean_rank)):
        assert theirs.get_metric(f"both.realistic.{name}") == pytest.approx(value, rel=1e-6)
    for k, value in ((1, ours.hits_at_1), (3, ours.hits_at_3), (10, ours.hits_at_10)):
        assert theirs.get_metric(f"both.realistic.hits_at_{k}") == pytest.approx(value, rel=1e-6)


@pytest.mark.filterwarnings("ignore:'pin_memory'")
@pytest.mark.parametrize(
    ("method", "settings"),
    [
        ("ComplEx", Settings("cross-entropy", 6, 0.05, penalty=0.3, smoothing=0.1, batch=10_000)),
        ("DistMult", Settings("cross-entropy", 6, 0.05, penalty=0.3, batch=10_000)),
        ("RotatE", Settings("self-adversarial", 6, 0.05, margin=3, batch=10_000)),
        ("TransE", Settings("self-adversarial", 6, 0.05, margin=3, batch=10_000)),
        ("TuckER", Settings("binary", 6, 0.05, batch=10_000)),
    ],
)
def test_our_loop_trains_as_pykeens(
    method: Method, settings: Settings, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """Three epochs, each of one batch, so that the order of batches plays no part."""
    pytest.importorskip("pykeen")
    import torch
    from pykeen.training import LCWATrainingLoop
    from pykeen.triples import CoreTriplesFactory

    default = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)  # Adam makes steps of rounding errors where a gradient is 0
    request.addfinalizer(lambda: torch.set_default_dtype(default))
    data = load_dataset(TREES, 0)
    sizes = (len(data.entities), len(data.relations))
    factory = CoreTriplesFactory(torch.from_numpy(data.train), *sizes, create_inverse_triples=True)
    first, ours, theirs = (make_model(method, factory, settings, 0) for _ in range(3))
    with monkeypatch.context() as patch:
        patch.setattr("relations_pykeen.make_model", lambda *_: ours)
        next(trainings(method, data, settings, 0, iter([3])))
    monkeypatch.setattr(theirs, "reset_parameters_", lambda: theirs)  # the loop would draw other first codes
    optimizer = torch.optim.Adam(theirs.get_grad_params(), lr=settings.rate)
    LCWATrainingLoop(model=theirs, triples_factory=factory, optimizer=optimizer).train(
        factory,
        num_epochs=3,
        batch_size=len(np.unique(with_inverses(data.train)[:, :2], axis=0)),
        label_smoothing=settings.smoothing,
        use_tqdm=False,
    )
    for name, learned in ours.named_parameters():
        torch.testing.assert_close(learned, theirs.get_parameter(name), rtol=1e-5, atol=1e-5)
        assert (learned - first.get_parameter(name)).abs().max() > 0.01


def test_splits_share_no_fact() -> None:
    first, second = (load_dataset(TREES, seed) for seed in (0, 1))
    assert [len(each) for each in (first.train, first.valid, first.test)] == [90, 11, 11]
    assert len(np.unique(first.facts, axis=0)) == 112
    assert not np.array_equal(first.test, second.test)
    assert np.array_equal(first.facts, load_dataset(TREES, 0).facts)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(FamilyTreesError, match="--family"):
        load_dataset("royal92", 0)


def test_every_method_tries_as_much() -> None:
    for dataset in ("umls", "1986", "royal92"):
        assert len({len(set(map(str, tried(method, dataset)))) for method in METHODS}) == 1


def test_looks_come_further_apart() -> None:
    epochs = looks()
    assert [next(epochs) for _ in range(8)] == [5, 10, 15, 20, 25, 30, 36, 43]


def made_row(method: str, seed: int, mrr: float) -> Row:
    kinds = get_type_hints(Row)
    made = {name: kind(0) for name, kind in kinds.items()}
    return Row(**{**made, "dataset": "umls", "method": method, "seed": seed, "mrr": mrr, "cpu_seconds": 2.5})


def test_the_table_puts_the_best_first() -> None:
    rows = [made_row("TransE", 0, 0.5), made_row("TuckER", 0, 0.8), made_row("TuckER", 1, 0.9)]
    lines = relations_table(rows).splitlines()
    assert lines[2].startswith("| umls | TuckER | 0.850 | 0.800 to 0.900 |")
    assert lines[3].startswith("| umls | TransE | 0.500 |")
    assert lines[3].endswith("| 2.5 | 0 | 1 |")
    assert f"tried for {budget('umls').seconds:g} seconds each" in notes([])


def test_a_stopped_run_finds_its_rows(tmp_path: Path) -> None:
    tables = Tables(tmp_path)
    tables.add(made_row("TuckER", 0, 0.8))
    tables.add(Tried("umls", "TuckER", "binary, dimension 3", 5, 0.75, 1.25))
    tables.add(made_row("TuckER", 0, 0.7))
    again = Tables(tmp_path)
    assert again.rows == [made_row("TuckER", 0, 0.7)]
    assert again.tried == tables.tried


def test_a_run_measures_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trained: list[tuple[str, int]] = []

    def made_trainings(
        method: Method, dataset: Dataset, settings: Settings, seed: int, epochs: Iterator[int]
    ) -> Iterator[Trained]:
        trained.append((str(settings), seed))
        answers = {(h, r): t for h, r, t in dataset.facts.tolist()}

        def tails(questions: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.eye(24)[[answers[h, r] for h, r in questions.tolist()]]

        for epoch in epochs:
            knows = settings == tried(method, TREES)[2] and epoch == 10  # others know nothing
            made = fixed(tails if knows else always(*[0] * 24), always(*[0] * 24))
            yield replace(made, settings=str(settings), epochs=epoch, cpu_seconds=epoch / 10)

    monkeypatch.setattr("benchmark_relations.trainings", made_trainings)
    splits = [load_dataset(TREES, seed) for seed in range(5)]
    measure_field(Tables(tmp_path), TREES, "TuckER", splits)
    chosen = max(Tables(tmp_path).tried, key=lambda row: row.valid_mrr)
    assert (chosen.settings, chosen.epochs) == (str(tried("TuckER", TREES)[2]), 10)
    assert len(trained) == len(tried("TuckER", TREES)) * 5 + 5
    assert trained[-5:] == [(chosen.settings, seed) for seed in range(5)]
    measure_field(Tables(tmp_path), TREES, "TuckER", splits)
    assert len(trained) == len(tried("TuckER", TREES)) * 5 + 5
    path = tmp_path / "relations.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-1]) + "\n")
    measure_field(Tables(tmp_path), TREES, "TuckER", splits)
    assert trained[-1] == (chosen.settings, 4)
    assert len(Tables(tmp_path).rows) == 5


def test_names_of_learners_differ() -> None:
    assert not set(LEARNERS) & set(METHODS)
