"""What networks learn: what units encode, which facts have twins, why a recipe fails, which facts are suspicious."""

from typing import TYPE_CHECKING

from family_trees.support.lazy import lazy_attributes

if TYPE_CHECKING:
    from family_trees.analysis.distinctions import distinctions
    from family_trees.analysis.encoding import encodings, named_layers, unit_table
    from family_trees.analysis.judges import train_judges
    from family_trees.analysis.likeness import similarity
    from family_trees.analysis.suspicious import missing_facts, unlikely_facts
    from family_trees.analysis.twins import twins
    from family_trees.analysis.usefulness import error_rise_by_weight
    from family_trees.analysis.variance import eta_squared
    from family_trees.analysis.window import largest_epsilon, smallest_epsilon

__all__ = [
    "distinctions",
    "encodings",
    "error_rise_by_weight",
    "eta_squared",
    "largest_epsilon",
    "missing_facts",
    "named_layers",
    "similarity",
    "smallest_epsilon",
    "train_judges",
    "twins",
    "unit_table",
    "unlikely_facts",
]

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        "distinctions": "analysis.distinctions",
        "encodings": "analysis.encoding",
        "eta_squared": "analysis.variance",
        "largest_epsilon": "analysis.window",
        "missing_facts": "analysis.suspicious",
        "named_layers": "analysis.encoding",
        "error_rise_by_weight": "analysis.usefulness",
        "similarity": "analysis.likeness",
        "smallest_epsilon": "analysis.window",
        "train_judges": "analysis.judges",
        "twins": "analysis.twins",
        "unit_table": "analysis.encoding",
        "unlikely_facts": "analysis.suspicious",
    },
)
