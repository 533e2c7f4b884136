"""Reproduce the experiment of 1986: the same as `family-trees reproduce`, and takes the same options.

Trains 20 networks with the default recipe and 20 with `published`, the paper to the letter; prints what happened beside
what the paper says; and writes report, tables and figures into results/. Well under a minute on two cores.
"""

import sys

from family_trees.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "reproduce")
    main()
