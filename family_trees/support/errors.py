"""The one kind of error that a user is meant to see."""

from __future__ import annotations


class FamilyTreesError(Exception):
    """Something the user can mend: its text is one line that says what is wrong, where, and what to do.

    The command line prints the line and exits with a status that is not zero. Anything else that is raised is a bug
    and keeps its traceback.
    """
