"""Files are read whatever their encoding, delimiter and types; a bad row is named and never stops a good one."""

from __future__ import annotations

import csv
import io
import json
import stat
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from itertools import repeat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from identity.adapters.files import RejectsFile, open_source, reader_form, reader_of
from identity.domain.mapping import Refusal, Rejection, SourceMapping
from identity.domain.mapping_file import parse_mapping
from identity.ports.record_source import SourceFileError

MAPPING = parse_mapping('source = "crm"\nkey = "id"\n[attributes]\ngiven_name = "prénom"\ncity = "ville"\n')
ASCII = parse_mapping('source = "crm"\nkey = "id"\n[attributes]\ngiven_name = "prenom"\ncity = "ville"\n')

ASCII_ONE = parse_mapping('source = "crm"\nkey = "id"\n[attributes]\ngiven_name = "prenom"\n')


def read(path: Path, mapping=MAPPING, size: int = 2) -> list[tuple[int, tuple[str | None, ...]] | Rejection]:
    """Read a file in chunks of two rows, through a reader rebuilt as another process would."""
    source = open_source(path, mapping)
    reader = reader_of(json.loads(json.dumps(reader_form(source))), mapping)
    found = [row for chunk in source.chunks(repeat(size)) for row in reader.rows(chunk)]
    return [row if isinstance(row, Rejection) else (row[0], tuple(row[1])) for row in found]


def fault(path: Path, mapping=MAPPING) -> str:
    with pytest.raises(SourceFileError) as caught:
        open_source(path, mapping)
    assert str(path.parent) not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    def write(content: bytes | str, name: str = "people.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


DECLARED = parse_mapping(
    'source = "c"\nkey = "id"\nformat = { delimiter = ";", encoding = "utf-8" }\n[attributes]\ngiven_name = "prenom"\ncity = "ville"\n'
)
MIDNIGHT = datetime(1980, 1, 2)  # noqa: DTZ001 - files hold naive moments
GOOD = "id;autre;prénom;ville\n1;x;Zoé;Lyon\n2;;Œuvrard;\n3;z;Łucja;Ñ\n"
ROWS = [(2, ("1", "Zoé", "Lyon")), (3, ("2", "Œuvrard", "")), (4, ("3", "Łucja", "Ñ"))]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_encoding_delimiter_and_line_ends_are_found_out(write, encoding: str, delimiter: str, newline: str) -> None:
    path = write(GOOD.replace(";", delimiter).replace("\n", newline), encoding=encoding)
    assert read(path) == ROWS
    assert open_source(path, MAPPING).traits.encoding.startswith(encoding.removesuffix("-sig"))


@pytest.mark.parametrize(("encoding", "told"), [("cp1252", "cp1252 (guessed)"), ("latin-1", "cp1252 (guessed)")])
def test_western_bytes_are_read_and_the_report_says_it_was_a_guess(write, encoding: str, told: str) -> None:
    path = write("id;prénom;ville\n1;Zoé;Besançon\n", encoding=encoding)
    assert read(path) == [(2, ("1", "Zoé", "Besançon"))]
    assert open_source(path, MAPPING).traits.encoding == told


def test_a_late_western_byte_in_a_large_file_is_not_overlooked(write) -> None:
    path = write(b"id;prenom;ville\n" + b"1;Zoe;Lyon\n" * 150_000 + b"2;Zo\xe9;Lyon\n")
    assert read(path, ASCII, 100_000)[-1] == (150_002, ("2", "Zoé", "Lyon"))


def test_a_declared_encoding_and_delimiter_are_used(write) -> None:
    mapping = parse_mapping(
        'source = "crm"\nkey = "id"\nformat = { delimiter = ":", encoding = "iso-8859-15" }\n[attributes]\ngiven_name = "prénom"\n'
    )
    assert read(write("id:prénom\n1:Œdipe €\n", encoding="iso-8859-15"), mapping) == [(2, ("1", "Œdipe €"))]


def test_bytes_that_are_not_in_the_declared_encoding_reject_their_row_alone(write) -> None:
    mapping = parse_mapping('source = "crm"\nkey = "id"\nformat = { encoding = "utf-8" }\n[attributes]\ngiven_name = "prenom"\n')
    path = write(b"id;prenom\n1;Zo\xe9\n2;Zo\xc3\xa9\n")
    assert read(path, mapping) == [Rejection(2, "prenom", Refusal.UNDECODABLE), (3, ("2", "Zoé"))]


def declaring(encoding: str) -> SourceMapping:
    return parse_mapping(f'source = "c"\nkey = "id"\nformat = {{ encoding = "{encoding}" }}\n[attributes]\ngiven_name = "prenom"\n')


@pytest.mark.parametrize(
    ("declared", "content", "likelier"),
    [
        ("utf-8", "1;Zoé\n2;Anaïs\n".encode("cp1252"), "cp1252"),
        ("utf-8", "1;Zoé\n2;Anaïs\n".encode() + "3;Zoé\n".encode("cp1252"), ""),
        ("utf-8", "1;Zoé\n".encode(), ""),
        ("cp1252", "1;Zoé\n2;Anaïs\n".encode(), "utf-8"),
        ("latin-1", "1;Zoé\n2;Anaïs\n".encode("latin-1"), ""),
        ("mac-roman", "1;Zoé\n".encode("mac-roman"), ""),
        ("cp1252", b"1;Zoe\n", ""),
        ("utf-16", "id;prenom\n1;Zoé\n".encode("utf-16"), ""),
    ],
)
def test_a_declared_encoding_that_does_not_fit_is_doubted_and_the_likelier_one_named(
    write, declared: str, content: bytes, likelier: str
) -> None:
    head = b"" if declared == "utf-16" else b"id;prenom\n"
    traits = open_source(write(head + content), declaring(declared)).traits
    assert (traits.encoding.split()[0], traits.likelier_encoding, traits.lost) == (declared, likelier, False)


@pytest.mark.parametrize(("encoding", "told"), [("utf-8", True), ("utf-16", True), ("cp1252", False)])
def test_letters_that_were_lost_before_are_told(write, encoding: str, told: bool) -> None:
    path = write("id;prenom\n1;Zo\ufffd\n" if told else "id;prenom\n1;Zoé\n", encoding=encoding)
    assert open_source(path, ASCII_ONE).traits.lost is told


def test_line_ends_and_delimiters_inside_quotes_belong_to_the_value_and_lines_stay_right(write) -> None:
    path = write('id;prenom;ville\n1;"Zoé\nAnne";"Ly;on"\n\n2;"di ""x""";B\n3;a "b";c\n4;"";\n')
    assert read(path, ASCII) == [
        (2, ("1", "Zoé\nAnne", "Ly;on")),
        (5, ("2", 'di "x"', "B")),
        (6, ("3", 'a "b"', "c")),
        (7, ("4", "", "")),
    ]


def test_a_quote_that_never_closes_costs_its_own_row(write) -> None:
    path = write('id;prenom;ville\n1;a;b\n2;"c;d\n3;e;f\n4;g;h\n')
    assert read(path, ASCII) == [
        (2, ("1", "a", "b")),
        Rejection(3, "", Refusal.UNCLOSED_QUOTE),
        (4, ("3", "e", "f")),
        (5, ("4", "g", "h")),
    ]


def test_a_quote_that_closes_too_late_costs_its_own_row(write) -> None:
    rows = "".join(f"{n};x;y\n" for n in range(3, 3000))
    found = read(write('id;prenom;ville\n1;a;b\n2;"c;d\n' + rows + '9999;"z";w\n'), ASCII, 500)
    assert [row for row in found if isinstance(row, Rejection)] == [Rejection(3, "", Refusal.UNCLOSED_QUOTE)]
    assert len(found) == 3000


def test_ragged_rows_are_rejected_with_their_column_and_trailing_delimiters_forgiven(write) -> None:
    path = write("id;prenom;ville\n1;a\n2;b;c;d\n3;e;f;;\n4;g;h\n5\n")
    assert read(path, ASCII) == [
        Rejection(2, "ville", Refusal.TOO_FEW_FIELDS),
        Rejection(3, "#4", Refusal.TOO_MANY_FIELDS),
        (4, ("3", "e", "f")),
        (5, ("4", "g", "h")),
        Rejection(6, "prenom", Refusal.TOO_FEW_FIELDS),
    ]


def test_a_line_without_end_is_refused_in_bounded_memory(write) -> None:
    path = write("id;prenom;ville\n1;" + "a" * 3_000_000 + ";b\n2;c;d\n")
    assert read(path, ASCII) == [Rejection(2, "", Refusal.UNCLOSED_QUOTE), (3, ("2", "c", "d"))]


@pytest.mark.parametrize("first", ["0042;Zoé;lefevre", "zoe@mail.example;Lefèvre;29/02/1984", "1;ville2;prenoms"])
def test_a_file_without_a_header_tells_no_value_of_its_first_person(write, first: str) -> None:
    said = fault(write(f"{first}\n2;Adam;Petit\n"), ASCII)
    assert said == "people.csv: has 3 columns, none of the mapped ones: is there a header line?"


def test_names_beside_the_mapped_columns_are_told_only_if_they_read_as_names(write) -> None:
    said = fault(write("id;villes;1984-02-29;zoe@mail.example;tel 0639980012;29 02 84;Né le;tel_2\n1;a;b;c;d;e;f;g\n"), ASCII)
    assert said.endswith('the file has "id", "villes", "Né le", "tel_2"')
    assert 'did you mean "villes"' in said


def test_objects_keyed_by_people_show_no_key(write) -> None:
    assert fault(write('{"idée@mail.example": 1, "ids": {}}\n', "a.jsonl"), ASCII) == 'a.jsonl: no object has "id"'
    said = fault(write('{"id": 1, "ville@mail.example": "", "prenoms": ""}\n', "a.jsonl"), ASCII)
    assert 'no object has "prenom" (did you mean "prenoms"?)' in said
    assert "mail" not in said


def test_a_ragged_row_is_rejected_under_a_number_where_the_header_may_hold_a_value(write) -> None:
    path = write("id;prenom;ville;zoe@mail.example\n1;a;b\n")
    assert read(path, ASCII) == [Rejection(2, "#4", Refusal.TOO_FEW_FIELDS)]


def test_a_missing_column_is_named_with_its_neighbours(write) -> None:
    said = fault(write("id_client;prenom;villes\n1;a;b\n"), ASCII)
    assert 'there is no column "ville" (did you mean "villes"?)' in said
    assert 'there is no column "id"' in said
    assert '"id_client", "prenom", "villes"' in said


def test_a_mapped_column_that_is_there_twice_is_refused_and_another_is_not(write) -> None:
    assert 'the column "prenom" is there 2 times' in fault(write("id;prenom;prenom;ville\n1;a;b;c\n"), ASCII)
    assert read(write("id;x;prenom;x;ville\n1;a;b;c;d\n"), ASCII) == [(2, ("1", "b", "d"))]


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "a.csv", "is empty"),
        (b"\n\n", "a.csv", "is empty"),
        (b'"id;prenom\n', "a.csv", "has no header"),
        (b"\x1f\x8b\x08\x00", "a.csv", "is compressed (gzip)"),
        (b"PK\x03\x04aaaa", "a.xlsx", "is compressed (zip"),
        (b"PAR1aaaa", "a.parquet", "not a Parquet file, or is damaged"),
        (b"nonsense", "a.parquet", "not a Parquet file, or is damaged"),
        (b"", "a.jsonl", "has no JSON object"),
        (b"[1, 2]\n", "a.jsonl", "holds JSON arrays"),
        (b'{"ident": 1}\n', "a.jsonl", 'no object has "id"'),
        (b'{"id": 1, "villle": ""}\n', "a.jsonl", 'no object has "ville" (did you mean "villle"?)'),
    ],
)
def test_a_file_that_cannot_be_read_says_why(write, content: bytes, name: str, says: str) -> None:
    assert says in fault(write(content, name), ASCII)


@pytest.mark.parametrize(("declared", "used", "told"), [(",", ";", '";"'), (";", "\t", "a tab"), (";", ",", '","')])
def test_a_wrong_delimiter_is_told_with_the_likelier_one(write, declared: str, used: str, told: str) -> None:
    mapping = parse_mapping(f'source = "c"\nkey = "id"\nformat = {{ delimiter = "{declared}" }}\n[attributes]\ngiven_name = "prenom"\n')
    said = fault(write(used.join(("id", "prenom")) + "\n"), mapping)
    assert f'has 1 column, not one of the mapped ones: declared as separated by "{declared}", the file is by {told}' in said
    assert "is there a header line?" in fault(write(used.join(("1", "Zoé")) + "\n"), mapping)


def test_rejected_rows_are_listed_in_the_order_of_the_file_whatever_chunk_ends_first(tmp_path: Path) -> None:
    with RejectsFile(tmp_path / "people.csv") as rejects:
        rejects.add([Rejection(7, "b", Refusal.NO_KEY), Rejection(5, "=a", Refusal.NO_KEY)])
        rejects.add([])
        rejects.add([Rejection(12, "", Refusal.NOT_JSON)])
        rejects.add([Rejection(2, "é", Refusal.NO_KEY), Rejection(3, "", Refusal.NO_KEY)])
    listed = rejects.path.read_text("utf-8").splitlines()
    assert [line.split(",")[0] for line in listed] == ["line", "2", "3", "5", "7", "12"]
    assert listed[1] == "2,é,no-record-key"
    assert listed[3] == "5,'=a,no-record-key"
    assert rejects.count == 5
    assert stat.S_IMODE(rejects.path.stat().st_mode) == 0o600


def test_a_boolean_names_no_record(write) -> None:
    found = read(write('{"id": true, "prenom": "Zoé"}\n{"id": "true", "prenom": true}\n', "a.jsonl"), ASCII_ONE)
    assert found == [Rejection(1, "id", Refusal.KEY_NO_TEXT), (2, ("true", "true"))]


def test_a_file_that_is_not_there_or_is_a_folder_says_so(tmp_path: Path) -> None:
    assert "No such file" in fault(tmp_path / "none.csv")
    assert "Is a directory" in fault(tmp_path)


def test_json_lines_take_numbers_and_booleans_and_refuse_what_has_no_text(write) -> None:
    rows = [
        '{"id": 1, "prenom": "Zo\\u00e9", "ville": null, "other": {"a": []}}',
        "",
        '{"id": 75011.0, "prenom": true, "ville": 1.5}',
        '{"id": "2", "prenom": {"a": 1}, "ville": "b"}',
        '{"id": "3", "prenom": ["a"]}',
        '{"id": "4", ',
        '["a"]',
        '{"id": "5", "prenom": NaN}',
        '{"id": "6", "prenom": "\\ud800"}',
        "[" * 100_000,
        '{"id": "7"}',
    ]
    found = read(write("\ufeff" + "\n".join(rows), "a.jsonl"), ASCII)
    assert found == [
        (1, ("1", "Zoé", None)),
        (3, ("75011", "true", "1.5")),
        Rejection(4, "prenom", Refusal.NESTED_VALUE),
        Rejection(5, "prenom", Refusal.NESTED_VALUE),
        Rejection(6, "", Refusal.NOT_JSON),
        Rejection(7, "", Refusal.NOT_AN_OBJECT),
        Rejection(8, "", Refusal.NOT_JSON),
        Rejection(9, "prenom", Refusal.UNDECODABLE),
        Rejection(10, "", Refusal.NOT_JSON),
        (11, ("7", None, None)),
    ]


def test_json_lines_in_another_encoding_are_refused_row_by_row(write) -> None:
    path = write(b'{"id": "1", "prenom": "Zo\xc3\xa9"}\n{"id": "2", "prenom": "Zo\xe9"}\n', "a.jsonl")
    assert read(path, ASCII) == [(1, ("1", "Zoé", None)), Rejection(2, "", Refusal.UNDECODABLE)]
    assert open_source(path, ASCII).traits.notes == ('"ville" is in none of the first 1 objects',)


def test_an_endless_json_line_is_refused_and_the_next_one_read(write) -> None:
    path = write(b'{"id": "1"}\n' + b'{"id": "' + b"9" * 3_000_000 + b'"}\n{"id": "3"}\n', "a.jsonl")
    found = read(path, ASCII)
    assert sorted(row[0] if isinstance(row, tuple) else row.line for row in found) == [1, 2, 3]
    assert Rejection(2, "", Refusal.VALUE_TOO_LONG) in found


def test_parquet_of_any_flat_type_is_text(tmp_path: Path) -> None:
    columns = {
        "id": pa.array([1, 2, 3], pa.int64()),
        "prenom": pa.array(["Zoé", None, "A"], pa.dictionary(pa.int8(), pa.string())),
        "ville": pa.array([75011.0, float("nan"), 1.5]),
        "b": pa.array([True, None, False]),
        "c": pa.array([date(1980, 1, 2), None, date(1, 1, 1)]),
        "d": pa.array([MIDNIGHT, None, MIDNIGHT.replace(hour=3, minute=4, second=5)], pa.timestamp("ns")),
        "e": pa.array([Decimal("10.00"), None, Decimal("1.50")]),
        "f": pa.array([None, None, None], pa.null()),
        "g": pa.array(["x", None, "y"], pa.large_string()),
    }
    pq.write_table(pa.table(columns), tmp_path / "a.parquet")
    mapping = parse_mapping(
        'source = "crm"\nkey = "id"\n[attributes]\ngiven_name = "prenom"\ncity = "ville"\n'
        + "".join(f'[extra.{name}]\ncolumn = "{name}"\ncompare = "text"\n' for name in "bcdefg")
    )
    assert read(tmp_path / "a.parquet", mapping) == [
        (1, ("1", "Zoé", "75011", "true", "1980-01-02", "1980-01-02", "10", None, "x")),
        (2, ("2", None, None, None, None, None, None, None, None)),
        (3, ("3", "A", "1.5", "false", "0001-01-01", "1980-01-02 03:04:05", "1.5", None, "y")),
    ]


def test_nested_parquet_columns_are_refused_by_name_when_they_are_mapped(tmp_path: Path) -> None:
    table = pa.table({"id": ["1"], "prenom": [["a"]], "ville": [b"x"], "other": [{"a": 1}]})
    pq.write_table(table, tmp_path / "a.parquet")
    said = fault(tmp_path / "a.parquet", ASCII)
    assert '"prenom" (list' in said
    assert '"ville" (binary)' in said
    assert "other" not in said


def test_rejects_have_line_column_and_reason_no_values_and_are_their_owners_alone(tmp_path: Path) -> None:
    data = tmp_path / "people.csv"
    with RejectsFile(data) as rejects:
        rejects.add([Rejection(2, "ville", Refusal.TOO_FEW_FIELDS), Rejection(9, "=cmd()", Refusal.VALUE_TOO_LONG)])
    assert rejects.path.name == "people.csv.rejects.csv"
    assert stat.S_IMODE(rejects.path.stat().st_mode) == 0o600
    assert rejects.path.read_text() == "line,column,reason\n2,ville,too-few-fields\n9,'=cmd(),value-too-long\n"
    with RejectsFile(data):
        pass
    assert not rejects.path.exists()


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(texts, texts, texts), min_size=1, max_size=8),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    size=st.integers(1, 4),
)
def test_whatever_a_csv_writer_writes_is_read_back(tmp_path: Path, rows, quoting, size) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", quoting=quoting)
    writer.writerow(("id", "prenom", "ville"))
    writer.writerows(rows)
    path = tmp_path / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    found = read(
        path,
        DECLARED,
        size,
    )
    assert [row[1] for row in found if not isinstance(row, Rejection)] == rows


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=60) | st.text('"";\n\r,é\x00', max_size=60).map(lambda text: text.encode()),
    name=st.sampled_from(["a.csv", "a.jsonl"]),
)
def test_no_content_of_a_file_raises_once_its_header_is_good(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes((b"id;prenom;ville\n" if name == "a.csv" else b'{"id": 1}\n') + content)
    read(path, ASCII)
