"""The compiled file: found, checked and called through ctypes."""

from __future__ import annotations

import ctypes
import os
import sys
import sysconfig
import zlib
from functools import cache
from pathlib import Path

from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import shown

ENGINE_VARIABLE = "FAMILY_TREES_ENGINE"
"""The environment variable that chooses an engine, one of `ENGINES`. The networks are the same with all of them."""

LEVELS = ("plain", "avx2", "avx512")
"""Versions of the compiled engine, from the narrowest to the widest vectors. A processor may lack the wide ones."""

SOURCES = ("kernel.c", "sweep.h", "embedding.h", "embedding_memory.h")
"""The files of which the compiled file is made. scripts/build_kernel.py names them in the same order."""

FUNCTIONS = (
    "sources",
    "is_exact",
    "widest_level",
    *(name + of for of in ("", "_embedding") for name in ("train", "answer", "evaluate")),
)
"""The functions of the compiled file."""

ENGINES = ("numpy", *LEVELS)
"""The engines that `ENGINE_VARIABLE` may name. By default it is the widest that is there."""


def file_name() -> str:
    """The name of the compiled file, which says for which platform it is. scripts/build_kernel.py gives it."""
    return f"kernel-{sysconfig.get_platform()}.so"


@cache
def _loaded(path: Path) -> ctypes.CDLL | None:
    """The compiled file, if it is there, was made of the sources beside it, and computes exactly."""
    try:
        library = ctypes.CDLL(str(path))
        for name in FUNCTIONS:
            getattr(library, name).restype = ctypes.c_int64
    except (OSError, AttributeError):
        return None
    library.is_exact.argtypes = [ctypes.c_double] * 4
    if library.sources() != zlib.crc32(b"".join(path.with_name(name).read_bytes() for name in SOURCES)):
        return None
    # 1 + 2^-30 squared is 1 + 2^-29 + 2^-60, and the last term is lost unless the product is fused with the sum.
    exact = library.is_exact(1 + 2.0**-30, 1 + 2.0**-30, -1 - 2.0**-29, sys.float_info.min)
    return library if exact else None


def compiled_library() -> tuple[ctypes.CDLL, int] | None:
    """The compiled engine and its level, an index of `LEVELS`; None where NumPy computes.

    Raises:
        FamilyTreesError: the environment variable names no engine, or one that is not there.
    """
    wanted = os.environ.get(ENGINE_VARIABLE, "")
    if wanted == "numpy":
        return None
    if wanted and wanted not in ENGINES:
        raise FamilyTreesError(f"{ENGINE_VARIABLE}: {shown(wanted)} is no engine; give one of {', '.join(ENGINES)}")
    library = _loaded(Path(__file__).with_name(file_name()))
    if library is None:
        if wanted:
            raise FamilyTreesError(
                f"{ENGINE_VARIABLE}: {wanted} is not there, since no compiler was found at installation; give numpy"
            )
        return None
    widest = int(library.widest_level())
    if wanted and LEVELS.index(wanted) > widest:
        raise FamilyTreesError(f"{ENGINE_VARIABLE}: this processor has no {wanted}; give {LEVELS[widest]}")
    return library, LEVELS.index(wanted) if wanted else widest
