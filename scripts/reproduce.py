"""Reproduce the experiment of 1986. It does the same as `family-trees reproduce`, with the same options.

Trains about a thousand networks, judges every claim of the paper, and writes report, figures and tables into
results/quick. This takes less than two minutes on two cores. With --full it trains as many networks as the committed
results have, and writes into results/.
"""

import sys

from family_trees.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "reproduce")
    main()
