"""See that a wheel holds every file of the package and its data: `packed.py WHEEL`, run in the checkout."""

import subprocess
import sys
from zipfile import ZipFile

tracked = subprocess.run(["git", "ls-files", "family_trees"], capture_output=True, text=True, check=True).stdout  # noqa: S607
data = ["children.csv", "claims.csv", "marriages.csv", "model.npz", "people.csv", "recipes.csv", "triples.csv"]
wanted = {*tracked.splitlines(), *(f"family_trees/data/{name}" for name in data)}
with ZipFile(sys.argv[1]) as wheel:
    missing = wanted - {*wheel.namelist()}
if missing:
    sys.exit(f"not in the wheel: {', '.join(sorted(missing))}")
