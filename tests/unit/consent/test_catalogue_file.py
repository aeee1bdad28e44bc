"""Catalogue files: what they say is read, and whatever is wrong is told with its line, all at once."""

from __future__ import annotations

import hashlib

import pytest

from consent.domain.attributes import CANONICAL, is_attribute
from consent.domain.catalogue import Catalogue, CatalogueError
from consent.domain.catalogue_codec import notice_to_json, purpose_from_json, purpose_to_json
from consent.domain.catalogue_file import parse_catalogue
from consent.domain.errors import Reason
from consent.domain.purpose import LegalBasis, Minors
from identity.domain.attributes import Attribute

GOOD = """\
[notices.offers]
version = 1
text = { fr = "Nos offres", en = "Our offers" }

[purposes.offers]
version = 1
basis = "consent"
title = { fr = "Offres", en = "Offers" }
description.fr = "Vous écrire."
description.en = "To write to you."
attributes = ["email", "x_shoe_size"]
recipients = ["marketing"]
channels = ["email"]
retention = "P3Y"
law = "GDPR Art. 6(1)(a)"
notice = "offers"
valid_days = 365
prospecting = true
obligations = ["show-withdraw-link"]
"""


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(text, "mine.toml")
    assert caught.value.reason is Reason.INVALID_CATALOGUE
    return [(fault.line, fault.message) for fault in caught.value.faults]


def with_line(old: str, new: str) -> list[tuple[int, str]]:
    assert old in GOOD
    return faults(GOOD.replace(old, new, 1))


def line(text: str) -> int:
    return next(number for number, row in enumerate(GOOD.splitlines(), 1) if row.startswith(text))


def test_a_catalogue_says_what_it_declares() -> None:
    catalogue = parse_catalogue(GOOD)
    purpose = catalogue.purpose("offers")
    assert purpose
    assert (purpose.version, purpose.basis, purpose.valid_days, purpose.prospecting) == (1, LegalBasis.CONSENT, 365, True)
    assert purpose.attributes == {"email", "x_shoe_size"}
    assert purpose.description.in_language("en") == "To write to you."
    assert (purpose.compatible, purpose.signal, purpose.soft_opt_in) == (False, False, False)
    assert [notice.notice_id for notice in catalogue.notices] == ["offers"]


def test_a_consent_of_a_child_is_joint_unless_the_catalogue_says_never() -> None:
    assert parse_catalogue(GOOD).purposes[0].minors is Minors.JOINT
    assert parse_catalogue(GOOD + 'minors = "never"\n').purposes[0].minors is Minors.NEVER
    contract = GOOD.replace('"consent"', '"contract"').replace("valid_days = 365\n", "")
    assert parse_catalogue(contract).purposes[0].minors is Minors.ALIKE


def test_a_notice_is_named_by_the_hash_of_its_canonical_form() -> None:
    (notice,) = parse_catalogue(GOOD).notices
    assert notice.digest == hashlib.sha256(notice_to_json(notice)).digest()
    (other,) = parse_catalogue(GOOD.replace("Nos offres", "Nos offres.")).notices
    assert other.digest != notice.digest


def test_every_word_of_a_purpose_is_in_its_canonical_form() -> None:
    soft = GOOD.replace('"consent"', '"legitimate-interest"').replace("valid_days = 365", "soft_opt_in = true\nsignal = true")
    for text in (GOOD, soft):
        (purpose,) = parse_catalogue(text).purposes
        assert purpose_from_json(purpose_to_json(purpose)) == purpose


def test_the_order_of_lines_and_the_ends_of_lines_change_nothing() -> None:
    blocks = GOOD.split("\n\n")
    assert parse_catalogue("\n\n".join(reversed(blocks))) == parse_catalogue(GOOD)
    assert parse_catalogue("\ufeff" + GOOD.replace("\n", "\r\n")) == parse_catalogue(GOOD)


FAULTS = {
    "an unknown key": ("valid_days = 365", "valid_day = 365", "valid_days", 'unknown key "valid_day" (did you mean "valid_days"?)'),
    "an unknown basis": ('basis = "consent"', 'basis = "consnt"', "basis", 'not "consnt" (did you mean "consent"?)'),
    "no basis": ('basis = "consent"\n', "", "", "basis is missing"),
    "an unknown attribute": ('"x_shoe_size"', '"e_mail"', "attributes", 'unknown attribute "e_mail" (did you mean "email"?)'),
    "an extra that cannot be one": ('"x_shoe_size"', '"X_shoe"', "attributes", 'unknown attribute "X_shoe"'),
    "no attribute": ('["email", "x_shoe_size"]', "[]", "attributes", "attributes is empty"),
    "an unknown channel": ('channels = ["email"]', 'channels = ["e-mail"]', "channels", 'unknown channel "e-mail" (did you mean "email"?)'),
    "a recipient that cannot be one": ('["marketing"]', '["Marketing Team"]', "recipients", '"Marketing Team" cannot name a recipient'),
    "no recipient": ('["marketing"]', "[]", "recipients", "recipients is empty"),
    "an unknown obligation": ("show-withdraw-link", "show-link", "obligations", 'unknown obligation "show-link"'),
    "a retention in words": ('"P3Y"', '"three years"', "retention", "retention is a duration in ISO 8601"),
    "a retention of nothing": ('"P3Y"', '"P0D"', "retention", "retention is a duration in ISO 8601"),
    "a retention that is no text": ('"P3Y"', "3", "retention", "retention is a text"),
    "a version of nothing": ("version = 1\nbasis", "version = 0\nbasis", "version", "version is a whole number from 1, not 0"),
    "a version that is no number": ("version = 1\nbasis", "version = true\nbasis", "version", "version is a whole number from 1, not True"),
    "no version": ("version = 1\nbasis", "basis", "", "version is missing"),
    "a first version that is compatible": ("valid_days", "compatible = true\nvalid_days", "valid_days", "compatible with nothing"),
    "a notice nobody declared": ('notice = "offers"', 'notice = "offer"', "notice =", '"offer" is not declared (did you mean "offers"?)'),
    "a consent without a notice": ('notice = "offers"\n', "", "[purposes.offers]", "needs a notice"),
    "no law": ('law = "GDPR Art. 6(1)(a)"', 'law = " "', "law", "law is a text that is not empty"),
    "a title in one language": ('{ fr = "Offres", en = "Offers" }', '{ fr = "Offres" }', "title", "title has no text in English (en)"),
    "a title that is no wording": ('{ fr = "Offres", en = "Offers" }', '"Offres"', "title", "title is a text in each language"),
    "an empty description": ('"Vous écrire."', '" "', "[purposes.offers]", "description has no text in French (fr)"),
    "a language that is none": ('{ fr = "Offres",', '{ fr = "Offres", french = "Offres",', "title", '"french" is not a language code'),
    "a notice in one language": ('fr = "Nos offres", ', "", "text", "text has no text in French (fr)"),
    "a flag in words": ("prospecting = true", 'prospecting = "yes"', "prospecting", 'prospecting is true or false, not "yes"'),
    "a term that is no number": ("valid_days = 365", 'valid_days = "a year"', "valid_days", "valid_days is a whole number of days"),
    "a term of no day": ("valid_days = 365", "valid_days = 0", "valid_days", "valid_days is a number from 1"),
    "something twice": ('["marketing"]', '["marketing", "marketing"]', "recipients", "recipients names something twice"),
    "a list that is none": ('["marketing"]', '"marketing"', "recipients", "recipients is a list of texts"),
    "a name that cannot be one": ("[purposes.offers]", '[purposes."My offers"]', "[purposes.offers]", '"My offers" cannot name a purpose'),
}  # fmt: skip


@pytest.mark.parametrize("what", FAULTS)
def test_a_fault_is_told_with_its_line_and_nothing_is_told_beside_it(what: str) -> None:
    old, new, at, message = FAULTS[what]
    told = with_line(old, new)
    assert len(told) == 1, told
    assert message in told[0][1]
    assert told[0][0] == (line(at) if at not in {"", "version"} else 5 + (at == "version"))


@pytest.mark.parametrize("basis", ["contract", "legitimate-interest"])
def test_only_a_consent_has_a_term_and_only_a_legitimate_interest_opts_in_softly(basis: str) -> None:
    assert with_line('"consent"', f'"{basis}"') == [
        (line("valid_days"), "valid_days is the term of a permission: only a purpose whose basis is consent has one")
    ]
    assert "soft_opt_in is a ground of its own" in with_line("valid_days", "soft_opt_in = true\nvalid_days")[0][1]


def test_all_faults_are_told_at_once_in_the_order_of_lines() -> None:
    broken = (
        GOOD.replace('"consent"', '"consnt"')
        .replace('"P3Y"', '"3Y"')
        .replace('["email"]', '["fax"]')
        .replace("version = 1", "version = 0", 1)
    )
    broken += 'colour = "red"\n'
    told = faults(broken)
    assert [number for number, _ in told] == [2, 7, 13, 14, 20]


def test_the_message_names_file_line_and_fault() -> None:
    with pytest.raises(CatalogueError) as caught:
        parse_catalogue(GOOD.replace('"P3Y"', '"3Y"'), "mine.toml")
    assert str(caught.value).startswith("mine.toml:14: retention is a duration in ISO 8601")
    assert caught.value.facts["first_line"] == 14


def test_what_is_no_toml_is_told_with_its_line() -> None:
    assert faults("[purposes.a]\nversion = = 1\n")[0][0] == 2
    assert faults("[purposes.a")[0][0] == 1


@pytest.mark.parametrize("text", ["", "[purposes]\n", "# nothing\n"])
def test_a_catalogue_of_nothing_is_a_fault(text: str) -> None:
    assert "empty" in faults(text)[0][1]


@pytest.mark.parametrize("text", ["purposes = 1\n", "notices = []\n", "[purposes]\noffers = 1\n", "[recipients]\ncrm = 1\n"])
def test_what_stands_in_the_wrong_place_is_a_fault(text: str) -> None:
    assert faults(text)[0][0] >= 1


def test_a_notice_that_is_broken_is_not_missing_too() -> None:
    told = with_line('text = { fr = "Nos offres", en = "Our offers" }', "txt = 1")
    assert not [message for _, message in told if "not declared" in message]


def test_the_attributes_of_consent_are_those_of_identity() -> None:
    assert {attribute.value for attribute in Attribute} == CANONICAL
    assert is_attribute("x_occupation")
    assert not is_attribute("occupation")


def test_equal_catalogues_are_equal_wherever_they_were_read() -> None:
    assert parse_catalogue(GOOD, "a") == parse_catalogue("\n" + GOOD, "a")
    assert isinstance(parse_catalogue(GOOD), Catalogue)
