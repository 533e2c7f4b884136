"""Names of a package that are imported when they are first used, so that the package itself imports fast."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from typing import Any


def near_names(name: str, names: Iterable[str]) -> str:
    """What a message says of the names that there are: the nearest ones, or all of them."""
    from difflib import get_close_matches  # needed for a mistake alone

    near = get_close_matches(name, names, n=2)
    return f"did you mean {' or '.join(near)}?" if near else f"it has {', '.join(sorted(names))}"


def lazy_attributes(package: str, where: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package that offers names from other modules.

    Args:
        package: the full name of the package.
        where: for each name, the module below `family_trees` that defines it.
    """

    def find(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; {near_names(name, where)}")
        return getattr(import_module(f"family_trees.{where[name]}"), name)

    return find, lambda: sorted(where)
