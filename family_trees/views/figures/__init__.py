"""The figures. Each is a function from data to a matplotlib figure, which a notebook shows without a file.

>>> import family_trees as ft
>>> ft.figures.draw_weights(ft.load(), "person")
"""

from typing import TYPE_CHECKING

from family_trees.support.lazy import lazy_attributes

if TYPE_CHECKING:
    from family_trees.views.figures.activities import draw_activities
    from family_trees.views.figures.chain_tree import draw_chain_trees
    from family_trees.views.figures.codes import draw_people, draw_similarity
    from family_trees.views.figures.composition import draw_composition
    from family_trees.views.figures.curves import draw_code_by_sweep, draw_curves, draw_emergence
    from family_trees.views.figures.iterative import draw_iterative, draw_memory
    from family_trees.views.figures.lecture import draw_line, draw_saturation, draw_units, draw_xor
    from family_trees.views.figures.matrices import draw_people_as_matrices, draw_product, draw_relations_as_matrices
    from family_trees.views.figures.of_model import draw
    from family_trees.views.figures.studies import (
        draw_bars,
        draw_calibration,
        draw_case_map,
        draw_grid,
        draw_lines,
        draw_race,
        draw_window,
    )
    from family_trees.views.figures.style import save_figure
    from family_trees.views.figures.symmetry import draw_solved, draw_symmetry
    from family_trees.views.figures.trees import draw_trees
    from family_trees.views.figures.turned import draw_turned_people
    from family_trees.views.figures.units import draw_encoding, draw_nearness, draw_usefulness
    from family_trees.views.figures.weights import draw_weights

__all__ = [
    "draw",
    "draw_activities",
    "draw_bars",
    "draw_calibration",
    "draw_case_map",
    "draw_chain_trees",
    "draw_code_by_sweep",
    "draw_composition",
    "draw_curves",
    "draw_emergence",
    "draw_encoding",
    "draw_grid",
    "draw_iterative",
    "draw_line",
    "draw_lines",
    "draw_memory",
    "draw_nearness",
    "draw_people",
    "draw_people_as_matrices",
    "draw_product",
    "draw_race",
    "draw_relations_as_matrices",
    "draw_saturation",
    "draw_similarity",
    "draw_solved",
    "draw_symmetry",
    "draw_trees",
    "draw_turned_people",
    "draw_units",
    "draw_usefulness",
    "draw_weights",
    "draw_window",
    "draw_xor",
    "save_figure",
]

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        "draw": "views.figures.of_model",
        "draw_turned_people": "views.figures.turned",
        "draw_relations_as_matrices": "views.figures.matrices",
        "draw_product": "views.figures.matrices",
        "draw_people_as_matrices": "views.figures.matrices",
        "draw_composition": "views.figures.composition",
        "draw_activities": "views.figures.activities",
        "draw_bars": "views.figures.studies",
        "draw_calibration": "views.figures.studies",
        "draw_case_map": "views.figures.studies",
        "draw_chain_trees": "views.figures.chain_tree",
        "draw_code_by_sweep": "views.figures.curves",
        "draw_curves": "views.figures.curves",
        "draw_emergence": "views.figures.curves",
        "draw_encoding": "views.figures.units",
        "draw_grid": "views.figures.studies",
        "draw_iterative": "views.figures.iterative",
        "draw_line": "views.figures.lecture",
        "draw_saturation": "views.figures.lecture",
        "draw_units": "views.figures.lecture",
        "draw_xor": "views.figures.lecture",
        "draw_lines": "views.figures.studies",
        "draw_memory": "views.figures.iterative",
        "draw_nearness": "views.figures.units",
        "draw_people": "views.figures.codes",
        "draw_race": "views.figures.studies",
        "draw_similarity": "views.figures.codes",
        "draw_solved": "views.figures.symmetry",
        "draw_symmetry": "views.figures.symmetry",
        "draw_trees": "views.figures.trees",
        "draw_usefulness": "views.figures.units",
        "draw_weights": "views.figures.weights",
        "draw_window": "views.figures.studies",
        "save_figure": "views.figures.style",
    },
)
