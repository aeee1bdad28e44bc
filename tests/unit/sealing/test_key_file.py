"""The key file: made once, for its owner only, and refused when it is anything else."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from identity.adapters.keyring import open_key_file
from identity.adapters.memory import MemoryTransactor
from identity.adapters.sealing import has_keys, mint_keys, open_hierarchy, open_keys
from identity.domain.errors import IdentityError, Reason


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "home" / "keys"


def refusal(folder: Path) -> IdentityError:
    with pytest.raises(IdentityError) as caught:
        open_key_file(folder)
    assert caught.value.reason is Reason.KEY_RING_UNUSABLE
    assert str(folder.parent) not in str(caught.value)
    return caught.value


def test_the_first_start_makes_a_file_that_only_its_owner_reads_and_the_next_start_reads_it(folder: Path) -> None:
    old = os.umask(0)
    try:
        ring = open_key_file(folder)
    finally:
        os.umask(old)
    assert stat.S_IMODE((folder / "kek.json").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert open_key_file(folder).current == ring.current
    assert [path.name for path in folder.iterdir()] == ["kek.json"]


def test_starts_at_once_agree_on_one_key(folder: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(open_key_file, [folder] * 16))
    assert len({ring.current for ring in rings}) == 1
    assert [path.name for path in folder.iterdir()] == ["kek.json"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o602, 0o777])
def test_a_file_that_others_may_touch_is_refused_and_not_repaired_in_silence(folder: Path, mode: int) -> None:
    open_key_file(folder)
    (folder / "kek.json").chmod(mode)
    assert "read by others" in str(refusal(folder).facts["fault"])
    assert stat.S_IMODE((folder / "kek.json").stat().st_mode) == mode


def test_a_link_or_a_folder_in_its_place_is_refused(folder: Path, tmp_path: Path) -> None:
    open_key_file(folder)
    (folder / "kek.json").rename(tmp_path / "elsewhere.json")
    (folder / "kek.json").symlink_to(tmp_path / "elsewhere.json")
    refusal(folder)
    (folder / "kek.json").unlink()
    (folder / "kek.json").mkdir()
    refusal(folder)


def test_a_dangling_link_is_refused_and_nothing_is_made_where_it_points(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "kek.json").symlink_to(tmp_path / "target.json")
    refusal(folder)
    assert not (tmp_path / "target.json").exists()


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", "null", '{"format":"entente key file 1","current":"a","keys":[]}', "\x00", '{"keys": 1}']
)
def test_a_damaged_file_is_refused(folder: Path, content: str) -> None:
    open_key_file(folder)
    (folder / "kek.json").write_text(content)
    assert "damaged" in str(refusal(folder).facts["fault"])


def test_a_key_altered_by_one_character_is_found_when_the_file_is_read(folder: Path) -> None:
    open_key_file(folder)
    document = json.loads((folder / "kek.json").read_text())
    key = document["keys"][0]["key"]
    document["keys"][0]["key"] = ("B" if key[0] != "B" else "C") + key[1:]
    (folder / "kek.json").write_text(json.dumps(document))
    assert document["keys"][0]["key"] not in str(refusal(folder))


def test_an_unknown_format_is_refused(folder: Path) -> None:
    open_key_file(folder)
    document = json.loads((folder / "kek.json").read_text()) | {"format": "entente key file 2"}
    (folder / "kek.json").write_text(json.dumps(document))
    assert "format" in str(refusal(folder).facts["fault"])


def test_an_older_key_still_unwraps_once_a_newer_one_wraps(folder: Path, tmp_path: Path) -> None:
    old, new = open_key_file(folder), open_key_file(tmp_path / "new")
    wrapped = mint_keys(old)
    document, fresh = json.loads((folder / "kek.json").read_text()), json.loads((tmp_path / "new" / "kek.json").read_text())
    (folder / "kek.json").write_text(json.dumps(document | {"current": fresh["current"], "keys": document["keys"] + fresh["keys"]}))
    both = open_key_file(folder)
    assert both.current == new.current
    open_keys(both, wrapped)
    open_keys(new, mint_keys(both))


def test_another_databases_key_file_is_refused_by_name(folder: Path, tmp_path: Path) -> None:
    wrapped = mint_keys(open_key_file(folder))
    with pytest.raises(IdentityError, match="does not belong to this database") as caught:
        open_keys(open_key_file(tmp_path / "other"), wrapped)
    assert caught.value.reason is Reason.KEY_RING_UNUSABLE


def test_no_key_shows_in_a_repr(folder: Path) -> None:
    ring = open_key_file(folder)
    assert json.loads((folder / "kek.json").read_text())["keys"][0]["key"] not in repr(ring)


def test_a_file_that_is_lost_is_asked_for_and_nothing_is_made(folder: Path) -> None:
    with pytest.raises(IdentityError, match="is missing: restore it from your backup") as caught:
        open_key_file(folder, make=False)
    assert caught.value.reason is Reason.KEY_RING_UNUSABLE
    assert not folder.exists()
    ring = open_key_file(folder)
    assert open_key_file(folder, make=False).current == ring.current


async def test_a_database_has_keys_from_its_first_opening(folder: Path) -> None:
    transactor = MemoryTransactor()
    assert not await has_keys(transactor)
    await open_hierarchy(transactor, open_key_file(folder))
    assert await has_keys(transactor)
