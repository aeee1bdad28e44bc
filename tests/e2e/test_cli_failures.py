"""Whatever is wrong, the command line says what and where, with the promised exit code, and never with a traceback."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from services.database.embedded import embedded_database
from tests.e2e.processes import Done, Home, eventually, fresh_home
from tests.fixtures_database import held_open

PERSON = ("Zoé", "Durand", "1985-04-03", "zoe@mail.example", "0639980012")


def assert_told(done: Done, code: int, *words: str) -> None:
    """The command ended with the code, says the words, and shows nothing of its inside."""
    assert done.code == code, done
    assert [word for word in words if word not in done.said] == [], done.said
    assert "Traceback" not in done.said
    assert "defect" not in done.said
    assert done.out == "", "reports only go to standard output"


@pytest.fixture(scope="module")
def known() -> Iterator[Home]:
    """A home with one record, whose database stays up."""
    with fresh_home() as home, held_open(embedded_database(home.path)):
        home.ingest("crm", [("1", *PERSON)])
        yield home


# Bad usage or input: 2 ------------------------------------------------------------------------------------------------


def test_a_faulty_mapping_is_told_with_every_line(known):
    data = known.write("crm.csv", [("1", *PERSON)])
    mapping = known.folder / "faulty.toml"
    mapping.write_text('source = "crm"\nkey = "id"\n[attributes]\ngiven_nam = "given_name"\nbirth_date = { column = "b", format = "%d" }\n')
    assert_told(
        known.run("ingest", data, "--mapping", mapping, "--json"), 2, "faulty.toml:4:", 'did you mean "given_name"', "faulty.toml:5:"
    )


def test_files_that_cannot_be_read_are_named(known):
    data = known.write("crm.csv", [("1", *PERSON)])
    assert_told(known.run("ingest", data, "--mapping", known.folder / "absent.toml"), 2, "absent.toml", "No such file")
    unreadable = known.folder / "binary.toml"
    unreadable.write_bytes(b"\xff\xfe\x00source")
    assert_told(known.run("ingest", data, "--mapping", unreadable), 2, "binary.toml", "is not UTF-8")
    assert_told(known.run("ingest", known.folder / "absent.csv", "--mapping", known.mapping("crm")), 2, "absent.csv", "No such file")


def test_a_file_that_lacks_a_mapped_column_is_not_taken(known):
    lacking = known.write("lacking.csv", [("1", "Zoé")], columns=("id", "given_name"))
    assert_told(known.run("ingest", lacking, "--mapping", known.mapping("crm")), 2, "family_name")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("resolve", "given_nam=Zoé"), ["'given_nam' is no attribute"]),
        (("resolve", "Zoé"), ["argument 1 is not NAME=VALUE"]),
        (("resolve",), ["give attributes"]),
        (("resolve", "given_name=Zoé", "--caller", "nobody"), ["nobody is not registered"]),
        (("resolve", "given_name=Zoé", "--caller", "marketing"), ["marketing is not registered for purpose service"]),
        (("explain", "--left", "crm:1", "--right", "crm:1", "--caller", "chatbot"), ["chatbot is not registered for method ExplainMatch"]),
        (("judge", "--left", "crm:1", "--right", "crm:none", "--verdict", "same"), ["RECORD_NOT_FOUND"]),
        (("judge", "--left", "crm:1", "--right", "crm:1", "--verdict", "same"), ["JUDGEMENT_ON_ITSELF"]),
        (("judge", "--left", "crm", "--right", "crm:1", "--verdict", "same"), ["SOURCE:KEY"]),
        (("history", "0193a1c0-7c1e-7f52-9a44-0b5f6a2d9c11"), ["IDENTITY_NOT_FOUND"]),
        (("history", "somebody"), ["an identity is named by its id"]),
        (("review", "--page", "made-up"), ["INVALID_PAGE_TOKEN"]),
        (("evaluate", "--truth", "absent.csv"), ["absent.csv cannot be read"]),
        (("serve", "billing"), ["there is no service 'billing'"]),
        (("unknown-command",), ["No such command"]),
    ],
    ids=lambda value: " ".join(value)[:50] if isinstance(value, tuple) else "",
)
def test_what_was_typed_amiss_is_told(known, words, said):
    assert_told(known.run(*words), 2, *said)


def test_every_setting_that_cannot_be_used_is_told_at_once(known):
    wrong = {"ENTENTE_PORT": "seventy", "ENTENTE_WORKERS": "0", "ENTENTE_DATABASE_URL": "mysql://x"}
    assert_told(known.run("db", "status", **wrong), 2, "ENTENTE_PORT takes", "ENTENTE_WORKERS takes", "ENTENTE_DATABASE_URL takes")


# A dependency is unreachable: 3 -----------------------------------------------------------------------------------------


def test_a_database_that_is_not_there_is_told(known):
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = f"postgresql://someone:secret-word@127.0.0.1:{bound.getsockname()[1]}/entente"
        done = known.run("resolve", "given_name=Zoé", ENTENTE_DATABASE_URL=url)
    assert_told(done, 3, "cannot be reached")
    assert "secret-word" not in done.said


def test_keys_of_another_database_are_refused_before_anything_is_written(known):
    with fresh_home() as other:
        other.done("db", "migrate")
        other.run("resolve", "given_name=Zoé")
        kept = known.path.with_name("keys-kept")
        (known.path / "keys").rename(kept)
        try:
            shutil.copytree(other.path / "keys", known.path / "keys")
            assert_told(known.run("resolve", "given_name=Zoé"), 3, "KEY_RING_UNUSABLE", "Keys and database belong together")
            assert_told(known.run("serve", ENTENTE_PORT="0"), 3, "KEY_RING_UNUSABLE")
        finally:
            shutil.rmtree(known.path / "keys")
            kept.rename(known.path / "keys")
    assert known.report("resolve", "--source", "crm", "--key", "1")["grade"] == "certain", "with its own keys all is as before"


def test_a_lost_key_file_is_asked_for_and_not_replaced(known):
    key_file = known.path / "keys" / "kek.json"
    kept = key_file.rename(known.path / "kept.json")
    try:
        for words in (("resolve", "given_name=Zoé"), ("link",)):
            assert_told(known.run(*words), 3, "KEY_RING_UNUSABLE", "is missing: restore it from your backup")
        assert not key_file.exists()
    finally:
        kept.rename(key_file)
    assert known.report("resolve", "--source", "crm", "--key", "1")["grade"] == "certain"


def test_a_key_file_that_others_can_read_is_refused(known):
    (key_file,) = [path for path in (known.path / "keys").iterdir() if path.is_file() and path.name != "bundles.key"]
    key_file.chmod(0o644)
    try:
        assert_told(known.run("resolve", "given_name=Zoé"), 3, "KEY_RING_UNUSABLE")
    finally:
        key_file.chmod(0o600)


def test_a_port_that_is_taken_is_told(known):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_told(known.run("serve", ENTENTE_PORT=port), 3, f"127.0.0.1:{port} is taken by another program")


def test_production_does_not_serve_under_the_development_ca(known):
    assert_told(known.run("serve", ENTENTE_PORT="0", ENTENTE_ENVIRONMENT="production"), 2, "development")


def test_data_of_another_postgresql_are_told_as_such(home):
    home.done("db", "migrate")
    assert eventually(lambda: not runs_in(home.path), 20), "PostgreSQL ends with its last user"
    version = home.path / "postgres/data/PG_VERSION"
    version.write_text("12\n")
    assert_told(home.run("db", "status"), 3, "written by PostgreSQL 12")


def test_a_full_disk_is_told_and_loses_nothing(home):
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk to fill")
    with small_disk(home.folder / "disk", megabytes=120) as disk:
        full = Home(disk / "home", home.folder)
        full.ingest("crm", [("1", *PERSON)])
        filler = disk / "filler"
        fill(filler)
        done = full.run("ingest", full.write("more.csv", [("2", *PERSON)]), "--mapping", full.mapping("crm"))
        assert_told(done, 3, "space")
        filler.unlink()
        assert full.ingest("crm", [("1", *PERSON), ("2", *PERSON)])["unchanged"] == 1
        assert eventually(lambda: not runs_in(full.path), 20)


@contextmanager
def small_disk(place: Path, *, megabytes: int) -> Iterator[Path]:
    """Mount a small disk, or skip where that is not allowed."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0711", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("this container may not mount a small disk to fill")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", place], check=True)


def fill(file: Path) -> None:
    """Write until nothing fits any more."""
    with file.open("wb", buffering=0) as sink:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    sink.write(bytes(size))
            except OSError:
                continue


def runs_in(home: Path) -> bool:
    """Whether any process names the home."""
    return any(bytes(home) in command_line(process) for process in Path("/proc").glob("[0-9]*"))


def command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:
        return b""
