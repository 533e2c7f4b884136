"""The methods of PyKEEN in `benchmark_relations.py`: their settings, their training, their scores.

Scores, first codes, losses and penalties are PyKEEN's. The loop over batches is our own: PyKEEN's spends most of its
time beside the work on data as small as these. Three things are usual today and done for every method. Inverse
relations are learned, too, so that (?, r, t) is asked as (t, inverse of r, ?). The optimiser is Adam. And the loss is
cross-entropy over all entities, in its binary form for TuckER, or the self-adversarial loss of the paper on RotatE.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from relations_data import Dataset, Facts, with_inverses
from relations_evaluation import Scores, Trained

Method = Literal["TransE", "DistMult", "ComplEx", "RotatE", "TuckER"]

METHODS: tuple[Method, ...] = ("TransE", "DistMult", "ComplEx", "RotatE", "TuckER")


@dataclass(frozen=True)
class Settings:
    """The settings of one training."""

    loss: Literal["cross-entropy", "binary", "self-adversarial"]
    dimension: int
    rate: float
    """Step of Adam."""
    penalty: float = 0.0
    """ComplEx and DistMult: weight of the cubic penalty (N3) on all codes."""
    dropout: float = 0.0
    """TuckER: each of its three dropouts."""
    smoothing: float = 0.0
    """Label smoothing."""
    negatives: int = 0
    """Wrong answers for each right one; 0: all entities."""
    margin: float = 0.0
    """Of the self-adversarial loss."""
    batch: int = 256
    """Questions in a batch; facts, where wrong answers are sampled."""

    def __str__(self) -> str:
        names = ("penalty", "dropout", "smoothing", "margin", "negatives")
        given = [f"{name} {getattr(self, name):g}" for name in names if getattr(self, name)]
        return ", ".join(
            [self.loss, f"dimension {self.dimension}", f"rate {self.rate:g}", *given, f"batch {self.batch}"]
        )


def looks() -> Iterator[int]:
    """Epochs at which a training is looked at: 5, 10, 15, 20, 25, 30, then each about a fifth more."""
    epoch = 0
    while True:
        epoch += max(5, epoch // 5)
        yield epoch


def trainings(
    method: Method, dataset: Dataset, settings: Settings, seed: int, epochs: Iterator[int]
) -> Iterator[Trained]:
    """One training on one thread, looked at after each of the `epochs`.

    All looks share one model: ask it before the next look.
    """
    import torch
    from pykeen.triples import CoreTriplesFactory
    from pykeen.utils import set_random_seed

    torch.set_num_threads(1)
    set_random_seed(seed)
    factory = CoreTriplesFactory(
        torch.from_numpy(dataset.train), len(dataset.entities), len(dataset.relations), create_inverse_triples=True
    )
    model = make_model(method, factory, settings, seed)
    optimizer = torch.optim.Adam(model.get_grad_params(), lr=settings.rate)
    facts = with_inverses(dataset.train)
    run = partial(_epoch_of_samples if settings.negatives else _epoch_of_questions, model, optimizer, facts, settings)
    numbers, of_entities = (
        sum(each.numel() * (1 + each.is_complex()) for each in part.parameters())
        for part in (model, model.entity_representations)
    )
    done, cpu, wall = 0, 0.0, 0.0
    for epoch in epochs:
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        model.train()
        for _ in range(done, epoch):
            run()
        cpu += time.process_time() - cpu_before
        wall += time.perf_counter() - wall_before
        done = epoch
        per_entity = of_entities // len(dataset.entities)
        asked = asking(model.predict_t), asking(model.predict_h)
        yield Trained(*asked, str(settings), epoch, cpu, wall, numbers, per_entity)


def _epoch_of_questions(model: Any, optimizer: Any, facts: Facts, settings: Settings) -> None:
    """Every question (h, r, ?) once, with all entities as candidates."""
    import torch

    order = np.lexsort((facts[:, 1], facts[:, 0]))
    questions, starts, counts = np.unique(facts[order, :2], axis=0, return_index=True, return_counts=True)
    answers = facts[order, 2]
    for batch in torch.randperm(len(questions)).split(settings.batch):
        labels = torch.zeros(len(batch), model.num_entities)
        rows = np.repeat(np.arange(len(batch)), counts[batch])
        places = np.concatenate([answers[starts[k] : starts[k] + counts[k]] for k in batch.tolist()])
        labels[torch.from_numpy(rows), torch.from_numpy(places)] = 1.0
        scores = model.score_t(torch.from_numpy(questions[batch]))
        loss = model.loss.process_lcwa_scores(
            scores, labels, label_smoothing=settings.smoothing or None, num_entities=model.num_entities
        )
        _step(model, optimizer, loss)


def _epoch_of_samples(model: Any, optimizer: Any, facts: Facts, settings: Settings) -> None:
    """Every fact once, with random wrong tails. A wrong tail may be right by chance, as is usual."""
    import torch

    for batch in torch.randperm(len(facts)).split(settings.batch):
        asked = torch.from_numpy(facts[batch])
        wrong = torch.randint(model.num_entities, (len(batch), settings.negatives))
        scores = model.score_t(asked[:, :2], tails=torch.cat([asked[:, 2:], wrong], dim=1))
        _step(model, optimizer, model.loss.process_slcwa_scores(scores[:, :1], scores[:, 1:]))


def _step(model: Any, optimizer: Any, loss: Any) -> None:
    optimizer.zero_grad()
    (loss + model.collect_regularization_term()).backward()
    optimizer.step()
    model.post_parameter_update()


def asking(predict: Any) -> Callable[[NDArray[np.int64]], Scores]:
    """PyKEEN's way to ask (`predict_t` or `predict_h` of a model), from arrays to arrays."""
    import torch

    def ask(questions: NDArray[np.int64]) -> Scores:
        with torch.inference_mode():
            scores: Scores = predict(torch.from_numpy(np.ascontiguousarray(questions))).numpy()
        return scores

    return ask


def make_model(method: Method, factory: Any, settings: Settings, seed: int) -> Any:
    """The method with its first codes, for a triples factory of PyKEEN."""
    import torch
    from pykeen import models

    losses = {"cross-entropy": "crossentropy", "binary": "bcewithlogits", "self-adversarial": "nssa"}
    options: dict[str, Any] = {"triples_factory": factory, "random_seed": seed, "loss": losses[settings.loss]}
    if settings.loss == "self-adversarial":
        options["loss_kwargs"] = {"margin": settings.margin, "adversarial_temperature": 1.0}
    size = settings.dimension
    if method == "TuckER":
        dropouts = {f"dropout_{k}": settings.dropout for k in range(3)}
        return models.TuckER(**options, embedding_dim=size, relation_dim=min(size, 30), **dropouts)
    if method == "TransE":  # codes of any length, as in the paper on RotatE
        return models.TransE(**options, embedding_dim=size, entity_constrainer=None)
    if method == "RotatE":
        rotate: Any = models.RotatE(**options, embedding_dim=size)
        rotate.interaction.forward = _distance_after_turn
        return rotate
    # PyKEEN keeps the codes of DistMult at length 1, and begins ComplEx far from 0. Both harm with cross-entropy.
    codes: dict[str, Any] = {
        "shape": size,
        "dtype": torch.get_default_dtype().to_complex() if method == "ComplEx" else None,
        "initializer": partial(torch.nn.init.normal_, std=0.1),
        "regularizer": "powersum",
        "regularizer_kwargs": {"weight": settings.penalty, "p": 3.0},
    }
    model: Any = models.ERModel(
        **options, interaction=method, entity_representations_kwargs=codes, relation_representations_kwargs=codes
    )
    if method == "DistMult":
        model.interaction.forward = _product
    return model


def _product(h: Any, r: Any, t: Any) -> Any:
    """DistMult: the same sum as PyKEEN's, as a product of matrices. It is much faster with many entities."""
    import torch

    return torch.einsum("...d,...d->...", h * r, t)


def _distance_after_turn(h: Any, r: Any, t: Any) -> Any:
    """RotatE: the same distance as PyKEEN's, from real numbers, since that of complex ones is slow."""
    import torch

    turned, there = (torch.view_as_real(each).flatten(-2) for each in (h * r, t))
    if len(there) == 1:  # all entities are candidates of every question
        return -torch.cdist(turned.squeeze(-2), there[0])
    return -torch.linalg.vector_norm(turned - there, dim=-1)
