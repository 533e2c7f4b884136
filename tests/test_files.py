from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import staged_directory, staged_file, write_text


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with pytest.raises(RuntimeError), staged_file(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_who_reads_the_old_file_goes_on_reading_it(tmp_path: Path) -> None:
    """The new file is moved into place whole; it is never written over the old one."""
    path = tmp_path / "a.txt"
    write_text(path, "old")
    with path.open() as reader:
        write_text(path, "new, and longer")
        assert reader.read() == "old"
    assert path.read_text() == "new, and longer"


def test_a_full_disk_is_told_with_path_and_reason(tmp_path: Path) -> None:
    told = pytest.raises(FamilyTreesError, match=r"a\.txt: cannot write: No space left on device")
    with told, staged_file(tmp_path / "a.txt"):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_told_with_the_path_that_was_asked_for(tmp_path: Path) -> None:
    """A temporary file may be written through another temporary file; neither name is told."""
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    model, drawn = tmp_path / "m.npz", tmp_path / "drawn"
    with pytest.raises(FamilyTreesError) as of_file, staged_file(model) as outer, staged_file(outer):
        raise full
    with (
        pytest.raises(FamilyTreesError) as of_directory,
        staged_directory(drawn) as directory,
        staged_file(directory / "fig2.png"),
    ):
        raise full
    with pytest.raises(FamilyTreesError) as of_another, staged_file(model), staged_file(tmp_path / "other"):
        raise full
    told = [str(found.value) for found in (of_file, of_directory, of_another)]
    places = (model, drawn / "fig2.png", tmp_path / "other")
    assert told == [f"{place}: cannot write: No space left on device" for place in places]
    assert not list(tmp_path.iterdir())


def test_a_failed_directory_leaves_the_old_files_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(KeyboardInterrupt), staged_directory(tmp_path) as temporary:
        (temporary / "a.txt").write_text("new")
        raise KeyboardInterrupt
    assert [path.name for path in tmp_path.iterdir()] == ["a.txt"]
    assert (tmp_path / "a.txt").read_text() == "old"


def test_directories_made_in_vain_go_away(tmp_path: Path) -> None:
    for opened in (staged_directory(tmp_path / "a" / "b"), staged_file(tmp_path / "c" / "d" / "e.txt")):
        with pytest.raises(RuntimeError), opened:
            raise RuntimeError
    assert not list(tmp_path.iterdir())


def test_new_files_come_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("kept")
    with staged_directory(tmp_path) as temporary:
        write_text(temporary / "new.txt", "new")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept.txt", "new.txt"]


def test_rights_are_those_of_any_file(tmp_path: Path) -> None:
    write_text(tmp_path / "ours", "")
    (tmp_path / "any").touch()
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any").stat().st_mode


def test_places_that_cannot_be(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for path, message in ((tmp_path, "is a directory"), (file / "x", "is a file, not a directory")):
        with pytest.raises(FamilyTreesError, match=message):
            write_text(path, "")
    for path in (file, file / "x"):
        with (
            pytest.raises(FamilyTreesError, match=r"this is a file|is a file, not a directory"),
            staged_directory(path),
        ):
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="/proc takes no files on Linux")
def test_a_place_that_takes_no_files() -> None:
    for opened in (staged_file(Path("/proc/x.txt")), staged_directory(Path("/proc/x"))):
        with pytest.raises(FamilyTreesError, match=r"/proc/x.*: cannot write: "), opened:
            pass


def test_through_a_link_the_file_it_points_to_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    write_text(target, "old")
    link.symlink_to(target)
    write_text(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes that have names")
def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FamilyTreesError, match="this is a device or a pipe"):
        write_text(pipe, "")
    assert pipe.is_fifo()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write to any file")
def test_a_file_without_the_right_to_write_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept"
    path.write_text("old")
    path.chmod(0o444)
    with pytest.raises(FamilyTreesError, match="Permission denied"):
        write_text(path, "new")
    assert path.read_text() == "old"
