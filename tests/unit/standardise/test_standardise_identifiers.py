"""Sex, country, identifiers, declared extras, and the shape of a standardised record."""

import pytest

from identity.domain.attributes import ComparisonKind
from identity.domain.standardise import COLUMNS, STANDARDISER_VERSION, standardise
from identity.domain.standardise.identifiers import country, extra, identifier, national_id, sex

SEXES = [
    ("m", "m"),
    ("M", "m"),
    ("H", "m"),
    ("homme", "m"),
    ("Masculin", "m"),
    ("male", "m"),
    ("Monsieur", "m"),
    ("1", "m"),
    ("F", "f"),
    ("Femme", "f"),
    ("féminin", "f"),
    ("female", "f"),
    ("Mme", "f"),
    ("2", "f"),
    ("W", "f"),
    ("0", None),
    ("9", None),  # ISO/IEC 5218: not applicable
    ("female | male", None),
    ("inconnu", None),
    ("X", None),
    ("", None),
]

COUNTRIES = [
    ("France", "fr"),
    ("FR", "fr"),
    ("fra", "fr"),
    ("FRANCE MÉTROPOLITAINE", "fr"),
    ("Belgique", "be"),
    ("Belgium", "be"),
    ("Côte d'Ivoire", "ci"),
    ("COTE D IVOIRE", "ci"),
    ("Royaume-Uni", "gb"),
    ("UK", "gb"),
    ("États-Unis", "us"),
    ("U.S.A.", "us"),
    ("Pays-Bas", "nl"),
    ("Allemagne", "de"),
    ("Deutschland", "de"),
    ("La Réunion", "re"),
    ("Atlantide", None),
    ("inconnu", None),
    ("", None),
]

NATIONAL_IDS = [
    ("1 84 12 76 451 089 46", "1841276451089"),  # a NIR with its key: the key goes, since half of the silos leave it out
    ("1841276451089", "1841276451089"),
    ("1 84 12 76 451 089 47", "184127645108947"),  # a wrong key: no NIR, left as it is
    ("2 84 12 2A 451 089 80", "284122a451089"),  # Corsica
    ("5304218", "5304218"),
    ("AB-123.456/7", "ab1234567"),
    ("000000000", None),
    ("inconnu", None),
    ("", None),
]

LOYALTY_IDS = [
    ("AB 12-34", "ab1234"),
    ("ab1234", "ab1234"),
    ("0001234", "0001234"),  # zeros may tell two cards apart
    ("n° 1234", "n1234"),
    ("1111111", None),
    ("N/A", None),
]

EXTRAS = [
    (ComparisonKind.EXACT, " Gold ", "gold"),
    (ComparisonKind.EXACT, "A/B", "a/b"),
    (ComparisonKind.EXACT, "  ", None),
    (ComparisonKind.NAME, "Boulanger-Pâtissier", "boulanger patissier"),
    (ComparisonKind.NAME, "inconnu", None),
    (ComparisonKind.TEXT, "Aime  le thé, et le café !", "aime le the et le cafe"),
    (ComparisonKind.TEXT, "...", None),
    (ComparisonKind.DATE, "12/03/1980", "1980-03-12"),
    (ComparisonKind.DATE, "31/02/1980", None),
    (ComparisonKind.NUMBER, "1 234,50 €", "1234.5"),
    (ComparisonKind.NUMBER, "1.234,50", "1234.5"),
    (ComparisonKind.NUMBER, "1,234.50", "1234.5"),
    (ComparisonKind.NUMBER, "1,5", "1.5"),  # the French comma
    (ComparisonKind.NUMBER, "007", "7"),
    (ComparisonKind.NUMBER, "-0,0", "0"),
    (ComparisonKind.NUMBER, "-3", "-3"),
    (ComparisonKind.NUMBER, "12-34", None),
    (ComparisonKind.NUMBER, "beaucoup", None),
    (ComparisonKind.IDENTIFIER, "FR 12-345", "fr12345"),
]


@pytest.mark.parametrize(("raw", "expected"), SEXES)
def test_sex_is_m_f_or_absent(raw: str, expected: str | None) -> None:
    assert sex(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), COUNTRIES)
def test_a_country_is_its_two_letters(raw: str, expected: str | None) -> None:
    assert country(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), NATIONAL_IDS)
def test_a_national_identifier_has_one_form(raw: str, expected: str | None) -> None:
    assert national_id(raw) == expected


@pytest.mark.parametrize(("raw", "expected"), LOYALTY_IDS)
def test_a_loyalty_identifier_has_one_form(raw: str, expected: str | None) -> None:
    assert identifier(raw) == expected


@pytest.mark.parametrize(("kind", "raw", "expected"), EXTRAS)
def test_an_extra_is_standardised_by_its_kind(kind: ComparisonKind, raw: str, expected: str | None) -> None:
    assert extra(kind, raw) == expected


def test_every_column_is_there_even_for_an_empty_record() -> None:
    assert standardise({}) == dict.fromkeys(COLUMNS)


def test_declared_extras_are_columns_too_and_undeclared_attributes_are_not() -> None:
    standard = standardise({"x_job": "Boulanger", "x_secret": "1"}, {"x_job": ComparisonKind.NAME, "x_height": ComparisonKind.NUMBER})
    assert (standard["x_job"], standard["x_height"]) == ("boulanger", None)
    assert "x_secret" not in standard


def test_a_declared_date_format_reaches_birth_date_and_extras() -> None:
    standard = standardise(
        {"birth_date": "03/12/1980", "x_since": "03/12/2001"},
        {"x_since": ComparisonKind.DATE},
        {"birth_date": "%m/%d/%Y", "x_since": "%m/%d/%Y"},
    )
    assert (standard["birth_date"], standard["x_since"]) == ("1980-03-12", "2001-03-12")


def test_the_version_is_a_positive_number() -> None:
    assert STANDARDISER_VERSION >= 1
