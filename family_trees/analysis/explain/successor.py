"""The explanation of one question to vectors or matrices: equations 1 to 9 of `engine.embedding` with their numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from family_trees.analysis.explain.moment import UnitPlace, find_unit
from family_trees.analysis.explain.sections import Section, TextTable
from family_trees.analysis.explain.steps import Step, Term, change_steps
from family_trees.analysis.explain.successor_moment import CODES, SuccessorMoment, moment_of_successor
from family_trees.engine.arrays import Array
from family_trees.families.task import Case
from family_trees.models.model import Model
from family_trees.support.errors import FamilyTreesError
from family_trees.support.wording import count

PEOPLE_SHOWN = 40
"""The table of people shows at most this many."""

ROWS_SHOWN, COLUMNS_SHOWN = 12, 8
"""A matrix is shown with at most this many rows and columns."""

ANSWERS_NAMED = 8
"""At most this many answers are named: early in training nearly everybody is one."""

NATURE = "Nature 8, 9"
"""The number of the equation of the weight change, which is that of 1986."""


def explain_successor(
    model: Model,
    case: Case,
    *,
    unit: str | None = None,
    weight: tuple[str, str] | None = None,
    sweep: int | None = None,
) -> list[Section]:
    """The forward pass, the error, the backward pass and the weight change for a question.

    Args:
        unit: explain this number or person alone, such as "product 3" or "answer Jennifer"; by default everything.
        weight: explain a number of a person or of a relation: ("person Colin", "person code 3").
        sweep: explain the model after this sweep; by default after the last one.

    Raises:
        FamilyTreesError: there is no such unit, weight or sweep.
    """
    at = moment_of_successor(model, case, sweep, changes=weight is not None)
    facts = model.task.answers.get(case, ())
    wanted = [find_unit(at.learner, at.names, text) for text in ((unit,) if unit is not None else weight or ())]
    if any(each.layer == "bias" for each in wanted):
        raise FamilyTreesError("vectors and matrices have no bias; 'product 3' or 'answer NAME' is a unit")
    if weight is not None and not facts:
        raise FamilyTreesError(f"{case.person} has no {case.relation} in the facts: no error, and no gradient")
    asked = f"{case.person} {model.task.words.has}{case.relation}"
    title = Section(f"{asked} ? - after sweep {at.t - 1}", (_verdict(at, facts),))
    if weight is not None:
        below, above = wanted
        at.weight(below, above)
        name = f"{at.name(above)} of {at.name(below)}"
        return [title, Section("Error", (error_step(at),)), Section(f"The weight: {name}", weight_steps(at, *wanted))]
    if not facts:
        nothing = "The facts hold no answer, so there is no error, and nothing goes back."
        forward = [Section(f"Forward: {at.name(each)}", (*forward_steps(at, each), nothing)) for each in wanted]
        return [title, *(forward or [_forward_section(at), _people_section(at, back=False)])]
    if unit is not None:
        name = at.name(wanted[0])
        return [
            title,
            Section(f"Forward: {name}", forward_steps(at, wanted[0])),
            Section("Error", (error_step(at),)),
            Section(f"Backward: {name}", backward_steps(at, wanted[0])),
        ]
    return [title, _forward_section(at), _people_section(at), _error_section(at), _backward_section(at)]


def _verdict(at: SuccessorMoment, facts: Sequence[str]) -> str:
    order = [k for k in np.argsort(-at.answer, kind="stable") if at.answer[k] > 0.5]
    named = [f"{at.names['answer'][k]} ({at.answer[k]:.3f})" for k in order[:ANSWERS_NAMED]]
    named += [f"and {len(order) - ANSWERS_NAMED} more"] if len(order) > ANSWERS_NAMED else []
    kind = "a vector" if at.learner.columns == 1 else "a matrix"
    return (
        f"A person is {kind}, a relation is a matrix, and asking is multiplying. Above 0.5: "
        f"{', '.join(named) or 'nobody'}. "
        + (f"The facts say {', '.join(facts)}. " if facts else "The facts hold no answer to this. ")
        + ("It is a training case." if at.is_training_case else "The model is not trained on it.")
    )


def _forward_section(at: SuccessorMoment) -> Section:
    rows, columns = count(at.learner.rows, "row"), count(at.learner.columns, "column")
    return Section(
        "Forward: (1) Z = R A",
        (
            f"R, the matrix of {at.case.relation}, with {rows} and as many columns:",
            *_matrix("R", at.relation),
            f"A, of {at.case.person}, with {rows} and {columns}:",
            *_matrix("A", at.person),
            "Their product Z, of the size of A:",
            *_matrix("Z", at.product),
        ),
    )


def _matrix(name: str, values: Array) -> tuple[TextTable | str, ...]:
    """A matrix as a table; of a large one its first rows and columns, and a sentence that says so."""
    rows, columns = (min(pair) for pair in zip(values.shape, (ROWS_SHOWN, COLUMNS_SHOWN), strict=True))
    head = (name, *(str(k + 1) for k in range(columns)))
    shown = values[:rows, :columns]
    small = float(np.abs(values).max()) < 0.1  # as derivatives after the training
    cells = tuple(
        (str(k + 1), *(f"{v + 0.0:.2g}" if small else f"{v + 0.0:.3f}" for v in shown[k])) for k in range(rows)
    )
    cut = (
        (f"These are its first {count(rows, 'row')} and {count(columns, 'column')}.",)
        if shown.shape != values.shape
        else ()
    )
    return TextTable(head, cells), *cut


def _people_section(at: SuccessorMoment, *, back: bool = True) -> Section:
    """Every person with the distance to the product, the probability and the derivative; the right ones come first."""
    order = np.lexsort((-at.x, -at.target))[:PEOPLE_SHOWN]
    distance = np.sum((at.product - at.people) ** 2, axis=(1, 2))
    columns = {"|Z - V|^2": distance, "x (2)": at.x, "P (3)": at.p, "answer": at.answer}
    columns |= {"t": at.target, "dE/dx (5)": at.dE_dx} if back else {}
    rows = tuple(
        (at.names["answer"][k], *(f"{float(values[k]) + 0.0:.4g}" for values in columns.values())) for k in order
    )
    cut = (
        (f"The {len(order)} nearest of {len(at.x):,} people, the right ones first.",) if len(order) < len(at.x) else ()
    )
    words = (
        "V is the matrix of each person. The nearer it is to Z, the likelier is the person. The answer is the square "
        "root of P over the largest P: above 0.5, a person counts as an answer."
    )
    title = "Forward and backward: people" if back else "Forward: people"
    return Section(title, (words, *cut, TextTable(("person", *columns), rows)))


def _error_section(at: SuccessorMoment) -> Section:
    return Section(
        "Error",
        (error_step(at), f"Over all {at.training_cases} training cases E is {at.whole_objective:.5g}."),
    )


def _backward_section(at: SuccessorMoment) -> Section:
    """The derivative by the product, and how far each matrix is pushed."""
    right = at.names["answer"][int(np.argmax(at.target))]
    lengths = np.linalg.norm(at.dE_dcandidate.reshape(len(at.people), -1), axis=1)
    pushed = [
        (f"relation {at.case.relation}", "8", float(np.linalg.norm(at.dE_drelation))),
        (f"person {at.case.person}, asked about", "9", float(np.linalg.norm(at.dE_dperson))),
        *((f"person {at.names['person'][k]}, as an answer", "7", float(lengths[k])) for k in np.argsort(-lengths)[:5]),
    ]
    rows = tuple((name, equation, f"{length:.4g}") for name, equation, length in pushed)
    return Section(
        "Backward: matrices",
        (
            "(6) dE/dZ = 2 sum_j dE/dx_j V_j:",
            *_matrix("dE/dZ", at.dE_dproduct),
            "What this case asks of each matrix, as the length of dE/dR, dE/dA and dE/dV (the five largest):",
            TextTable(("matrix", "equation", "length"), rows),
            "The numbers are those that the training has: they were compared.",
            f"--unit 'product 3' shows the equations of a number, --unit 'answer {right}' those of a person, --weight "
            f"'person {at.case.person}' 'person code 3' those of a weight.",
        ),
    )


def error_step(at: SuccessorMoment) -> Step:
    """Equation 4 for one case."""
    logs = np.log(np.maximum(at.p, np.finfo(np.float64).smallest_normal))
    terms = tuple(
        Term(f"answer {name}", (-float(t), float(log)))
        for name, t, log in zip(at.names["answer"], at.target, logs, strict=True)
        if t
    )
    return Step("4", "E = - sum_j t_j ln P_j", r"E = -\sum_j t_j \ln P_j", at.objective, terms)


def forward_steps(at: SuccessorMoment, unit: UnitPlace) -> tuple[Step, ...]:
    """Equation 1 for a number of the product, equations 2 and 3 for a person as an answer."""
    if unit.layer in ("person", "relation"):
        asked = at.names[unit.layer][unit.place] in at.case
        return (Step("", "y_j is set by the question", r"y_j \text{ is set by the question}", float(asked)),)
    if unit.layer in CODES:
        owner = at.case.person if unit.layer == "person code" else at.case.relation
        value = float(at.of_layer(unit.layer)[0].reshape(-1)[unit.place])
        return (Step("", f"a number of {owner}, learned", rf"\text{{a number of {owner}, learned}}", value),)
    if unit.layer == "product":
        k, column = at.place(unit)
        terms = tuple(
            Term(f"R row {k + 1}, column {i + 1}; A row {i + 1}, column {column + 1}", (float(r), float(a)))
            for i, (r, a) in enumerate(zip(at.relation[k], at.person[:, column], strict=True))
        )
        value = float(at.product[k, column])
        return (Step("1", "Z_kl = sum_i R_ki A_il", r"Z_{kl} = \sum_i R_{ki} A_{il}", value, terms),)
    z, v, x = at.product.reshape(-1), at.people[unit.place].reshape(-1), float(at.x[unit.place])
    square, length = float(np.sum(v**2)), float(np.sum(z**2))
    products = tuple(Term(f"product {f + 1}", (2.0, float(z[f]), float(v[f]))) for f in range(len(z)))
    largest = float(at.x.max())
    total = largest + float(np.log(np.sum(np.exp(at.x - largest))))
    return (
        Step(
            *("2", "x_j = 2 Z . V_j - |V_j|^2", r"x_j = 2 Z \cdot V_j - |V_j|^2", x),
            (*products, Term("- |V_j|^2", (-square,))),
        ),
        Step(
            *("", "|Z - V_j|^2 = |Z|^2 - x_j", r"|Z - V_j|^2 = |Z|^2 - x_j", length - x),
            (Term("|Z|^2", (length,)), Term("- x_j", (-x,))),
        ),
        Step(
            *("3", "P_j = exp(x_j) / sum_k exp(x_k)", r"P_j = \frac{e^{x_j}}{\sum_k e^{x_k}}", float(at.p[unit.place])),
            argument=x,
            note=f"ln sum_k exp(x_k) is {total:.6g}, the largest x is {largest:.6g}",
        ),
        Step("", "(P_j / max P)^(1/2)", r"\sqrt{P_j / \max P}", float(at.answer[unit.place])),
    )


def backward_steps(at: SuccessorMoment, unit: UnitPlace) -> tuple[Step | TextTable | str, ...]:
    """Equations 5 and 7 for a person as an answer, 6 for a number of the product, 8 or 9 for a number of a code."""
    if unit.layer in ("person", "relation"):
        return ("It is set by the question: nothing goes back to it.",)
    if unit.layer == "answer":
        p, t = float(at.p[unit.place]), float(at.target[unit.place])
        return (
            Step(
                *("5", "dE/dx_j = P_j - t_j", r"\frac{\partial E}{\partial x_j} = P_j - t_j"),
                *(float(at.dE_dx[unit.place]), (Term("P_j", (p,)), Term("- t_j", (-t,)))),
            ),
            "(7) dE/dV_j = 2 dE/dx_j (Z - V_j), the change that this person as an answer calls for:",
            *_matrix("dE/dV", at.dE_dcandidate[unit.place]),
        )
    k, column = at.place(unit)
    value = float(at.of_layer(unit.layer)[1][k, column])
    if unit.layer == "product":
        terms = [
            Term(f"answer {name}", (2.0, float(e), float(v[k, column])))
            for name, e, v in zip(at.names["answer"], at.dE_dx, at.people, strict=True)
        ]
        latex = r"\frac{\partial E}{\partial Z_{kl}} = 2 \sum_j \frac{\partial E}{\partial x_j} V_{jkl}"
        return (Step("6", "dE/dZ_kl = 2 sum_j dE/dx_j V_jkl", latex, value, tuple(terms)),)
    return (_asked_step(at, unit),)


def _asked_step(at: SuccessorMoment, unit: UnitPlace) -> Step:
    """Equation 8 for a number of the relation, equation 9 for a number of the person asked about."""
    k, column = at.place(unit)
    value = float(at.of_layer(unit.layer)[1][k, column])
    if unit.layer == "relation code":
        terms = [
            Term(f"dE/dZ row {k + 1}, column {c + 1}; A row {column + 1}, column {c + 1}", (float(d), float(a)))
            for c, (d, a) in enumerate(zip(at.dE_dproduct[k], at.person[column], strict=True))
        ]
        latex = r"\frac{\partial E}{\partial R_{ki}} = \sum_l \frac{\partial E}{\partial Z_{kl}} A_{il}"
        return Step("8", "dE/dR_ki = sum_l dE/dZ_kl A_il", latex, value, tuple(terms))
    terms = [
        Term(f"R row {r + 1}, column {k + 1}; dE/dZ row {r + 1}, column {column + 1}", (float(w), float(d)))
        for r, (w, d) in enumerate(zip(at.relation[:, k], at.dE_dproduct[:, column], strict=True))
    ]
    latex = r"\frac{\partial E}{\partial A_{il}} = \sum_k R_{ki} \frac{\partial E}{\partial Z_{kl}}"
    return Step("9", "dE/dA_il = sum_k R_ki dE/dZ_kl", latex, value, tuple(terms))


def weight_steps(at: SuccessorMoment, below: UnitPlace, above: UnitPlace) -> tuple[Step, ...]:
    """Equation 8, or 7 and 9, for a number of a relation or of a person; then equation 9 of Nature, and decay.

    Raises:
        FamilyTreesError: the two units are no weight.
    """
    connection, place = at.weight(below, above)
    owner = at.names[below.layer][below.place]
    asked = owner == (at.case.relation if below.layer == "relation" else at.case.person)
    parts = [_asked_step(at, above)] if asked else []
    if below.layer == "person":
        k, column = at.place(above)
        difference = float(at.product[k, column] - at.people[below.place, k, column])
        parts.append(
            Step(
                *("7", "dE/dV_jkl = 2 dE/dx_j (Z_kl - V_jkl)"),
                r"\frac{\partial E}{\partial V_{jkl}} = 2 \frac{\partial E}{\partial x_j} (Z_{kl} - V_{jkl})",
                float(at.dE_dcandidate[below.place, k, column]),
                (Term(f"{owner} as an answer", (2.0, float(at.dE_dx[below.place]), difference)),),
            )
        )
    note = "" if asked else f"this question does not ask about {owner}"
    terms = tuple(Term(f"equation {each.equation}", (each.value,)) for each in parts)
    by_case = Step(
        *("", "dE/dw of this case", r"\frac{\partial E_c}{\partial w}", float(at.case_gradient[connection][place])),
        *(terms, None, note),
    )
    whole = float(at.whole_gradient[connection][place])
    among = "" if at.is_training_case else "; this one is not among them"
    summed = Step(
        *("", "dE/dw, over all training cases", r"\sum_c \frac{\partial E_c}{\partial w}", whole),
        note=f"over {at.training_cases} cases{among}",
    )
    changes = change_steps(
        *(at.learner, at.recipe, at.state, at.after, connection, place, whole, at.training_cases), NATURE
    )
    return (*parts, by_case, summed, *changes)
