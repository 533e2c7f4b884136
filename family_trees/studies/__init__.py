"""Studies of many networks: study files, runs, tables, and the experiments on the claims of the paper."""

from typing import TYPE_CHECKING

from family_trees.support.lazy import lazy_attributes

if TYPE_CHECKING:
    from family_trees.studies.comparison import compare
    from family_trees.studies.run import run_study
    from family_trees.studies.study_file import Study, read_study
    from family_trees.studies.summaries import case_summary, committee_summary, held_out_distribution, study_summary
    from family_trees.studies.training_tables import curve_table, network_table

__all__ = [
    "Study",
    "case_summary",
    "committee_summary",
    "compare",
    "curve_table",
    "held_out_distribution",
    "network_table",
    "read_study",
    "run_study",
    "study_summary",
]

__getattr__, __dir__ = lazy_attributes(
    __name__,
    {
        "Study": "studies.study_file",
        "case_summary": "studies.summaries",
        "committee_summary": "studies.summaries",
        "compare": "studies.comparison",
        "curve_table": "studies.training_tables",
        "held_out_distribution": "studies.summaries",
        "network_table": "studies.training_tables",
        "read_study": "studies.study_file",
        "run_study": "studies.run",
        "study_summary": "studies.summaries",
    },
)
