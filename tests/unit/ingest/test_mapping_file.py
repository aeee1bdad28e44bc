"""A mapping file is read as it says, or refused with every fault and its line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.attributes import Assurance, Attribute, ComparisonKind
from identity.domain.errors import Reason
from identity.domain.mapping import FieldSource, FileFormat
from identity.domain.mapping_file import MappingError, date_format_fault, parse_mapping

WHOLE = """\
source = "crm"
key = "id_client"
format = { delimiter = ";", encoding = "utf-8" }        # optional, csv only
assurance = { email = "verified", phone = "declared", occupation = "checked-by-agent" }
deleted = { column = "etat", values = ["Supprimé"] }
[attributes]
given_name  = "prenom"
birth_date  = { column = "date_naissance", format = "%d/%m/%Y" }
address_line = { columns = ["num_voie", "voie"] }       # joined by a space
email = "mail"
phone = "tel"
[extra.occupation]                                      # any further attribute
column = "metier"
compare = "name"
[extra.since]
column = "depuis"
compare = "date"
format = "%Y%m%d"
"""
LEAST = 'source = "crm"\nkey = "id"\n[attributes]\nemail = "mail"\n'


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "crm.toml")
    assert caught.value.reason is Reason.INVALID_MAPPING
    for fault in caught.value.faults:
        assert (f"crm.toml:{fault.line}: " if fault.line else "crm.toml: ") + fault.message in str(caught.value)
    return [(fault.line, fault.message) for fault in caught.value.faults]


def test_the_mapping_of_the_contract_is_read_whole() -> None:
    mapping = parse_mapping(WHOLE)
    assert (mapping.source, mapping.key, mapping.format) == ("crm", "id_client", FileFormat(";", "utf-8"))
    assert mapping.attributes["address_line"] == FieldSource(("num_voie", "voie"))
    assert mapping.attributes["birth_date"] == FieldSource(("date_naissance",), "%d/%m/%Y")
    assert mapping.reading.formats == {"birth_date": "%d/%m/%Y", "x_since": "%Y%m%d"}
    assert mapping.reading.extras == {"x_occupation": ComparisonKind.NAME, "x_since": ComparisonKind.DATE}
    assert mapping.reading.assurance == {
        "email": Assurance.VERIFIED,
        "phone": Assurance.DECLARED,
        "x_occupation": Assurance.CHECKED_BY_AGENT,
    }
    assert mapping.deleted is not None
    assert mapping.deleted.values == {"supprimé"}
    assert mapping.columns == ("id_client", "prenom", "date_naissance", "num_voie", "voie", "mail", "tel", "metier", "depuis", "etat")


def test_the_least_mapping_needs_a_source_a_key_and_one_attribute() -> None:
    mapping = parse_mapping("\ufeff" + LEAST.replace("\n", "\r\n"))
    assert mapping.format == FileFormat()
    assert mapping.deleted is None
    assert mapping.columns == ("id", "mail")


@pytest.mark.parametrize(
    ("change", "line", "says"),
    [
        (('given_name  = "prenom"', 'givenname = "prenom"'), 7, 'unknown attribute "givenname" (did you mean "given_name"?)'),
        (('key = "id_client"', 'clef = "id_client"'), 2, 'unknown key "clef"'),
        (('source = "crm"', 'source = "CRM; DROP"'), 1, "cannot name a source"),
        (('source = "crm"', "source = 3"), 1, "source is a text"),
        (('delimiter = ";"', 'delimitter = ";"'), 3, 'unknown key "delimitter" (did you mean "delimiter"?)'),
        (('delimiter = ";"', 'delimiter = ";;"'), 3, "delimiter is one of"),
        (('encoding = "utf-8"', 'encoding = "uft-8"'), 3, '(did you mean "utf-8"'),
        (('encoding = "utf-8"', 'encoding = "rot13"'), 3, "unknown encoding"),
        (('email = "verified"', 'email = "verifyed"'), 4, '"checked-by-agent", not "verifyed" (did you mean "verified"?)'),
        (('phone = "declared"', 'fone = "declared"'), 4, '"fone", which is not mapped (did you mean "phone"?)'),
        (("%d/%m/%Y", "%d/%m"), 8, "must have one year"),
        (("%d/%m/%Y", "%d/%Q/%Y"), 8, "unknown date directive %Q"),
        (("%d/%m/%Y", "%d/%d/%Y"), 8, "must have one month"),
        (('given_name  = "prenom"', 'given_name = { column = "prenom", format = "%Y-%m-%d" }'), 7, "only birth_date"),
        (('given_name  = "prenom"', 'given_name = { colum = "prenom" }'), 7, 'unknown key "colum" (did you mean "column" or "columns"?)'),
        (('given_name  = "prenom"', 'given_name = { column = "a", columns = ["b"] }'), 7, "either column or columns"),
        (('given_name  = "prenom"', "given_name = 3"), 7, "give a column name"),
        (('["num_voie", "voie"]', "[]"), 9, "columns is a list"),
        (('email = "mail"', 'email = "prenom"'), 10, 'column "prenom" already serves given_name'),
        (('compare = "name"', 'compare = "nom"'), 14, 'not "nom"'),
        (('compare = "name"', ""), 12, "say how it is compared"),
        (("[extra.occupation]", "[extra.email]"), 12, "is a known attribute"),
        (("[extra.occupation]", "[extra.Métier]"), 12, "not TOML"),
        (("[extra.occupation] ", '[extra."a b"] '), 12, "cannot name an extra"),
        (('column = "depuis"', 'colonne = "depuis"'), 16, 'unknown key "colonne"'),
        (('values = ["Supprimé"]', "values = []"), 5, "values is a list"),
        (('key = "id_client"', 'key = "id_client'), 2, "not TOML"),
        (('key = "id_client"', 'key = "id_client"\nkey = "x"'), 3, "not TOML"),
        (('email = "mail"', "email = "), 10, "not TOML"),
    ],
)  # fmt: skip
def test_each_fault_is_named_with_its_line(change: tuple[str, str], line: int, says: str) -> None:
    assert change[0] in WHOLE
    found = faults(WHOLE.replace(*change, 1))
    assert any(at == line and says in message for at, message in found), found


def test_all_faults_are_reported_together_in_order() -> None:
    found = faults('sauce = "crm"\n[attributes]\nmail = "mail"\nfirst_name = "x"\n[extra.a]\ncompare = "exact"\n')
    assert [line for line, _ in found] == [0, 0, 1, 3, 4, 5]
    assert {message for line, message in found if line == 0} == {'source is missing: source = "…"', 'key is missing: key = "…"'}


def test_a_mapping_without_attributes_is_refused() -> None:
    assert faults('source = "crm"\nkey = "id"\n[attributes]\n') == [(3, "no attribute is mapped: add at least one line under [attributes]")]


def test_keys_inside_multi_line_strings_and_values_do_not_mislead_the_line() -> None:
    text = 'source = """\nkey = "x"\n"""\nkey = "id"\n[attributes]\nemail = { column = "a = {phone = 1}", format = "%Y" }\n'
    assert [line for line, message in faults(text) if "only birth_date" in message] == [6]
    assert [line for line, message in faults(text) if "cannot name a source" in message] == [1]


def test_dotted_keys_are_found_too() -> None:
    text = 'source = "crm"\nkey = "id"\nattributes.email = "a"\nattributes.emial = "b"\n'
    assert [(line, "emial" in message) for line, message in faults(text)] == [(4, True)]


@pytest.mark.parametrize("value", ["%d/%m/%Y", "%Y-%m-%d", "%d.%m.%y", "%F", "%d %B %Y", "%Y%m%d", "%d/%m/%Y %H:%M", "%d/%m/%Y %T"])
def test_usual_date_formats_are_taken(value: str) -> None:
    assert date_format_fault(value) is None


def is_read_or_refused(text: str) -> bool:
    try:
        return bool(parse_mapping(text).attributes)
    except MappingError as error:
        return bool(error.faults) and all(fault.line >= 0 for fault in error.faults)


@given(st.text(max_size=200) | st.text(alphabet="[]{}=\"\n.,#a%'\\ ", max_size=60).map(lambda text: LEAST + text))
def test_any_text_is_a_mapping_or_a_mapping_error(text: str) -> None:
    assert is_read_or_refused(text)


VALUES = st.sampled_from(["true", "3", "1.5", "[]", "{}", "1979-05-27", '""', '"c"', '["a", 1]', "{ column = 3 }", '{ columns = "a" }'])


@given(st.dictionaries(st.sampled_from([*Attribute, "format", "extra", "assurance", "deleted", "emial"]).map(str), VALUES, max_size=4))
def test_values_of_any_type_are_reported_not_raised(values: dict[str, str]) -> None:
    lines = "".join(f"{name} = {value}\n" for name, value in values.items())
    assert is_read_or_refused(LEAST.replace('email = "mail"\n', lines))
    assert is_read_or_refused(lines + LEAST)


@pytest.mark.parametrize("value", ["%H" * 26 + "%d/%m/%Y", "%d/%m/%Y %H %H", "%A%b%d%Y", "%d/%m/%Y" + "." * 60, "%T%S %d/%m/%Y"])
def test_a_date_format_that_would_freeze_a_worker_is_refused(value: str) -> None:
    assert date_format_fault(value) is not None
