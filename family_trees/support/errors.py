"""The one kind of error that users see."""

from __future__ import annotations


class FamilyTreesError(Exception):
    """An error that the user can mend. Its text is one line: what is wrong, where, and what to do.

    The command line prints the line and exits with a nonzero status. Any other exception is a bug and keeps its
    traceback.
    """
