"""The household explanation: what adds up for a family does not add up for one person."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from identity.domain.edge import EdgeGrade
from identity.domain.model.bundle import Bundle, Thresholds
from identity.domain.model.decision import Decider
from identity.domain.model.declaration import Veto
from identity.domain.model.explanation import contributions, household_contributions, probability
from identity.domain.model.model import Model
from identity.domain.model.scorer import Scorer, prior_weight
from tests.builders.models import bundle

VETO = Veto("two given names", when=(("given_name", ("different",)), ("birth", ("different", "decade"))))
MARIE = {
    "given_name": "marie",
    "family_name": "durand",
    "birth_name": "petit",
    "birth_date": "1980-03-04",
    "email": "d@courriel.example",
    "x_size": None,
}
PAUL = {**MARIE, "given_name": "paul", "birth_name": None, "birth_date": "1979-10-30"}


def decide(
    model: Bundle, one: dict[str, str | None], other: dict[str, str | None]
) -> tuple[float, float, float, EdgeGrade | None, str | None]:
    scorer, decider = Scorer(model), Decider(model)
    score = scorer.score(scorer.encode(one), scorer.encode(other))
    decision = decider.decide(score.pattern, score.match_weight, score.household_adjustment)
    return score.match_weight, decision.household_weight, decision.decision_weight, decision.grade, decision.veto


def test_shared_household_fields_raise_the_household_explanation_with_the_match() -> None:
    match_weight, household_weight, decision_weight, grade, _ = decide(bundle(), MARIE, PAUL)
    assert household_weight > match_weight
    assert decision_weight < 0
    assert grade is None


def test_the_same_person_stays_the_same_person() -> None:
    match_weight, _, decision_weight, grade, veto = decide(bundle(), MARIE, {**MARIE, "family_name": "petit"})
    assert 9 < decision_weight <= match_weight
    assert grade is EdgeGrade.LINK
    assert veto is None


def test_a_veto_holds_whatever_the_weights_unless_its_exception_does() -> None:
    generous = Thresholds(-50, -60, -70, -80, "everything links")
    other = {**PAUL, "birth_date": "1999-12-31"}
    assert decide(bundle(vetoes=(VETO,), thresholds=generous), MARIE, other)[3:] == (EdgeGrade.VETO, "two given names")
    excused = Veto("v", VETO.when, unless=(("email", ("exact",)),))
    assert decide(bundle(vetoes=(excused,), thresholds=generous), MARIE, other)[3:] == (EdgeGrade.LINK, None)


@given(st.floats(-200, 200), st.floats(-200, 2000))
def test_a_decision_never_weighs_more_than_the_match(match_weight: float, household: float) -> None:
    decision = Decider(bundle()).decide(0, match_weight, household)
    assert decision.decision_weight <= match_weight
    assert math.isfinite(decision.decision_weight)


def test_grades_follow_the_thresholds() -> None:
    decider = Decider(bundle())  # link 9, hold 6, review 2
    assert [decider.grade(w) for w in (9.0, 8.99, 6.0, 5.99, 2.0, 1.99)] == [
        EdgeGrade.LINK,
        EdgeGrade.HOLD,
        EdgeGrade.HOLD,
        EdgeGrade.REVIEW,
        EdgeGrade.REVIEW,
        None,
    ]


def test_contributions_add_up_to_the_weights() -> None:
    model = Model(bundle())
    score = model.scorer.score(model.scorer.encode(MARIE), model.scorer.encode(PAUL))
    decision = model.decider.decide(score.pattern, score.match_weight, score.household_adjustment)
    told = contributions(model, score)
    assert [c.comparison for c in told] == ["given_name", "surname", "birth", "email", "size"]
    assert [c.level for c in told] == ["different", "exact", "decade", "exact", "missing"]
    assert math.isclose(prior_weight(model.bundle.match_prior) + sum(c.weight for c in told), score.match_weight)
    household = household_contributions(model, score)
    assert math.isclose(prior_weight(model.bundle.household_prior) + sum(c.weight for c in household), decision.household_weight)


def test_the_pattern_stands_for_the_comparison_vector() -> None:
    model = Model(bundle())
    for other in (PAUL, MARIE, {}, {**MARIE, "given_name": "m"}):
        score = model.scorer.score(model.scorer.encode(MARIE), model.scorer.encode(other))
        assert model.decider.gammas(score.pattern) == score.gammas


def test_probability_survives_extremes() -> None:
    assert (probability(0), probability(5000), probability(-5000)) == (0.5, 1.0, 0.0)
