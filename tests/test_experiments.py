"""The experiments in small, on fixed seeds; and that a reproduction that was stopped goes on to the same bytes."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from executors import Backwards, Here, Nowhere

from family_trees.analysis.encoding import REPORTED_THRESHOLDS
from family_trees.analysis.usefulness import weight_sizes_and_rises
from family_trees.engine.cases import Cases
from family_trees.engine.recipe import DEFAULT, PUBLISHED
from family_trees.families.task import Task
from family_trees.models.training import train
from family_trees.studies.paper import iterative as paper_iterative
from family_trees.studies.paper import reproduction
from family_trees.studies.paper import symmetry as paper_symmetry
from family_trees.studies.paper import units as paper_units
from family_trees.studies.paper.experiments import EXPERIMENTS, do_job, sum_up
from family_trees.studies.paper.jobs import (
    FULL_SIZE,
    QUICK_SIZE,
    ExperimentJob,
    ExperimentName,
    ReproductionSize,
    Tables,
    scaled_size,
)
from family_trees.studies.paper.reproduction import (
    ALL_EXPERIMENTS,
    ReproductionProgress,
    reproduction_lock,
    run_experiments,
)
from family_trees.support.errors import FamilyTreesError
from family_trees.support.jobs import Executor, Pieces
from family_trees.views.report.reproduce import reproduce

SMALL = ReproductionSize(learning=3, units=10, symmetry=6, symmetry_sweeps=1600, iterative=3, seed=4)


def tables_of(name: ExperimentName, size: ReproductionSize = SMALL) -> Tables:
    return sum_up(name, [do_job(size, job) for job in EXPERIMENTS[name].jobs(size)])


@pytest.fixture(scope="module")
def units() -> Tables:
    return tables_of("units")


@pytest.fixture(scope="module")
def of_symmetry() -> Tables:
    return tables_of("symmetry")


def test_learning_tells_of_every_network_of_both_recipes(task: Task) -> None:
    found = tables_of("learning")
    networks = found["networks"]
    assert networks.groupby("recipe")["network"].apply(list).to_dict() == {
        recipe.name: [0, 1, 2] for recipe in (PUBLISHED, DEFAULT)
    }
    trained = train(task, DEFAULT, seed=4, first=2)
    own = networks[(networks["recipe"] == DEFAULT.name) & (networks["network"] == 2)]
    assert own["training_right"].tolist() == [trained.curve.training_right[0, -1]]
    last = found["curve"].groupby("recipe").last()
    means = networks.groupby("recipe")["training_right"].mean()
    assert last["training_right"].to_dict() == pytest.approx(means.to_dict(), abs=1e-4)
    assert (found["curve"]["networks"] == 3).all()


def test_units_are_of_networks_that_learned(units: Tables) -> None:
    networks = units["networks"]
    learned = networks.loc[networks["learned"], "network"].tolist()
    assert 0 < len(learned) < 10
    assert sorted(set(units["best-units"]["network"])) == learned
    assert networks["equivalents_nearer"].notna().tolist() == networks["learned"].tolist()
    near = networks["equivalents_nearer"].dropna()
    assert near.between(0.6, 1).all()  # by chance it is 0.5
    rho = networks[["usefulness_of_weights", "usefulness_of_units"]].dropna()
    assert rho["usefulness_of_weights"].gt(0.6).all()


def test_units_by_threshold_are_counted(units: Tables) -> None:
    best, thresholds = units["best-units"], units["thresholds"]
    assert thresholds.groupby(["layer", "distinction"]).size().tolist() == [len(REPORTED_THRESHOLDS)] * 11
    for row in thresholds.to_dict("records"):
        own = best[(best["layer"] == row["layer"]) & (best["distinction"] == row["distinction"])]
        assert row["weights"] == pytest.approx((own["weights"] >= row["threshold"]).mean(), abs=1e-4)
        assert row["weights_low"] <= row["weights"] <= row["weights_high"]
    nationality = thresholds[(thresholds["layer"] == "person code") & (thresholds["distinction"] == "nationality")]
    half = nationality[nationality["threshold"] == 0.5].iloc[0]
    assert half["weights"] > 0.5 > 0.05 > half["weights_by_chance"]


def test_distinctions_appear_in_the_course_of_learning(units: Tables) -> None:
    table = units["emergence"]
    own = table[(table["layer"] == "person code") & (table["distinction"] == "nationality")]
    median = dict(zip(own["sweep"], own["median"], strict=True))
    assert median[0] < 0.3 < 0.5 < median[1500]
    assert (own["low"] <= own["median"]).all()
    assert (own["median"] <= own["high"]).all()


def test_without_nationality_units_equivalents_are_more_alike(units: Tables, task: Task) -> None:
    table = units["similarity"]
    assert len(table) == 24**2
    pairs = list(zip(task.people[:12], task.people[12:], strict=True))
    own = table.set_index(["person", "other"]).loc[pairs]
    assert own["without_nationality"].mean() > own["all_units"].mean()


def test_no_network_that_learned_is_a_clear_error() -> None:
    with pytest.raises(FamilyTreesError, match="none of 1 networks learned all its training cases"):
        tables_of("units", replace(SMALL, units=1, seed=1))


def test_a_job_none_of_whose_networks_learned_has_no_say() -> None:
    parts = [do_job(SMALL, job) for job in EXPERIMENTS["units"].jobs(SMALL)]
    nobody = {name: table.iloc[:0].astype(object) for name, table in parts[0].items()}
    alone, beside = sum_up("units", parts), sum_up("units", [*parts, nobody])
    for name, table in alone.items():
        pd.testing.assert_frame_equal(beside[name], table)


def test_planted_units_are_counted_and_shuffled_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole analysis, on networks whose person code was made by hand: one nationality unit, all else noise."""
    planted = np.where(np.arange(24) < 12, 2.0, -2.0)

    def made(shuffled: bool) -> object:
        def trained(*args: object, **how: object) -> object:
            found = train(*args, **how)  # type: ignore[arg-type]
            rng = np.random.default_rng(0)
            for several in (found.weights, *found.snapshots.values()):
                code = several[next(c for c in several if c.above == "person code" and c.below == "person")]
                code[:] = rng.normal(size=code.shape)
                code[:, :, 4] = rng.permutation(planted) if shuffled else planted
            return replace(found, curve=replace(found.curve, training_right=found.curve.training_right * 0 + 100))

        return trained

    for shuffled, expected in ((False, 1.0), (True, 0.0)):
        monkeypatch.setattr(paper_units, "train", made(shuffled))
        part = paper_units.unit_tables(replace(DEFAULT, sweeps=1), 1, 0, 6)
        found = EXPERIMENTS["units"].sum_up(part)["thresholds"]
        own = found[(found["layer"] == "person code") & (found["threshold"] == 0.5)].set_index("distinction")["weights"]
        assert own.to_dict() == {"nationality": expected, "generation": 0, "branch": 0, "sex": 0}


def test_symmetry_tables(of_symmetry: Tables) -> None:
    networks, solved, ends = (of_symmetry[name] for name in ("networks", "solved", "ends"))
    assert networks.groupby(["task", "epsilon", "hidden"]).size().to_dict() == {
        ("XOR", 0.1, 2): 6,
        **{("symmetry", epsilon, hidden): 6 for epsilon in (0.02, 0.1) for hidden in paper_symmetry.HIDDEN_UNITS},
    }
    assert networks.loc[networks["hidden"] == 0, "cases_right"].max() <= 57
    last = solved.groupby(["task", "epsilon", "hidden"]).last()
    assert last["solved"].to_dict() == networks.groupby(["task", "epsilon", "hidden"])["solved"].sum().to_dict()
    assert ends["networks"].sum() == len(networks)
    gone_on = networks["solved_with_gentle_steps"].notna()
    failed = (networks["epsilon"] == 0.1) & (networks["hidden"] > 0) & ~networks["solved"]
    assert gone_on.tolist() == (failed & (networks["task"] == "symmetry")).tolist()
    assert 1425 in solved["sweep"].tolist()


def test_iterative_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_iterative, "SEQUENCE_STEPS", (3, 4))
    steps = tables_of("iterative")["steps"]
    assert steps["steps"].tolist() == [3, 4]
    assert (steps["networks"] == 3).all()
    assert (steps["gradient_error"] < 1e-8).all()
    assert steps["learned"].iloc[0] == 3


def test_networks_do_not_depend_on_the_jobs(of_symmetry: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paper_symmetry, "SMALL_BLOCK_NETWORKS", 4)
    pd.testing.assert_frame_equal(tables_of("symmetry")["networks"], of_symmetry["networks"])


def test_scaled() -> None:
    assert scaled_size(QUICK_SIZE.learning) == QUICK_SIZE
    assert scaled_size(QUICK_SIZE.learning // 2).units == QUICK_SIZE.units // 2
    assert scaled_size(1).iterative == 1
    assert FULL_SIZE.units >= 1000  # of which some 300 learn, and 200 are asked for


TINY = ReproductionSize(learning=40, units=1, symmetry=1, symmetry_sweeps=1, iterative=1)


def run_tiny(
    out: Path,
    size: ReproductionSize = TINY,
    *,
    resume: bool = False,
    report: Callable[[ReproductionProgress], None] | None = None,
    executor: Executor | None = None,
) -> None:
    run_experiments(size, out, experiments=["learning"], resume=resume, report=report, executor=executor or Here())


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> list[ExperimentJob]:
    """Jobs that are done in this process, in no time; those done are listed."""
    done: list[ExperimentJob] = []

    def quickly(_: ReproductionSize, job: ExperimentJob) -> Tables:
        done.append(job)
        table = pd.DataFrame({"recipe": job.kind, "network": range(job.first, job.first + job.networks), "x": 1 / 3})
        return {"networks": table}

    monkeypatch.setattr(reproduction, "do_job", quickly)
    monkeypatch.setattr(
        reproduction, "sum_up", lambda _, parts: {"networks": pd.concat([part["networks"] for part in parts])}
    )
    return done


def stop_after_one(progress: ReproductionProgress) -> None:
    if progress.done:
        raise KeyboardInterrupt


def stopped_run(out: Path) -> Path:
    """A reproduction that was stopped when it had written the one piece that is given."""
    with pytest.raises(KeyboardInterrupt):
        run_tiny(out, report=stop_after_one)
    (piece,) = (out / ".unfinished").glob("learning-*.piece")
    return piece


def files_of(out: Path) -> dict[Path, bytes]:
    return {path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file()}


def test_a_stopped_reproduction_goes_on_to_the_same_bytes(tmp_path: Path, short: list[ExperimentJob]) -> None:
    whole, stopped = tmp_path / "whole", tmp_path / "stopped"
    seen: list[ReproductionProgress] = []
    run_tiny(whole, report=seen.append)
    assert seen[0].done == 0
    assert seen[-1].done == pytest.approx(seen[-1].total)
    every = len(short)
    stopped_run(stopped)
    with pytest.raises(FamilyTreesError, match="stopped: holds a stopped reproduction; --resume goes on with it"):
        run_tiny(stopped)
    short.clear()
    run_tiny(stopped, resume=True)
    assert len(short) == every - 1  # the one that was done is not done again
    assert files_of(stopped) == files_of(whole)
    run_tiny(stopped, resume=True, executor=Nowhere())  # finished: nothing to do
    run_tiny(stopped)  # without --resume, all anew
    assert len(short) == 2 * every - 1


def test_the_same_bytes_in_whatever_order_and_on_whatever_does_the_jobs(
    tmp_path: Path, short: list[ExperimentJob]
) -> None:
    run_tiny(tmp_path / "here")
    run_tiny(tmp_path / "backwards", executor=Backwards(len(short)))
    with ThreadPoolExecutor(2) as threads:
        run_tiny(tmp_path / "threads", executor=threads)
    assert files_of(tmp_path / "here") == files_of(tmp_path / "backwards") == files_of(tmp_path / "threads")


def test_a_finished_one_done_anew_and_stopped_is_gone_on_with_anew(tmp_path: Path, short: list[ExperimentJob]) -> None:
    run_tiny(tmp_path)
    every = len(short)
    stopped_run(tmp_path)
    assert (tmp_path / "tables" / "learning" / "networks.csv").exists()  # the old ones, until the new ones are there
    short.clear()
    run_tiny(tmp_path, resume=True)
    assert len(short) == every - 1


def test_what_is_damaged_is_done_again(
    tmp_path: Path, short: list[ExperimentJob], caplog: pytest.LogCaptureFixture
) -> None:
    piece = stopped_run(tmp_path / "stopped")
    piece.write_bytes(piece.read_bytes().replace(b"0.33", b"0.34"))
    every = len(short)
    short.clear()
    run_tiny(tmp_path / "stopped", resume=True)
    assert len(short) == every
    (line,) = (record.getMessage() for record in caplog.records)
    assert line.endswith(f"1 piece is damaged or of another run ({piece.name}): made again")
    run_tiny(tmp_path / "whole")
    assert files_of(tmp_path / "stopped") == files_of(tmp_path / "whole")
    short.clear()
    (tmp_path / "whole" / "tables" / "learning" / "networks.csv").unlink()
    run_tiny(tmp_path / "whole", resume=True)
    assert len(short) == every
    assert files_of(tmp_path / "stopped") == files_of(tmp_path / "whole")


def test_killed_between_its_tables_and_the_end_of_the_pieces_it_is_finished(
    tmp_path: Path, short: list[ExperimentJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(_: Pieces) -> None:
        raise KeyboardInterrupt

    run_tiny(tmp_path / "whole")
    with monkeypatch.context() as context, pytest.raises(KeyboardInterrupt):
        context.setattr(Pieces, "remove", killed)
        run_tiny(tmp_path / "killed")
    assert len(list((tmp_path / "killed" / ".unfinished").iterdir())) == len(short) / 2
    run_tiny(tmp_path / "killed", resume=True, executor=Nowhere())
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("text", [b"", b"[]", b"\xff", b"{}", b'{"about": 1, "to do": [], "files": {}}', b"[" * 9999])
@pytest.mark.usefixtures("short")
def test_a_damaged_mark_is_one_line(tmp_path: Path, text: bytes) -> None:
    unfinished = stopped_run(tmp_path / "stopped").parent
    (unfinished / "reproduction.json").write_bytes(text)
    run_tiny(tmp_path / "whole")
    mark = tmp_path / "whole" / "tables" / "reproduction.json"
    mark.write_bytes(text)
    for name, told in (("stopped", f"remove {unfinished} to begin anew"), ("whole", "remove it to do all anew")):
        with pytest.raises(FamilyTreesError, match=r"reproduction\.json: is damaged; ") as refused:
            run_tiny(tmp_path / name, resume=True)
        assert str(refused.value).endswith(told)
    run_tiny(tmp_path / "whole")


@pytest.mark.parametrize("text", [b"", b"\xff\xfe", b"a,b\n1,2\n1,2,3\n"])
@pytest.mark.usefixtures("short")
def test_a_damaged_table_is_one_line(tmp_path: Path, text: bytes) -> None:
    run_tiny(tmp_path)
    (tmp_path / "tables" / "learning" / "networks.csv").write_bytes(text)
    with pytest.raises(FamilyTreesError, match=r"networks\.csv: is damaged \(.*\); remove it, and --resume") as refused:
        run_tiny(tmp_path, resume=True)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", [b"recipe,network,x\n", b"a,b\n1,2\n"])
@pytest.mark.usefixtures("short")
def test_an_altered_table_is_one_line(tmp_path: Path, text: bytes) -> None:
    """It is a table all the same: rows are missing, or it has other columns, or one number is another."""
    run_tiny(tmp_path)
    table = tmp_path / "tables" / "learning" / "networks.csv"
    whole = table.read_bytes()
    for altered in (text, whole.replace(b"0.33", b"0.34", 1)):
        table.write_bytes(altered)
        with pytest.raises(FamilyTreesError, match=r"networks\.csv: is damaged \(it is not the file that checksums"):
            run_tiny(tmp_path, resume=True, executor=Nowhere())
    table.unlink()
    run_tiny(tmp_path, resume=True)
    assert table.read_bytes() == whole
    (table.parent / "checksums.txt").unlink()  # as earlier versions left it
    run_tiny(tmp_path, resume=True, executor=Nowhere())


def test_tables_lost_since_a_stop_are_made_again(tmp_path: Path, short: list[ExperimentJob]) -> None:
    """A run that was to make one experiment again was stopped. Then the tables of the others were lost."""
    both: list[ExperimentName] = ["learning", "iterative"]
    run_experiments(TINY, tmp_path, experiments=both, executor=Here())
    whole, every = files_of(tmp_path), len(short)
    (tmp_path / "tables" / "learning" / "networks.csv").unlink()
    with pytest.raises(KeyboardInterrupt):
        run_experiments(TINY, tmp_path, experiments=both, resume=True, report=stop_after_one, executor=Here())
    shutil.rmtree(tmp_path / "tables")
    short.clear()
    found = run_experiments(TINY, tmp_path, experiments=both, resume=True, executor=Here())
    assert len(short) == every - 1
    assert [*found] == both
    assert files_of(tmp_path) == whole


@pytest.mark.usefixtures("short")
def test_a_second_reproduction_at_once_is_refused(tmp_path: Path) -> None:
    def second(_: ReproductionProgress) -> None:
        run_tiny(tmp_path, resume=True)

    with pytest.raises(FamilyTreesError, match="another run is at work here: process"):
        run_tiny(tmp_path, report=second)


def test_only_the_same_reproduction_is_gone_on_with(tmp_path: Path, short: list[ExperimentJob]) -> None:
    run_tiny(tmp_path / "new", resume=True)  # where there is nothing, it starts
    stopped_run(tmp_path)
    with pytest.raises(
        FamilyTreesError, match=r"with other numbers \(.*seed 0\); give those again, or remove .*\.unfinished"
    ):
        run_tiny(tmp_path, replace(TINY, seed=1), resume=True)
    assert short


def test_pieces_of_nobody_knows_what_are_not_taken_for_done(tmp_path: Path, short: list[ExperimentJob]) -> None:
    stopped_run(tmp_path)
    (tmp_path / ".unfinished" / "reproduction.json").unlink()
    run_tiny(tmp_path)
    assert short.count(short[0]) == 2


def test_how_much_work_is_positive_and_grows() -> None:
    for name in ALL_EXPERIMENTS:
        jobs = EXPERIMENTS[name].jobs(QUICK_SIZE)
        assert all(reproduction.job_work(QUICK_SIZE, job) > 0 for job in jobs)
    assert reproduction.estimated_seconds(FULL_SIZE, 2) > reproduction.estimated_seconds(QUICK_SIZE, 2) > 0


def test_usefulness_is_that_of_weights_without_biases(task: Task) -> None:
    trained = train(task, replace(DEFAULT, sweeps=2), seed=1)
    cases = Cases(task.inputs(), task.desired(), np.ones((1, 104)))
    sizes, rises = weight_sizes_and_rises(trained.weights, cases)
    assert len(sizes) == len(rises) == 24 * 6 + 12 * 6 + 2 * 6 * 12 + 12 * 6 + 6 * 24
    assert (sizes >= 0).all()


def test_a_disk_that_takes_no_more_tables_leaves_the_old_ones(
    tmp_path: Path, short: list[ExperimentJob], monkeypatch: pytest.MonkeyPatch
) -> None:
    run_tiny(tmp_path)
    before = files_of(tmp_path)

    def full(path: Path, _: str) -> None:
        raise FamilyTreesError(f"{path}: cannot write: No space left on device")

    with monkeypatch.context() as context, pytest.raises(FamilyTreesError, match="No space left"):
        context.setattr(reproduction, "_write", full)
        run_tiny(tmp_path, replace(TINY, seed=1))
    after = files_of(tmp_path)
    assert {path: raw for path, raw in after.items() if path.parts[0] == "tables"} == before
    assert short
    run_tiny(tmp_path, replace(TINY, seed=1), resume=True, executor=Nowhere())


@pytest.mark.usefixtures("short")
def test_what_a_killed_run_left_of_its_figures_goes(tmp_path: Path) -> None:
    run_tiny(tmp_path / "whole")
    leftover = tmp_path / "killed" / ".unfinished-0123abcd"
    leftover.mkdir(parents=True)
    (leftover / "fig1.png").touch()
    run_tiny(tmp_path / "killed")
    assert files_of(tmp_path / "killed") == files_of(tmp_path / "whole")


def test_no_second_reproduction_while_figures_are_drawn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def draws(*_: object) -> None:
        with pytest.raises(FamilyTreesError, match="another run is at work here"), reproduction_lock(tmp_path):
            pass
        raise KeyboardInterrupt

    monkeypatch.setattr("family_trees.views.report.reproduce.run_experiments", lambda *_, **__: {})
    monkeypatch.setattr("family_trees.views.report.reproduce.found", draws)
    with pytest.raises(KeyboardInterrupt):
        reproduce(tmp_path)
