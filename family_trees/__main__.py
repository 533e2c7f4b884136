"""`python -m family_trees` is the command line."""

from __future__ import annotations

from family_trees.cli import main

main()
