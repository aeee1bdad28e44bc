"""The starter catalogue: the twelve purposes, lawful, minimal, and in words that people use."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from consent.adapters.starter_catalogue import starter_catalogue, starter_text
from consent.domain.catalogue_lines import key_lines
from consent.domain.french_rules import breaches
from consent.domain.purpose import LegalBasis, Minors, Notice, Purpose
from services.wiring.callers import _STARTER, PURPOSES

CATALOGUE = starter_catalogue()
BY_ID = {purpose.purpose_id: purpose for purpose in CATALOGUE.purposes}
TEXTS = [
    (f"{purpose.purpose_id} {language}", text)
    for purpose in CATALOGUE.purposes
    for wording in (purpose.title, purpose.description)
    for language, text in wording.texts.items()
] + [(f"{notice.notice_id} {language}", text) for notice in CATALOGUE.notices for language, text in notice.text.texts.items()]
JARGON = (
    "finalité", "base légale", "intérêt légitime", "traitement", "améliorer votre expérience", "améliorer l'expérience", "responsable de",
    "données à caractère", "opt-in", "profilage", "cookie", "afin de mieux", "partenaires de confiance", "consentement",
    "legitimate interest", "processing", "data subject", "improve your experience", "controller", "legal basis", "profiling",
)  # fmt: skip


def test_it_has_the_purposes_that_a_fresh_home_promises() -> None:
    assert tuple(BY_ID) == PURPOSES


def test_it_breaks_no_rule_of_law() -> None:
    assert breaches(CATALOGUE.purposes, datetime(2026, 11, 23, tzinfo=UTC)) == []


BASES = {
    "service": LegalBasis.CONTRACT,
    "loyalty": LegalBasis.CONTRACT,
    "offers-email": LegalBasis.CONSENT,
    "offers-sms": LegalBasis.CONSENT,
    "offers-phone": LegalBasis.CONSENT,
    "offers-post": LegalBasis.LEGITIMATE_INTEREST,
    "site-personalisation": LegalBasis.CONSENT,
    "audience": LegalBasis.CONSENT,
    "fraud-prevention": LegalBasis.LEGITIMATE_INTEREST,
    "legal-archive": LegalBasis.LEGAL_OBLIGATION,
    "unification": LegalBasis.LEGITIMATE_INTEREST,
    "partner-sharing": LegalBasis.CONSENT,
}


@pytest.mark.parametrize("purpose", CATALOGUE.purposes, ids=lambda one: one.purpose_id)
def test_each_purpose_has_its_ground_and_names_its_law(purpose: Purpose) -> None:
    assert purpose.basis is BASES[purpose.purpose_id]
    assert re.search(r"Art\. \d|art\. [LR]?\d", purpose.law)
    assert (purpose.valid_days is not None) == (purpose.basis is LegalBasis.CONSENT)
    assert (purpose.minors is Minors.ALIKE) == (purpose.basis is not LegalBasis.CONSENT)
    assert (purpose.version, purpose.compatible) == (1, False)
    assert purpose.notice


def test_offers_need_only_what_reaches_the_person_by_the_way_they_chose() -> None:
    assert BY_ID["offers-email"].attributes == {"given_name", "email"}
    assert BY_ID["offers-sms"].attributes == {"given_name", "phone"}
    assert "email" not in BY_ID["offers-phone"].attributes | BY_ID["offers-post"].attributes
    assert all(len(BY_ID[f"offers-{way}"].channels) == 1 for way in ("email", "sms", "phone", "post"))


def test_only_joining_records_uses_identity_numbers() -> None:
    assert {one.purpose_id for one in CATALOGUE.purposes if "national_id" in one.attributes} == {"unification"}


def test_terms_are_those_of_the_law() -> None:
    assert BY_ID["offers-phone"].valid_days == 365
    assert (BY_ID["audience"].retention, BY_ID["audience"].valid_days) == ("P25M", 393)
    assert BY_ID["legal-archive"].retention == "P10Y"


def test_whoever_a_fresh_home_registers_for_a_purpose_may_receive_it() -> None:
    for caller, _, purposes, _ in _STARTER:
        for purpose in purposes:
            assert caller in BY_ID[purpose].recipients, (caller, purpose)


def test_a_refusal_signal_is_heeded_by_what_a_browser_brings() -> None:
    assert {one.purpose_id for one in CATALOGUE.purposes if one.signal} == {"site-personalisation", "audience", "partner-sharing"}


@pytest.mark.parametrize(("where", "text"), TEXTS, ids=[where for where, _ in TEXTS])
def test_texts_are_plain(where: str, text: str) -> None:
    assert not [word for word in JARGON if word in text.lower()]
    assert "!" not in text, "nobody is shouted at"


def test_the_two_languages_say_as_much() -> None:
    for notice in CATALOGUE.notices:
        paragraphs = {language: len(text.split("\n\n")) for language, text in notice.text.texts.items()}
        assert paragraphs["fr"] == paragraphs["en"], notice.notice_id


@pytest.mark.parametrize("notice", CATALOGUE.notices, ids=lambda one: one.notice_id)
def test_each_notice_tells_who_how_long_how_to_change_and_where_to_complain(notice: Notice) -> None:
    french = notice.text.in_language("fr")
    for what in ("la société dont le nom", "Mes choix", "cnil.fr"):
        assert what in french
    assert re.search(r"\b(ans?|mois)\b", french)


def test_the_lines_of_its_keys_are_known() -> None:
    lines = key_lines(starter_text())
    assert all(("purposes", purpose, "basis") in lines for purpose in BY_ID)
