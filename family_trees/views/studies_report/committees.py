"""Study 6: committees: the mean output of several networks."""

from __future__ import annotations

from typing import Any

from family_trees.studies.summaries import committee_summary
from family_trees.views.figures.studies import draw_lines
from family_trees.views.studies_report.desk import CRITERIA, Desk, last, share


def committees(desk: Desk) -> dict[str, Any]:
    """Write the table and figure of the section; give its numbers."""
    table = desk.table(committee_summary(desk.read("committees", "committees")), "committees.csv")
    ends = last(table)
    desk.figure(draw_lines(ends, "members", "networks in the committee", CRITERIA), "committees.png")
    found = []
    for recipe, rows in ends.groupby("recipe", sort=False):
        one, most = rows.iloc[0], rows.iloc[-1]
        of_recipe: dict[str, Any] = {"recipe": recipe, "splits": int(most["splits"]), "sweeps": int(most["sweep"])}
        for key, row in (("one", one), ("most", most)):
            measured = {measure: share(row, measure) for measure in (*CRITERIA, "all_right")}
            of_recipe[key] = {"members": int(row["members"]), **measured}
        steps = {measure: most[measure] - one[measure] for measure in (*CRITERIA, "all_right")}
        surely = most["held_out_share_best_low"] > one["held_out_share_best_high"]
        of_recipe["gains"] = bool(surely and steps["held_out_share_best"] == max(steps.values()))
        of_recipe["loses"] = bool(steps["held_out_share_margins"] < 0)
        found.append(of_recipe)
    return {"recipes": found}
