"""Checksums of the files of a directory, in the format of `sha256sum`, so that an altered file is found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from family_trees.support.errors import FamilyTreesError
from family_trees.support.files import file_sha256, read_limited

CHECKSUMS_NAME = "checksums.txt"
"""The name of the file of checksums. `sha256sum -c checksums.txt` checks the directory by hand."""


MOST_BYTES = 1_000_000
"""The most bytes of a file of checksums."""


def checksums_text(digests: Mapping[str, str]) -> str:
    """The text of a file of checksums.

    Args:
        digests: the SHA-256 of each file in hexadecimal digits, by the name of the file.
    """
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))


def checksum_problem(path: Path) -> str:
    """What the checksums of its directory say against the file `path`.

    Returns:
        An empty text if the file is the one that was written, or if the directory has no checksums.

    Raises:
        OSError: the file cannot be read.
    """
    checksums = path.parent / CHECKSUMS_NAME
    if not checksums.exists():
        return ""
    try:
        text = read_limited(checksums, MOST_BYTES, "a list of checksums").decode("ascii", errors="replace")
    except FamilyTreesError:
        return f"{CHECKSUMS_NAME} cannot be read"
    known = re.findall(r"^([0-9a-f]{64})  (.*)$", text, re.MULTILINE)
    return "" if (file_sha256(path), path.name) in known else f"it is not the file that {CHECKSUMS_NAME} names"
