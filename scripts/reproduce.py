"""Reproduce the experiment of 1986: the same as `family-trees reproduce`, and takes the same options.

Trains some thousand networks, judges every claim of the paper, and writes report, figures and tables into
results/quick; under two minutes on two cores. With --full it trains as many as stand behind results/, and writes
them there.
"""

import sys

from family_trees.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "reproduce")
    main()
