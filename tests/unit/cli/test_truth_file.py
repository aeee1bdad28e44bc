"""A truth file that cannot be used is told with what would help."""

from pathlib import Path

import pytest

from identity.domain.source_record import RecordRef
from services.cli.failing import InputError
from services.cli.language import Language
from services.cli.records import read_truth, require_known
from tests.builders.screens import Page


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_a_truth_file_is_read(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(f"{mark}source,record_key,person_id\ncrm,1,p\n", "utf-8")
    assert read_truth(path) == {RecordRef("crm", "1"): "p"}


@pytest.mark.parametrize(("delimiter", "told"), [(";", "';'"), ("\t", r"'\t'"), ("|", "'|'")])
def test_another_delimiter_is_named(tmp_path: Path, delimiter: str, told: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(delimiter.join(("source", "record_key", "person_id")) + "\n", "utf-8")
    with pytest.raises(InputError) as refused:
        read_truth(path)
    what, hint = refused.value.told(Language("en"))
    assert what == f"{path} is separated by {told}, not by commas"
    assert "commas" in hint
    assert "virgules" in refused.value.told(Language("fr"))[0]


def test_columns_that_are_lacking_are_named(tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text("source,key,person\n", "utf-8")
    with pytest.raises(InputError, match="lacks the column person_id, record_key"):
        read_truth(path)


def test_a_truth_of_which_nothing_is_known_is_refused_rather_than_found_perfect() -> None:
    truth = {RecordRef("crm", "1"): "p", RecordRef("crm", "2"): "p"}
    with pytest.raises(InputError, match="none of the 2 records of the truth is known") as refused:
        require_known(Page("en"), truth, {RecordRef("shop", "1"): "i"})
    assert "entente export memberships" in refused.value.told(Language("en"))[1]
    with pytest.raises(InputError):
        require_known(Page("en"), {}, {RecordRef("shop", "1"): "i"})


@pytest.mark.parametrize(("language", "told"), [("en", "1 of 2 records of the truth are unknown here"), ("fr", "1 des 2 fiches")])
def test_records_of_the_truth_that_are_unknown_are_counted(language: str, told: str) -> None:
    page, truth = Page(language), {RecordRef("crm", "1"): "p", RecordRef("crm", "2"): "p"}
    assert require_known(page, truth, {RecordRef("crm", "1"): "i"}) == 1
    assert told in page.seen.getvalue()
    whole = Page(language)
    assert require_known(whole, truth, dict.fromkeys(truth)) == 0
    assert whole.seen.getvalue() == ""
