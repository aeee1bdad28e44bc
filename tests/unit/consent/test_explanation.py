"""Decisions in words: a sentence for every code, in both languages, saying no more than the code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from consent.domain.decision import Decision, Effect, NextStep, Outcome, ReasonCode, Request, Ruling, next_step
from consent.domain.explanation import DUTIES, OUTCOMES, REASONS, STEPS, explain, explanations
from consent.domain.fold import State, Status
from consent.domain.purpose import LegalBasis, Obligation, Published, Wording
from consent.domain.tables import Scope, Tables
from consent.usecases.decide import NOBODY
from tests.unit.consent.consenting import purpose

DOCUMENT = (Path(__file__).parents[3] / "docs/decisions.md").read_text("utf-8")
TABLES: dict[str, tuple[Mapping[Any, Wording], type[StrEnum]]] = {
    "outcomes": (OUTCOMES, Outcome),
    "reasons": (REASONS, ReasonCode),
    "steps": (STEPS, NextStep),
    "duties": (DUTIES, Obligation),
}
LAWYERS = ("finalité", "base légale", "intérêt légitime", "traitement", "legal basis", "legitimate interest", "processing", "data subject")


def section(title: str) -> str:
    return DOCUMENT.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]


def documented(title: str) -> list[str]:
    return re.findall(r"^\| `([\w-]+)` \|", section(title), flags=re.MULTILINE)


@pytest.mark.parametrize("name", TABLES)
def test_every_code_has_one_sentence_in_each_language(name: str) -> None:
    table, codes = TABLES[name]
    assert set(table) == set(codes)
    for wording in table.values():
        assert set(wording.texts) == {"fr", "en"}
        assert all(text.count(".") == 1 and text.endswith(".") for text in wording.texts.values())
        assert not [word for word in LAWYERS for text in wording.texts.values() if word in text.lower()]
    for language in ("fr", "en"):
        assert len({wording.texts[language] for wording in table.values()}) == len(table), "no two codes read the same"


def test_the_document_has_every_code_and_no_other() -> None:
    assert documented("Reason codes") == [reason.value for reason in ReasonCode]
    assert documented("Next steps") == [step.value for step in NextStep]
    assert documented("Obligations") == [obligation.value for obligation in Obligation]


def test_the_document_tells_effects_and_next_steps_as_they_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (permit|deny) \| .+ \| `([\w-]+)` \|$", section("Reason codes"), flags=re.MULTILINE)
    assert {(code, step) for code, _, step in rows} == {(reason.value, next_step(reason).value) for reason in ReasonCode}
    assert {code for code, effect, _ in rows if effect == "permit"} == {"CONSENT_GIVEN", "OTHER_GROUND"}


def decided(state: State, *attributes: str, basis: LegalBasis = LegalBasis.CONSENT) -> Decision:
    one = replace(purpose(basis), obligations=(Obligation.SHOW_WITHDRAW_LINK,))
    tables = Tables(Published({"offers": (one,)}), {"marketing": Scope(frozenset({"offers"}), frozenset({"marketing"}))})
    return tables.decide(Request("marketing", "offers", "marketing", attributes), state)


def test_a_permit_says_why_and_what_to_do() -> None:
    assert explain(decided(State(Status.GIVEN), "email"), "fr") == (
        "Oui. La personne a dit oui à cette utilisation. Chaque contact montre comment dire non, simplement et sans frais."
    )


def test_a_partial_answer_says_both_reasons_once() -> None:
    told = explain(decided(State(Status.GIVEN), "email", "given_name", "birth_date", "phone"), "en")
    assert told.startswith("In part. The person said yes to this use. Some information asked for is not needed for this use")
    assert told.count("not needed") == 1


def test_a_denial_says_what_could_change_it_and_no_duties() -> None:
    told = explain(decided(State(Status.UNKNOWN), "email"), "en")
    assert told.startswith("No. The person has not said yet")
    assert "may be asked" in told
    assert "Each contact" not in told


def test_who_gets_nothing_has_no_duties() -> None:
    needless = decided(State(Status.GIVEN), "birth_date")
    assert needless.outcome is Outcome.DENY
    assert explain(needless, "en") == "No. Some information asked for is not needed for this use, so it is not given."


def test_a_refusal_asks_for_nothing() -> None:
    assert (
        explain(decided(State(Status.REFUSED), "email"), "fr")
        == "Non. La personne n'a pas accepté cette utilisation, ou elle n'est pas connue."
    )


@pytest.mark.parametrize("basis", LegalBasis)
def test_nobody_reads_like_somebody(basis: LegalBasis) -> None:
    told = explanations(decided(NOBODY, "email", basis=basis))
    assert "n'est pas connue" in told["fr"]
    assert told == explanations(decided(State(Status.ERASED), "email", basis=basis))


def test_another_language_is_answered_in_french() -> None:
    decision = decided(State(Status.GIVEN), "email")
    assert explain(decision, "de") == explain(decision, "fr")
    assert set(explanations(decision)) == {"fr", "en"}


def test_what_has_no_attributes_is_explained_by_its_general_ruling() -> None:
    nothing = Decision(Outcome.DENY, {}, Ruling(Effect.DENY, ReasonCode.PURPOSE_UNKNOWN))
    assert explain(nothing, "en") == "No. This use is not in the catalogue."
