"""Every mapping that ships or is measured with is one that Entente takes."""

from pathlib import Path

import pytest

import services.demo
from identity.domain.mapping_file import parse_mapping

DEMO = sorted((Path(services.demo.__file__).parent / "mappings").glob("*.toml"))
BENCH = sorted((Path(__file__).parents[3] / "bench" / "mappings").glob("*.toml"))


@pytest.mark.parametrize("path", [*DEMO, *BENCH], ids=lambda path: path.stem)
def test_the_mapping_is_valid(path: Path):
    mapping = parse_mapping(path.read_text(encoding="utf-8"))
    assert mapping.attributes
    assert mapping.source in {path.stem, path.stem.partition("_with")[0]}


def test_there_are_mappings():
    assert len(DEMO) == 4
    assert len(BENCH) == 9


def test_no_mapping_reads_a_column_that_tells_the_truth():
    for path in BENCH:
        mapping = parse_mapping(path.read_text(encoding="utf-8"))
        assert not {"cluster", "unique_id", "rec_id"} & set(mapping.columns)
        assert "without_id" not in path.stem or "soc_sec_id" not in mapping.columns
