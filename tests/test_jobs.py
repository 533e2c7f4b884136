"""The runner: the same pieces whatever does the jobs; what is damaged is found; one run at a time in a directory."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest
from executors import Backwards, Here, Nowhere

from family_trees.support.errors import FamilyTreesError
from family_trees.support.jobs import Pieces, results_as_done, run_jobs
from family_trees.support.locks import LOCK_NAME, directory_lock

JOBS = {f"square-{k}": k for k in range(5)}


def square(number: int) -> bytes:
    return b"%d\n" % (number * number)


def end_at_once(_: int) -> bytes:
    os._exit(1)


@pytest.fixture
def pieces(tmp_path: Path) -> Pieces:
    """All five, whole."""
    pieces = Pieces(tmp_path / "pieces", "squares")
    run_jobs(square, JOBS, pieces, executor=Here())
    return pieces


def contents(pieces: Pieces) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in pieces.directory.iterdir()}


def test_pieces_are_the_same_whatever_does_the_jobs(tmp_path: Path, pieces: Pieces) -> None:
    def done_by(name: str, **how: object) -> dict[str, bytes]:
        own = Pieces(tmp_path / name, "squares")
        run_jobs(square, JOBS, own, **how)  # type: ignore[arg-type]
        return contents(own)

    expected = contents(pieces)
    assert sorted(expected) == [f"{name}.piece" for name in JOBS]
    assert done_by("local", workers=2) == expected
    assert done_by("backwards", executor=Backwards(len(JOBS))) == expected
    with ThreadPoolExecutor(2) as threads:
        assert done_by("threads", executor=threads) == expected
    with ProcessPoolExecutor(2) as processes:
        assert done_by("processes", executor=processes) == expected
    assert [pieces.read(name) for name in JOBS] == [b"0\n", b"1\n", b"4\n", b"9\n", b"16\n"]


def test_loky_does_the_jobs_where_it_is_installed(tmp_path: Path, pieces: Pieces) -> None:
    loky = pytest.importorskip("loky")
    own = Pieces(tmp_path / "loky", "squares")
    with loky.ProcessPoolExecutor(2) as executor:
        run_jobs(square, JOBS, own, executor=executor)
    assert contents(own) == contents(pieces)


def test_what_is_done_is_not_done_again(pieces: Pieces) -> None:
    told: list[Sequence[str]] = []
    run_jobs(square, JOBS, pieces, executor=Nowhere(), report=told.append)
    assert told == [list(JOBS)]
    pieces.path("square-3").unlink()
    told.clear()
    run_jobs(square, JOBS, pieces, executor=Here(), report=told.append)
    assert told == [["square-0", "square-1", "square-2", "square-4"], ["square-3"]]


def emptied(piece: Path) -> None:
    piece.write_bytes(b"")


def altered(piece: Path) -> None:
    piece.write_bytes(piece.read_bytes().replace(b"\n9", b"\n8"))


def cut_in_half(piece: Path) -> None:
    piece.write_bytes(piece.read_bytes()[: piece.stat().st_size // 2])


def longer(piece: Path) -> None:
    piece.write_bytes(piece.read_bytes() + b"9\n")


def without_its_header(piece: Path) -> None:
    piece.write_bytes(b"9\n")


def of_another_job(piece: Path) -> None:
    piece.write_bytes(piece.with_name("square-2.piece").read_bytes())


def of_another_run(piece: Path) -> None:
    Pieces(piece.parent, "cubes").write("square-3", b"9\n")


FAULTS = [emptied, altered, cut_in_half, longer, without_its_header, of_another_job, of_another_run]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_piece_is_found_and_made_again(pieces: Pieces, fault: Callable[[Path], None]) -> None:
    whole, told = contents(pieces), list[str]()
    fault(pieces.path("square-3"))
    assert contents(pieces) != whole
    with pytest.raises(FamilyTreesError, match=r"square-3\.piece: is missing or damaged"):
        pieces.read("square-3")
    run_jobs(square, JOBS, pieces, executor=Here(), warn=told.append)
    assert contents(pieces) == whole
    assert told == [
        f"{pieces.directory}: 1 piece is damaged or of another run (square-3.piece): made again",
    ]


def test_swapped_pieces_are_found(pieces: Pieces) -> None:
    whole, told = contents(pieces), list[str]()
    one, other = (pieces.path(f"square-{k}") for k in (1, 4))
    between = one.with_suffix(".between")
    one.rename(between)
    other.rename(one)
    between.rename(other)
    run_jobs(square, JOBS, pieces, executor=Here(), warn=told.append)
    assert contents(pieces) == whole
    assert told == [
        f"{pieces.directory}: 2 pieces are damaged or of another run (square-1.piece, square-4.piece): made again"
    ]


def test_a_program_without_a_log_prints_the_line(tmp_path: Path, pieces: Pieces) -> None:
    emptied(pieces.path("square-0"))
    code = "import sys; from family_trees.support.jobs import Pieces; from pathlib import Path\n"
    code += "Pieces(Path(sys.argv[1]), 'squares').missing(['square-0'])"
    ran = subprocess.run(
        [sys.executable, "-c", code, str(pieces.directory)], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ran.stderr == f"{pieces.directory}: 1 piece is damaged or of another run (square-0.piece): made again\n"


def test_names_that_are_no_files_are_refused(pieces: Pieces) -> None:
    for name in ("", "a/b", "a b", "é", "a\n"):
        with pytest.raises(ValueError, match="the name of a job"):
            pieces.path(name)


def test_stopped_after_a_piece_the_others_are_not_begun(tmp_path: Path) -> None:
    own = Pieces(tmp_path / "pieces", "squares")
    begun: list[int] = []

    def stop(names: Sequence[str]) -> None:
        if names:
            raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as threads:
        futures = [threads.submit(begun.append, k) for k in range(2)]
        with pytest.raises(KeyboardInterrupt):
            run_jobs(square, JOBS, own, executor=threads, report=stop)
    assert all(future.done() for future in futures)
    assert len(contents(own)) == 1
    results = results_as_done(square, range(5), executor=Backwards(5))
    assert next(results) == (0, b"0\n")
    results.close()


@pytest.mark.skipif(sys.platform == "win32", reason="where processes end otherwise")
def test_a_lost_worker_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(FamilyTreesError, match="a worker process was killed, perhaps for lack of memory"):
        run_jobs(end_at_once, JOBS, Pieces(tmp_path / "pieces", "x"), workers=1)


def test_two_runs_of_one_process_in_one_directory(tmp_path: Path) -> None:
    directory = tmp_path / "out"
    with directory_lock(directory):
        refused = rf"out: another run is at work here: process {os.getpid()} on .*, since 20\d\d-.*; wait until it"
        for _ in range(2):  # the refusal leaves the lock as it is
            with pytest.raises(FamilyTreesError, match=refused) as told, directory_lock(directory):
                pass
            assert "\n" not in str(told.value)
        assert (directory / LOCK_NAME).exists()
        with directory_lock(tmp_path / "another"):
            pass
    assert [path.name for path in directory.iterdir()] == []
    with directory_lock(directory):
        pass


def test_a_lock_for_which_the_disk_has_no_room_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    told = pytest.raises(FamilyTreesError, match="new: cannot write: No space left on device")
    with monkeypatch.context() as context, told:
        context.setattr("family_trees.support.locks.os.write", full)
        with directory_lock(tmp_path / "new"):
            pass
    assert not list(tmp_path.iterdir())


def test_a_run_that_fails_leaves_no_directory(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), directory_lock(tmp_path / "a" / "b"):
        raise ZeroDivisionError
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(FamilyTreesError, match="is a file, not a directory"), directory_lock(tmp_path / "file"):
        pass


HOLDING = """
import os, sys
from pathlib import Path
from family_trees.support.locks import directory_lock
with directory_lock(Path(sys.argv[1])):
    if not os.fork():  # a worker, which outlives the run
        sys.stdin.read()
        os._exit(0)
    print("held", flush=True)
    os.wait()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL and fork are POSIX matters")
def test_a_killed_run_frees_the_lock_though_a_worker_outlives_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDING, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "held\n"
        with pytest.raises(FamilyTreesError, match=f"process {child.pid} on "), directory_lock(tmp_path):
            pass
        child.send_signal(signal.SIGKILL)
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        with directory_lock(tmp_path):
            pass
        assert child.stdin is not None
        child.stdin.close()  # and so the worker ends
    assert not list(tmp_path.iterdir())
