"""The explorer: a page that trains a network and shows its inside. It opens from disk, and holds all its data."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from family_trees.analysis.explain.moment import check_no_shared_weights
from family_trees.families.kinship import ShownPeople
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError
from family_trees.views.explorer.page_data import page_data

LANGUAGES = ("en", "ko")
"""The languages of the page; each has a file of texts."""


ENGINE_MODULES = (
    "arithmetic.js",
    "random.js",
    "fingerprint.js",
    "network.js",
    "engine.js",
    "training.js",
    "paths.js",
)
"""The modules that compute, in an order in which each imports only from those before it."""


WORKER_MODULES = (*ENGINE_MODULES, "judging.js", "successor.js", "runner.js")
"""What the worker runs: the engine, and what trains and judges with it."""


WORKER_LINE = "// ==== The worker ends here ===="
"""Stands between the modules that also run in the worker, and those of the page. `lab.js` splits the program there."""


PAGE_MODULES = (
    "dom.js",
    "store.js",
    "kin.js",
    "task.js",
    "pedigree.js",
    "family.js",
    "lab.js",
    "session.js",
    "words.js",
    "address.js",
    "measure.js",
    "now.js",
    "formulas.js",
    "passes.js",
    "view_controls.js",
    "view_trees.js",
    "view_meaning.js",
    "view_network.js",
    "view_equations.js",
    "view_whatif.js",
    "npz.js",
    "models.js",
    "view_keep.js",
    "view_family.js",
    "view_twenty.js",
    "view_window.js",
    "view_successor.js",
    "tour.js",
    "lessons.js",
    "guide.js",
    "teacher.js",
    "app.js",
)
"""The modules of the page, in the order of their imports."""


def explorer_page(
    model: Model, part: ShownPeople | None = None, *, recorded: bool | None = None, untrained: bool = False
) -> str:
    """The page as HTML. The same network gives the same bytes. The arguments are those of `page_data`.

    Raises:
        FamilyTreesError: the model has vectors or matrices, layers share weights, or weights are so large that numbers
            of the page are not finite.
    """
    check_no_shared_weights(model.network)
    environment = Environment(
        loader=PackageLoader("family_trees.views", "explorer"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    texts = {language: json.loads(_read(f"texts.{language}.json")) for language in LANGUAGES}
    program = f"{joined_modules(WORKER_MODULES)}\n{WORKER_LINE}\n{joined_modules(PAGE_MODULES)}"
    return environment.get_template("page.html").render(
        title=texts["en"]["title"],
        cutoff=texts["en"]["cutoff"],
        style=Markup(_read("style.css")),  # noqa: S704
        texts=_script(texts),
        data=_script(page_data(model, part, recorded=recorded, untrained=untrained)),
        program=Markup(program.replace("</script", r"<\/script")),  # noqa: S704
    )


def _read(name: str) -> str:
    return files("family_trees.views.explorer").joinpath(name).read_text(encoding="utf-8")


def joined_modules(names: Sequence[str]) -> str:
    """Modules of the page as one program. A page that is opened from disk cannot import files.

    They stand one after another in the given order, without the words `import` and `export`: what a module defines is
    then known to those after it. So no two modules may define one name, and an import stands in a line of its own.
    """
    modules = (re.sub(r"^import .*\n", "", _read(name), flags=re.MULTILINE) for name in names)
    return "\n".join(re.sub(r"^export ", "", module, flags=re.MULTILINE) for module in modules)


def _script(value: object) -> Markup:
    """A value as JSON for a script element: no text in it can end the element."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    except ValueError:
        raise FamilyTreesError("the weights of this model are so large that its numbers are not finite") from None
    return Markup(re.sub("[<>&\u2028\u2029]", lambda sign: f"\\u{ord(sign.group()):04x}", text))  # noqa: S704
