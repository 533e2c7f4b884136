"""Names of a package that are imported when they are first used, so that the package itself imports fast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def lazy_attributes(package: str, where: Mapping[str, str]) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package that offers names from other modules.

    Args:
        package: the full name of the package.
        where: for each name, the module below `family_trees` that defines it.
    """

    def find(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}; it has {', '.join(sorted(where))}")
        return getattr(import_module(f"family_trees.{where[name]}"), name)

    return find, lambda: sorted(where)
