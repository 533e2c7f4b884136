"""`python -m family_trees` is the command line."""

from family_trees.cli import main

main()
