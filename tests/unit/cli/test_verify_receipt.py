"""``entente verify receipt``: what a script hears (exit codes, JSON) and what a person reads."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.app import app
from services.wiring.receipts import KEY_SET

VECTORS = Path(__file__).parents[2] / "vectors" / "receipts"
KEYS = VECTORS / "keys.json"


def verify(file, *more, keys=KEYS, home="/nonexistent", language="en"):
    words = ["verify", "receipt", str(file), *(["--keys", str(keys)] if keys else []), *more]
    return CliRunner().invoke(app, words, env={"ENTENTE_HOME": str(home), "ENTENTE_LANG": language, "COLUMNS": "200"})


@pytest.mark.parametrize("path", sorted(VECTORS.glob("valid-*.json")), ids=lambda path: path.stem)
def test_a_valid_receipt_ends_with_0_and_says_what_it_is_of(path):
    ended = verify(path)
    assert ended.exit_code == 0
    assert "Valid" in ended.stdout
    said = json.loads(verify(path, "--json").stdout)
    assert said["valid"] is True
    assert said["key_id"] == json.loads(KEYS.read_text())["keys"][0]["kid"]


@pytest.mark.parametrize("path", sorted(VECTORS.glob("invalid-*.json")), ids=lambda path: path.stem)
def test_one_that_is_not_ends_with_1_and_says_so_in_both_forms(path):
    ended = verify(path)
    assert ended.exit_code == 1
    assert ended.stderr.startswith("✗ Not valid")
    assert ended.stdout == ""
    ended = verify(path, "--json")
    assert ended.exit_code == 1
    assert json.loads(ended.stdout)["valid"] is False


def test_what_is_signed_and_of_another_form_is_told_where():
    assert json.loads(verify(VECTORS / "invalid-profile.json", "--json").stdout) == {"valid": False, "fault": "profile", "at": "/"}


def test_it_speaks_french():
    ended = verify(VECTORS / "valid-given.json", language="fr")
    assert "Valable" in ended.stdout
    assert "Offres par courriel" in ended.stdout
    assert "Non valable" in verify(VECTORS / "invalid-altered.json", language="fr").stderr
    assert "tous les usages" in verify(VECTORS / "valid-withdrawn-all.json", language="fr").stdout


def test_without_keys_those_of_the_home_are_taken(tmp_path):
    assert verify(VECTORS / "valid-given.json", keys=None, home=tmp_path).exit_code == 2
    shutil.copy(KEYS, tmp_path / KEY_SET)
    assert verify(VECTORS / "valid-given.json", keys=None, home=tmp_path).exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [KEY_SET]


def test_what_cannot_be_read_ends_with_2(tmp_path):
    long = tmp_path / "long"
    long.write_bytes(b" " * ((1 << 20) + 1))
    for file, keys in ((tmp_path / "none", KEYS), (tmp_path, KEYS), (long, KEYS), (VECTORS / "valid-given.json", tmp_path / "none")):
        assert verify(file, keys=keys).exit_code == 2
    ended = verify(VECTORS / "valid-given.json", keys=VECTORS / "valid-given.json")
    assert ended.exit_code == 2
    assert "no set of published keys" in ended.stderr


def test_a_file_that_is_no_receipt_at_all_is_not_valid(tmp_path):
    other = tmp_path / "photo.jpg"
    other.write_bytes(b"\xff\xd8\xff\xe0")
    assert verify(other).exit_code == 1
