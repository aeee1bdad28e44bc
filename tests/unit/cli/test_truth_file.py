"""A truth file that cannot be used is told with what would help."""

from pathlib import Path

import pytest

from identity.domain.source_record import RecordRef
from services.cli.failing import InputError
from services.cli.language import Language
from services.cli.records import read_truth


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
