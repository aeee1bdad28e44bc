"""Laws of standardisation, on any text: total, ASCII out, never empty, settled after once."""

from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from identity.domain.attributes import Attribute, ComparisonKind
from identity.domain.standardise import COLUMNS, standardise
from identity.domain.standardise.cities import birth_place, city, postal_code
from identity.domain.standardise.dates import date
from identity.domain.standardise.emails import email
from identity.domain.standardise.folding import fold
from identity.domain.standardise.identifiers import country, extra, identifier, national_id, number, sex
from identity.domain.standardise.names import family_name, given_name, given_root
from identity.domain.standardise.phones import phone
from identity.domain.standardise.streets import street, street_name

_ODDITIES = (
    "jean marie pierre zoé DUPONT Martin d' l' de la du le ben el st ste saint M. Mme et dit née ép. veuve ii j p m n o 12 12bis b t q 0 "
    "1 7 rue r. bd pl st. gal nd bat a esc lot porte étage ld ZA cedex paris lyon 11e 75011 75116 2A004 s/ ss (de) ( ) , ; - / "
    "' \" av 06 39 98 12 34 +33 (0) 0033 poste @ . .. + gmail.com exemple.example test inconnu xxx 1980 03 1900 31/02/1980 mars 1er né le "
    "&amp; &eacute; &#0; Ã© œ ß \u200b \ud800 \x00 \u202e 李 🎉 nico bob jp thibault do not use n/a chez bp code x y z"
)
PIECES = st.sampled_from(_ODDITIES.split(" "))
ODD = st.lists(PIECES, max_size=9).flatmap(
    lambda words: st.sampled_from([" ".join(words), "".join(words), "-".join(words), ",".join(words)])
)
ANY = st.one_of(st.text(st.characters(), max_size=60), ODD)  # lone surrogates included
RECORDS = st.dictionaries(st.sampled_from([*Attribute, "x_any"]), ANY, max_size=17)
EXTRAS = st.dictionaries(st.just("x_any"), st.sampled_from(ComparisonKind), max_size=1)
FORMATS = st.dictionaries(
    st.just("birth_date"), st.one_of(ANY, st.sampled_from(["%d/%m/%Y", "jj/mm/aaaa", "iso", "%", "%Q(", "%d%d%Y%m"])), max_size=1
)


@settings(max_examples=300, deadline=None)
@given(RECORDS, EXTRAS, FORMATS)
@example({"full_name": "\ud800", "address": "\x00", "phone": "++", "email": "@"}, {}, {})
def test_any_record_standardises_to_ascii_or_absence(
    raw: dict[str, str], extras: dict[str, ComparisonKind], formats: dict[str, str]
) -> None:
    standard = standardise(raw, extras, formats)
    assert set(standard) == {*COLUMNS, *extras}
    for value in standard.values():
        assert value is None or (value.isascii() and value == value.lower() and value.strip() == value != "")


@settings(max_examples=100, deadline=None)
@given(RECORDS)
def test_blank_and_absent_are_the_same(raw: dict[str, str]) -> None:
    blanked = {name: raw.get(name, " \u00a0\t") for name in Attribute}
    assert standardise(blanked) == standardise({name: value for name, value in raw.items() if name in set(Attribute)})


def _given(text: str) -> str | None:
    return given_name(text).given


def _family(text: str) -> str | None:
    return family_name(text).family


def _birth(text: str) -> str | None:
    return family_name(text).birth


def _street_line(text: str) -> str | None:
    return street(text).line


def _city(text: str) -> str | None:
    return city(text).name


def _address(text: str) -> str | None:
    return email(text).address


def _canonical(text: str) -> str | None:
    return email(text).canonical


def _root(text: str) -> str | None:
    return given_root(fold(text))


def _kind(kind: ComparisonKind) -> Callable[[str], str | None]:
    return lambda text: extra(kind, text)


SETTLED: dict[str, Callable[[str], str | None]] = {
    "fold": fold,
    "given_name": _given,
    "given_root": _root,
    "family_name": _family,
    "street_line": _street_line,
    "street_name": lambda text: street_name(fold(text)),
    "city": _city,
    "birth_place": birth_place,
    "postal_code": postal_code,
    "date": date,
    "phone": phone,
    "email": _address,
    "email_canonical": _canonical,
    "sex": sex,
    "country": country,
    "identifier": identifier,
    "national_id": national_id,
    "number": number,
    **{f"extra_{kind}": _kind(kind) for kind in ComparisonKind},
}


@pytest.mark.parametrize("name", SETTLED)
def test_fed_its_own_output_a_function_changes_nothing(name: str) -> None:
    function = SETTLED[name]

    @settings(max_examples=200, deadline=None)
    @given(ANY)
    def settled(text: str) -> None:
        once = function(text)
        assert once is None or function(once) == (once or "")

    settled()


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_a_birth_name_is_a_settled_family_name(text: str) -> None:
    birth = _birth(text)
    assert birth is None or _family(birth) == birth


@settings(max_examples=200, deadline=None)
@given(ANY, st.sampled_from(["FR", "BE", "US", "ZZ", "RE"]))
def test_a_telephone_number_is_e164_in_any_region(text: str, region: str) -> None:
    found = phone(text, region)
    assert found is None or (found[0] == "+" and found[1:].isdigit() and phone(found, region) == found)
