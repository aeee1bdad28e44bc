"""A file is taken in whole, once, in any number of lanes; what is wrong with a row costs that row."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from identity.adapters.files import open_source
from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping_file import parse_mapping
from identity.ports.ingest_lane import IngestLane, LoadedChunk
from identity.ports.record_store import RecordStore
from identity.ports.transactor import Transaction
from tests.builders.intake import MAPPING, Intake


def row(number: int, first: str = "Zoé", mail: str | None = None, gone: str = "") -> str:
    return f"k{number};{first};Martin{number};12/03/{1920 + number % 80};{mail or f'p{number}@courriel.example'};{gone}"


@pytest.fixture
def intake() -> Intake:
    return Intake(small=20)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "people.csv"


def refused(path: Path) -> list[list[str]]:
    rejects = path.with_name(path.name + ".rejects.csv")
    return list(csv.reader(rejects.read_text().splitlines()))[1:] if rejects.exists() else []


async def test_a_small_file_is_assigned_as_it_is_stored_and_again_changes_nothing(intake: Intake, path: Path) -> None:
    rows = [row(1), row(2), "k3" + row(1)[2:], row(4)]
    summary = await intake.file(path, *rows)
    assert (summary.counts.created, summary.counts.read, summary.linked) == (4, 4, True)
    assert (await intake.status("k1")).identity_id == (await intake.status("k3")).identity_id
    before = await intake.identities()
    again = await intake.file(path, *rows)
    assert (again.counts.unchanged, again.counts.read) == (4, 4)
    assert await intake.identities() == before


async def test_changes_and_deletion_marks_of_a_file_are_followed(intake: Intake, path: Path) -> None:
    await intake.file(path, row(1), row(2), row(3))
    summary = await intake.file(path, row(1, first="Zora"), row(2, gone="Oui"), row(3), row(9, gone="1"))
    assert (summary.counts.updated, summary.counts.deleted, summary.counts.unchanged, summary.counts.absent) == (1, 1, 1, 1)
    assert (await intake.status("k2")).deleted


async def test_bad_rows_are_listed_with_line_column_and_reason_and_good_ones_are_stored(intake: Intake, path: Path) -> None:
    secret = "Chrysostome"
    summary = await intake.file(
        path, row(1), f"k2;{secret}", ";" + row(3)[3:], row(1, first=secret), "k5;;;;;", f"k6;{secret * 400};x;;;", row(7)
    )
    assert (summary.counts.created, summary.counts.rejected) == (2, 5)
    assert refused(path) == [
        ["3", "last", "too-few-fields"],
        ["4", "id", "no-record-key"],
        ["5", "id", "record-key-seen-before"],
        ["6", "", "no-attribute-has-a-value"],
        ["7", "first", "value-too-long"],
    ]
    assert summary.counts.refusals["record-key-seen-before"] == 1
    assert secret not in path.with_name(path.name + ".rejects.csv").read_text()


@pytest.mark.parametrize("lanes", [1, 2, 3])
async def test_the_first_row_of_a_key_stands_however_many_lanes_there_are(path: Path, lanes: int) -> None:
    intake = Intake(small=4)
    rows = [row(n) for n in range(30)] + [row(n, first="Later") for n in range(0, 30, 3)]
    summary = await intake.file(path, *rows, lanes=lanes)
    assert (summary.counts.created, summary.counts.rejected) == (30, 10)
    assert sorted(int(line) for line, _, _ in refused(path)) == list(range(32, 42))
    assert all([(await intake.content(f"k{n}")).raw["given_name"] == "Zoé" for n in range(30)])
    again = await intake.file(path, *rows, lanes=lanes)
    assert (again.counts.unchanged, again.counts.rejected) == (30, 10)


async def test_a_bulk_file_is_left_to_the_batch_link_and_a_little_news_in_one_is_assigned(intake: Intake, path: Path) -> None:
    rows = [row(n) for n in range(40)]
    summary = await intake.file(path, *rows, lanes=2)
    assert (summary.counts.created, summary.linked) == (40, False)
    assert {len(records) for records in (await intake.identities()).values()} == {1}
    assert len(await intake.identities()) == 40
    more = await intake.file(path, *rows, "k99" + row(1)[2:], lanes=2)
    assert (more.counts.created, more.linked) == (1, True)
    assert (await intake.status("k99")).identity_id == (await intake.status("k1")).identity_id


async def test_progress_grows_to_the_whole_file(intake: Intake, path: Path) -> None:
    await intake.file(path, *[row(n) for n in range(60)], lanes=2)
    reads = [step.counts.read for step in intake.progress]
    assert reads == sorted(reads)
    assert (reads[-1], intake.progress[-1].offset) == (60, path.stat().st_size)


async def test_full_deletes_what_the_file_no_longer_has_and_nothing_of_another_source(intake: Intake, path: Path) -> None:
    rows = [row(n) for n in range(10)]
    await intake.file(path, *rows)
    await intake.file(path, row(77), mapping=MAPPING.replace('"crm"', '"web"'))
    summary = await intake.file(path, *rows[1:], full=True)
    assert (summary.removed, summary.absent_kept, summary.counts.unchanged) == (1, 0, 9)
    assert (await intake.status("k0")).deleted
    assert not (await intake.status("k77", "web")).deleted


async def test_full_looks_at_no_record_of_another_source(intake: Intake, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    await intake.file(path, *[row(n) for n in range(10)])
    records = await intake.transactor.run(_records, read_only=True)
    monkeypatch.setattr(records, "scan_heads", _refuse)
    monkeypatch.setattr(records, "scan", _refuse)
    assert (await intake.file(path, *[row(n) for n in range(1, 10)], full=True)).removed == 1


async def _records(tx: Transaction) -> RecordStore:
    return tx.records


def _refuse(**_: object) -> None:
    raise AssertionError("everything is read")


async def test_full_refuses_to_delete_more_than_its_budget_and_deletes_nothing_then(intake: Intake, path: Path) -> None:
    await intake.file(path, *[row(n) for n in range(10)])
    with pytest.raises(IdentityError) as caught:
        await intake.file(path, *[row(n) for n in range(7)], full=True)
    assert caught.value.reason is Reason.CHURN_OVER_BUDGET
    assert (caught.value.facts["absent"], caught.value.facts["stored"]) == (3, 10)
    assert len(await intake.identities()) == 10


async def test_full_deletes_nothing_when_a_row_could_not_be_read(intake: Intake, path: Path) -> None:
    await intake.file(path, *[row(n) for n in range(10)])
    summary = await intake.file(path, *[row(n) for n in range(9)], "k9;torn", full=True)
    assert (summary.removed, summary.absent_kept) == (0, 1)
    assert len(await intake.identities()) == 10


class DyingLane:
    """A lane that fails when it commits its second chunk."""

    def __init__(self, lane: IngestLane) -> None:
        self._lane = lane
        self._healthy = True
        self.identify = lane.identify
        self.prepare = lane.prepare

    async def commit(self) -> LoadedChunk:
        if not self._healthy:
            raise IdentityError(Reason.STORE_UNAVAILABLE, cause="gone")
        self._healthy = False
        return await self._lane.commit()


async def test_when_a_lane_fails_the_load_says_why_and_the_same_command_goes_on(path: Path) -> None:
    intake = Intake(small=4)
    rows = [row(n) for n in range(60)]
    path.write_text("\n".join(("id;first;last;born;mail;gone", *rows)) + "\n", encoding="utf-8")
    mapping = parse_mapping(MAPPING)
    reader = open_source(path, mapping).reader

    @asynccontextmanager
    async def lanes(_bulk: bool) -> AsyncIterator[Sequence[IngestLane]]:
        yield [DyingLane(intake.lane(mapping, reader, assign=False))]

    with pytest.raises(IdentityError, match="STORE_UNAVAILABLE"):
        await intake.file(path, *rows, open_lanes=lanes)
    stored = len(await intake.identities())
    assert 0 < stored < 60
    summary = await intake.file(path, *rows, lanes=2)
    assert (summary.counts.unchanged, summary.counts.created) == (stored, 60 - stored)
    assert len(await intake.identities()) == 60


async def test_a_plan_overtaken_by_another_writer_or_new_blocking_rules_is_made_again(path: Path) -> None:
    intake = Intake(small=4)
    rows = [row(n) for n in range(12)]
    path.write_text("\n".join(("id;first;last;born;mail;gone", *rows)) + "\n", encoding="utf-8")
    mapping = parse_mapping(MAPPING)
    source = open_source(path, mapping)
    lane = intake.lane(mapping, source.reader, assign=False)
    [chunk] = source.chunks([100])
    await lane.identify(chunk)
    await lane.prepare([])
    bundle = intake.world.models.model.bundle
    fewer = replace(bundle.declaration.blocking, rules=bundle.declaration.blocking.rules[:1])
    intake.world.models.model = type(intake.world.models.model)(replace(bundle, declaration=replace(bundle.declaration, blocking=fewer)))
    loaded = await lane.commit()
    assert loaded.counts.created == 12

    async def keys(tx):
        return {len(version.block_keys) async for versions in tx.records.scan() for version in versions}

    assert await intake.transactor.run(keys, read_only=True) == {1}


async def test_a_first_load_looks_up_no_record_and_notices_another_writer_all_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    intake = Intake(small=4)
    rows = [row(n) for n in range(12)]
    path.write_text("\n".join(("id;first;last;born;mail;gone", *rows)) + "\n", encoding="utf-8")
    mapping = parse_mapping(MAPPING)
    source = open_source(path, mapping)
    lane = intake.lane(mapping, source.reader, assign=False)
    await lane.start()
    first, second, third = source.chunks([4, 4, 4])
    records = await intake.transactor.run(_records, read_only=True)
    with monkeypatch.context() as patched:
        patched.setattr(records, "find", _refuse)
        await lane.identify(first)
        await lane.prepare([])
        assert (await lane.commit()).counts.created == 4
        await lane.identify(second)
        await lane.prepare([])
    other = intake.lane(mapping, source.reader, assign=False)
    await other.identify(second)
    await other.prepare([])
    assert (await other.commit()).counts.created == 4
    assert (await lane.commit()).counts.unchanged == 4
    await other.identify(third)
    await other.prepare([])
    await other.commit()
    await lane.identify(third)
    await lane.prepare([])  # looks again from now on: a lane that has been overtaken once no longer takes all for new
    assert (await lane.commit()).counts.unchanged == 4
    assert len(await intake.identities()) == 12


async def test_store_only_leaves_even_a_small_file_to_the_batch_link(intake: Intake, path: Path) -> None:
    summary = await intake.file(path, row(1), "k3" + row(1)[2:], store_only=True)
    assert (summary.counts.created, summary.linked) == (2, False)
    assert {len(records) for records in (await intake.identities()).values()} == {1}


async def test_values_that_are_not_understood_are_counted_by_attribute(intake: Intake, path: Path) -> None:
    wrong = [row(n).replace("12/03/", "1999-99-") for n in range(3)]
    summary = await intake.file(path, *wrong, row(7), "k8;Zoé;Martin;;no mail;")
    assert summary.counts.unread == {"birth_date": 3, "email": 1}
    assert (await intake.file(path, *wrong)).counts.unread == {}
