"""The membership file appears whole or not at all, and never through a file or link that somebody else laid out."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from uuid import UUID

import pytest

from identity.domain.source_record import IdentityId, RecordRef
from identity.usecases.export_memberships import Membership
from services.cli.failing import InputError
from services.cli.records import MembershipFile

ROW = Membership(RecordRef("crm", "42"), IdentityId(UUID(int=7)))


def write(path: Path) -> None:
    with MembershipFile(path) as sink:
        sink.begin()
        sink.write([ROW])
        sink.begin()  # a lost connection starts over
        sink.write([ROW])


def test_it_is_whole_private_and_alone_in_its_folder(tmp_path):
    path = tmp_path / "out.csv"
    write(path)
    assert path.read_text() == f"source,record_key,identity_id\ncrm,42,{UUID(int=7)}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_its_draft_has_a_name_that_nobody_can_foresee(tmp_path):
    names = set()
    for _ in range(2):
        with MembershipFile(tmp_path / "out.csv") as sink:
            sink.begin()
            (draft,) = [path.name for path in tmp_path.iterdir() if path.suffix == ".part"]
            names.add(draft)
            assert str(os.getpid()) not in draft.split("-")
    assert len(names) == 2


@pytest.mark.parametrize("kind", ["link", "link to nowhere", "file"])
def test_a_planted_draft_is_never_opened(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("services.cli.records.secrets.token_hex", lambda _bytes: "foreseen")
    planted, victim = tmp_path / ".entente-foreseen.part", tmp_path / "victim"
    if kind == "file":
        planted.write_text("kept")
    else:
        planted.symlink_to(victim)
        if kind == "link":
            victim.write_text("kept")
    with pytest.raises(InputError, match="cannot be written: File exists"):
        write(tmp_path / "out.csv")
    assert planted.is_symlink() or planted.read_text() == "kept"
    assert victim.exists() == (kind == "link")
    assert not victim.exists() or victim.read_text() == "kept"
    assert not (tmp_path / "out.csv").exists()


def fail_midway(path: Path) -> None:
    with MembershipFile(path) as sink:
        sink.begin()
        raise RuntimeError


def test_a_failure_leaves_neither_draft_nor_half_a_file(tmp_path):
    path = tmp_path / "out.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError):
        fail_midway(path)
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_place_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(InputError, match=r"folder\.csv cannot be written"):
        write(tmp_path / "folder.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["folder.csv"]
