"""A cluster: the same bytes whatever becomes of its workers; what it lacks is said in one line.

Most tests have a scheduler and a worker in threads of this process. The slow ones have processes of their own.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from executors import Here
from interrupts import hear_interrupts

from family_trees.cli import main
from family_trees.engine.recipe import DEFAULT
from family_trees.studies.paper.jobs import ReproductionSize
from family_trees.studies.paper.reproduction import run_experiments
from family_trees.studies.paper.verdicts import ClaimRow
from family_trees.studies.run import BLOCK, run_study
from family_trees.studies.study_file import Study, read_study
from family_trees.support.cluster import ATTEMPTS, connected_cluster, do_pickled
from family_trees.support.errors import FamilyTreesError
from family_trees.support.jobs import Pieces, results_as_done, run_jobs

STUDY = Study("small", (replace(DEFAULT, name="r", sweeps=2),), splits=3 * BLOCK + 1)
"""Four blocks, of networks that hardly learn."""


class Local:
    """A scheduler in this process, with one worker that does two jobs at once; or with none."""

    def __init__(self, directory: Path, workers: int = 1) -> None:
        distributed = pytest.importorskip("distributed")
        self.cluster = distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=2,
            processes=False,
            protocol="tcp",
            dashboard_address="127.0.0.1:0",
            local_directory=str(directory),
        )
        self.address: str = self.cluster.scheduler_address


@contextmanager
def local_cluster(directory: Path, workers: int = 1) -> Iterator[Local]:
    local = Local(directory, workers)
    try:
        yield local
    finally:
        local.cluster.close()


@pytest.fixture
def local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Local]:
    with local_cluster(tmp_path_factory.mktemp("dask")) as each:
        yield each


def square(number: int) -> int:
    return number * number


def rest(_: int) -> bytes:
    time.sleep(0.02)
    return b""


def fails(number: int) -> int:
    raise ValueError(f"no\nsquare of {number}")


def is_refused(_: int) -> int:
    raise FamilyTreesError("one line")


class Sometimes:
    """A job that fails so many times; a worker in this process counts."""

    failures: ClassVar[dict[int, int]] = {}

    def __call__(self, number: int) -> int:
        if self.failures[number]:
            self.failures[number] -= 1
            raise MemoryError
        return number


def files_of(out: Path) -> dict[str, bytes]:
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "address", ["", "host", "host:8786", "tcp://host", "tcp://:8786", "tcp://host:0", "tcp://host:65536", "http://a:1"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    told = r"is no address of a Dask scheduler; give one like tcp://host:8786$"
    with pytest.raises(FamilyTreesError, match=told), connected_cluster(address):
        pass


def test_without_dask_the_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    told = r"install the extra: pip install 'family-trees\[cluster\]'$"
    with pytest.raises(FamilyTreesError, match=told), connected_cluster("tcp://host:8786"):
        pass


def test_where_no_scheduler_answers() -> None:
    """Whether nobody listens, or somebody who keeps quiet."""
    pytest.importorskip("distributed")
    with socket.socket() as quiet:
        quiet.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{quiet.getsockname()[1]}"
        for listens in (False, True):
            if listens:
                quiet.listen()
            told = rf"^{address}: no Dask scheduler answers within 0\.2 seconds; start one with 'dask scheduler', .*$"
            with pytest.raises(FamilyTreesError, match=told), connected_cluster(address, answer_seconds=0.2):
                pass


def test_tls_without_certificates_is_one_line() -> None:
    pytest.importorskip("distributed")
    told = r"^tls://127\.0\.0\.1:1: TLS expects .*$"
    with pytest.raises(FamilyTreesError, match=told), connected_cluster("tls://127.0.0.1:1", answer_seconds=5):
        pass


def test_a_scheduler_without_workers(tmp_path: Path) -> None:
    with local_cluster(tmp_path, workers=0) as local:
        told = f"the scheduler has no workers; .*: dask worker {local.address} --nworkers -1 --nthreads 1$"
        with pytest.raises(FamilyTreesError, match=told), connected_cluster(local.address):
            pass


def test_workers_of_another_version(local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are named at the start, and those that come later do no job."""
    monkeypatch.setattr("family_trees.support.cluster.VERSION", "9.9")
    told = r"workers need family-trees 9\.9, as here; tcp://127\.0\.0\.1:\d+ has \d"
    with pytest.raises(FamilyTreesError, match=told), connected_cluster(local.address):
        pass
    with pytest.raises(FamilyTreesError, match=r"a worker has family-trees 9\.9; this run has 0\.0"):
        do_pickled("0.0", b"never read")


def test_jobs_are_done(local: Local) -> None:
    with connected_cluster(local.address) as cluster:
        assert (cluster.workers, cluster.threads) == (1, 2)
        assert sorted(results_as_done(square, [3, 4, 3], executor=cluster)) == [(0, 9), (1, 16), (2, 9)]


def test_a_job_is_tried_three_times(local: Local) -> None:
    Sometimes.failures = {1: ATTEMPTS - 1, 2: ATTEMPTS}
    with connected_cluster(local.address) as cluster:
        assert list(results_as_done(Sometimes(), [1], executor=cluster)) == [(0, 1)]
        with pytest.raises(FamilyTreesError, match="a job failed 3 times, the last time with MemoryError; the log"):
            list(results_as_done(Sometimes(), [2], executor=cluster))
    assert Sometimes.failures == {1: 0, 2: 0}


def test_what_a_job_raises_is_one_line(local: Local) -> None:
    with connected_cluster(local.address) as cluster:
        with pytest.raises(FamilyTreesError, match=r"the last time with ValueError: no square of 1; the log"):
            list(results_as_done(fails, [1], executor=cluster))
        with pytest.raises(FamilyTreesError, match=r"^one line$"):
            list(results_as_done(is_refused, [1], executor=cluster))


def lost_workers(local: Local) -> None:
    local.cluster.scale(0)


def lost_scheduler(local: Local) -> None:
    local.cluster.close()


@pytest.mark.parametrize(
    ("lose", "told"),
    [
        (lost_workers, "no worker is left; finished work is kept: resume this run when there are workers again"),
        (lost_scheduler, "the scheduler was lost; finished work is kept: resume this run when it is there again"),
    ],
)
def test_a_lost_cluster_is_one_line(local: Local, tmp_path: Path, lose: Callable[[Local], None], told: str) -> None:
    """What is done is kept."""
    pieces = Pieces(tmp_path / "pieces", "rests")
    jobs = {f"{number}": number for number in range(1000)}  # ten seconds, were nothing lost

    def lose_after_one(finished: Sequence[str]) -> None:
        if len(finished) == 1 and len(list(pieces.directory.iterdir())) == 1:
            lose(local)

    connected = connected_cluster(local.address, without_workers_seconds=0.2)
    with pytest.raises(FamilyTreesError, match=told), connected as cluster:
        run_jobs(rest, jobs, pieces, executor=cluster, report=lose_after_one)
    assert 1 <= len(jobs) - len(pieces.missing(jobs)) < len(jobs)


def test_stopped_and_resumed_it_ends_with_the_same_bytes(local: Local, tmp_path: Path) -> None:
    """As long as it works, a second run is refused."""

    def stop(done: int, _: int) -> None:
        if done:
            with pytest.raises(FamilyTreesError, match="another run is at work here"):
                run_study(STUDY, tmp_path / "out", executor=Here(), resume=True)
            raise KeyboardInterrupt

    run_study(STUDY, tmp_path / "here", executor=Here())
    with pytest.raises(KeyboardInterrupt), connected_cluster(local.address) as cluster:
        run_study(STUDY, tmp_path / "out", executor=cluster, report=stop)
    assert len(list((tmp_path / "out" / "blocks").iterdir())) == 1
    with connected_cluster(local.address) as cluster:
        assert run_study(STUDY, tmp_path / "out", executor=cluster, resume=True)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "here")


FILE = 'title = "small"\nsplits = 97\ncheckpoints = [1]\n[[recipes]]\nsweeps = 2\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


def ended_with(monkeypatch: pytest.MonkeyPatch, *words: str) -> object:
    monkeypatch.setattr(sys, "argv", ["family-trees", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_the_command_writes_the_same_bytes(
    local: Local, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_study(read_study(file), tmp_path / "here", executor=Here())
    out = tmp_path / "out"
    assert ended_with(monkeypatch, "study", str(file), "--out", str(out), "--cluster", local.address) == 0
    assert f"{local.address}: 1 worker, 2 jobs at once\n" in capsys.readouterr().err
    found = files_of(out)
    del found["summary.csv"]
    assert found == files_of(tmp_path / "here")


def test_the_jobs_of_a_reproduction_are_done(
    local: Local, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One experiment, without the report, which is written here in any case."""
    size = ReproductionSize(learning=1, units=1, symmetry=3, symmetry_sweeps=10, iterative=1)

    def only_symmetry(out: Path, _: ReproductionSize, **how: Any) -> list[ClaimRow]:
        run_experiments(size, out, experiments=["symmetry"], **how)
        return []

    monkeypatch.setattr("family_trees.views.report.reproduce.reproduce", only_symmetry)
    assert ended_with(monkeypatch, "reproduce", "--out", str(tmp_path / "out"), "--cluster", local.address) == 0
    assert "seconds there, if its machines are like this one\n" in capsys.readouterr().err
    run_experiments(size, tmp_path / "here", experiments=["symmetry"], executor=Here())
    assert [path.name for path in (tmp_path / "out" / "tables" / "symmetry").iterdir()]
    assert files_of(tmp_path / "out") == files_of(tmp_path / "here")


@pytest.mark.parametrize("command", ["study", "reproduce"])
def test_workers_and_a_cluster_are_refused_together(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    words = [command, *([str(file)] if command == "study" else []), "--out", str(tmp_path / "out")]
    assert ended_with(monkeypatch, *words, "--workers", "2", "--cluster", "tcp://host:8786") == 2
    assert "Error: --workers and --cluster: give one of them; a cluster has the workers" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_cluster_that_is_not_there_leaves_nothing(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended_with(monkeypatch, "study", str(file), "--out", str(tmp_path / "out"), "--cluster", "host") == 1
    assert capsys.readouterr().err == (
        "Error: 'host' is no address of a Dask scheduler; give one like tcp://host:8786\n"
    )
    assert not (tmp_path / "out").exists()


class Machines:
    """A scheduler and workers, each in a process of its own, on the loopback interface."""

    def __init__(self, directory: Path, stack: ExitStack) -> None:
        self._directory, self._stack = directory, stack
        self.workers: list[subprocess.Popen[bytes]] = []
        file = directory / "scheduler.json"
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(file))
        wait_until(lambda: file.exists() and bool(file.read_text(encoding="utf-8")))
        self.address: str = json.loads(file.read_text(encoding="utf-8"))["address"]

    def add_worker(self) -> None:
        """Start a worker, without the nanny that would start it again after a kill."""
        place = ["--local-directory", str(self._directory / f"worker-{len(self.workers)}")]
        self.workers.append(self._start("worker", self.address, "--no-nanny", "--nthreads", "1", *place))

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        log = self._stack.enter_context((self._directory / f"{words[0]}.log").open("ab"))
        command = [sys.executable, "-m", "dask", *words, "--no-dashboard"]
        child = self._stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log))
        self._stack.callback(child.kill)
        return child


def wait_until(it_is_so: Callable[[], bool]) -> None:
    """It gives up after five minutes."""
    latest = time.monotonic() + 300
    while not it_is_so():
        assert time.monotonic() < latest
        time.sleep(0.02)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[Machines]:
    """A scheduler and two workers."""
    distributed = pytest.importorskip("distributed")
    with ExitStack() as stack:
        each = Machines(tmp_path, stack)
        each.add_worker()
        each.add_worker()
        with distributed.Client(each.address, set_as_default=False) as client:
            client.wait_for_workers(2)
        yield each


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a POSIX matter")
def test_a_killed_worker_changes_no_byte(machines: Machines, tmp_path: Path) -> None:
    """It is killed in the middle of a block, which the other worker then trains."""
    study = replace(STUDY, recipes=(replace(DEFAULT, name="r", sweeps=100),), splits=12 * BLOCK, seeds=1)
    run_study(study, tmp_path / "here", executor=Here())
    distributed = pytest.importorskip("distributed")
    killed: list[int] = []

    with (
        distributed.Client(machines.address, set_as_default=False) as client,
        connected_cluster(machines.address) as cluster,
    ):
        assert (cluster.workers, cluster.threads) == (2, 2)
        process_of = client.run(os.getpid)

        def kill_one_at_work(done: int, _: int) -> None:
            if done >= 3 * BLOCK and not killed:
                busy = next(worker for worker, jobs in client.processing().items() if jobs)
                os.kill(process_of[busy], signal.SIGKILL)
                killed.append(process_of[busy])

        run_study(study, tmp_path / "out", executor=cluster, report=kill_one_at_work)
    ended = {worker.pid: worker.wait(300) for worker in machines.workers if worker.pid in killed}
    assert [*ended.values()] == [-signal.SIGKILL]
    assert sum(worker.poll() is None for worker in machines.workers) == 1
    assert files_of(tmp_path / "out") == files_of(tmp_path / "here")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="signals are a POSIX matter")
def test_ctrl_c_stops_the_command_and_resume_goes_on(machines: Machines, tmp_path: Path) -> None:
    file = tmp_path / "long.toml"
    file.write_text(FILE.replace("97", "192").replace("sweeps = 2", "sweeps = 200"), encoding="utf-8")
    out = tmp_path / "out"
    command = [sys.executable, "-m", "family_trees", "study", str(file), "--out", str(out)]
    command += ["--cluster", machines.address]

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=hear_interrupts) as child:
        try:
            wait_until(lambda: child.poll() is not None or any(out.glob("blocks/*.piece")))
            child.send_signal(signal.SIGINT)
            _, told = child.communicate(timeout=300)
        finally:
            child.kill()
    assert child.returncode == 130
    assert told.endswith(f"\nStopped by you; what is done is kept in {out}, and --resume goes on.\n")
    assert "Traceback" not in told
    assert not (out / "networks.csv").exists()
    subprocess.run([*command, "--resume"], check=True, capture_output=True)
    run_study(read_study(file), tmp_path / "here", executor=Here())
    found = files_of(out)
    del found["summary.csv"]
    assert found == files_of(tmp_path / "here")


def test_no_command_imports_dask_unless_it_is_asked_for() -> None:
    code = "import sys, family_trees.cli.many, family_trees.cli.paper, family_trees.support.cluster\n"
    code += "import family_trees.studies.run; sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
