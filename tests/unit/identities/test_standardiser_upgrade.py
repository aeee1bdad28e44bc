"""After an upgrade of the standardiser, records stored before it are as good as those stored after; and after a rollback too."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from identity.domain.ingest import Outcome
from identity.domain.mapping import Reading
from identity.domain.model.blocking import block_keys
from identity.domain.personal import Personal
from identity.domain.standardise import Standardiser
from identity.ports.purpose_gate import Use
from identity.usecases.answer import ResolveIdentity
from identity.usecases.answering import Answering
from identity.usecases.ingest_records import IngestRecords
from identity.usecases.resolve_identity import IdentityResolver
from tests.builders.intake import Intake, record
from tests.builders.upgrading import NEW, OLD, Deployment, names, picture

ODILE = {"given_name": "Odile", "family_name": "Vvalter", "birth_date": "03/04/1970"}
SAME_ODILE = {"given_name": "Odile", "family_name": "Walter"}
AMERICAN = Reading(formats={"birth_date": "%m/%d/%Y"})


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(tmp_path / "keys")


async def take(intake: Intake, *records, reading: Reading | None = None) -> list[Outcome]:
    return [result.outcome for result in (await intake.ingest(IngestRecords(records, reading or Reading()))).results]


async def found_by(intake: Intake, **standard: str) -> set[str]:
    """Return the records that share a stored blocking tag with these columns."""
    tags = intake.sealer.block_tags(block_keys(intake.world.models.model.bundle.declaration.blocking, standard))
    blocks = await intake.transactor.run(lambda tx: tx.records.candidates(tags, cap=60), read_only=True)
    named = await names(intake)
    return {named[one.int] for records in blocks.by_key.values() for one in records}


async def test_the_batch_link_moves_the_tags_of_records_stored_before_the_upgrade_and_says_so(deployment: Deployment) -> None:
    before = await deployment.running(OLD)
    await take(before, record("1", **ODILE), record("2", **{**ODILE, "family_name": "Petit"}))
    after = await deployment.running(NEW)
    assert await found_by(after, given_name="odile", family_name="walter") == set()
    dry = await after.world.link(dry_run=True)
    assert (dry.restandardised, dry.retagged) == (2, 0)
    report = await after.world.link()
    assert (report.restandardised, report.retagged) == (2, 1)
    assert await found_by(after, given_name="odile", family_name="walter") == {"crm:1"}
    assert await found_by(after, given_name="odile", family_name="vvalter") == set()


async def test_linking_again_after_an_upgrade_changes_nothing(deployment: Deployment) -> None:
    await take(await deployment.running(OLD), record("1", **ODILE), record("A", source="web", **SAME_ODILE))
    after = await deployment.running(NEW)
    await after.world.link()
    before = await picture(after), await after.identities()
    report = await after.world.link()
    assert (report.restandardised, report.retagged, report.churn.moved, report.churn.created) == (2, 0, 0, 0)
    assert (await picture(after), await after.identities()) == before


async def test_without_an_upgrade_nothing_is_standardised_anew(deployment: Deployment) -> None:
    await take(await deployment.running(OLD), record("1", **ODILE))
    report = await (await deployment.running(OLD)).world.link()
    assert (report.restandardised, report.retagged) == (0, 0)


async def test_a_newcomer_finds_by_its_new_columns_who_came_before_the_upgrade(deployment: Deployment) -> None:
    await take(await deployment.running(OLD), record("1", **ODILE))
    after = await deployment.running(NEW)
    await after.world.link()
    await take(after, record("A", source="web", **SAME_ODILE))
    online = await picture(after)
    [edge] = online[0]
    assert edge[0] == frozenset({"crm:1", "web:A"})
    await after.world.link()
    assert await picture(after) == online


async def test_a_question_is_read_as_the_records_are(deployment: Deployment) -> None:
    await take(await deployment.running(OLD), record("1", **ODILE))
    after = await deployment.running(NEW)
    await after.world.link()
    world = after.world
    answering = Answering(models=world.models, sealer=after.sealer, releasing=world.releasing, access=world.access, standardiser=NEW)
    resolver = IdentityResolver(transactor=after.transactor, answering=answering)
    answer = await resolver(ResolveIdentity(Use("crm", "service", "crm"), attributes=Personal({**ODILE, "family_name": "WALTER"})))
    assert answer.identity is not None
    assert [(reason.comparison, reason.level) for reason in answer.identity.reasons][:2] == [("given_name", "exact"), ("surname", "exact")]


async def test_dates_are_read_anew_in_the_format_their_source_declared(deployment: Deployment) -> None:
    await take(await deployment.running(OLD), record("1", **ODILE), reading=AMERICAN)
    content = await (await deployment.running(NEW)).content("1")
    assert content.formats == AMERICAN.formats
    assert (content.standardiser, content.standard["birth_date"], content.standard["family_name"]) == (NEW.version, "1970-03-04", "walter")


async def test_a_record_without_dates_carries_no_format(deployment: Deployment) -> None:
    intake = await deployment.running(OLD)
    await take(intake, record("1", **SAME_ODILE), reading=AMERICAN)
    assert (await intake.content("1")).formats == {}


async def test_an_unchanged_row_that_comes_again_after_an_upgrade_is_stored_anew_once(deployment: Deployment) -> None:
    await take(await deployment.running(OLD), record("1", **ODILE))
    after = await deployment.running(NEW)
    assert await take(after, record("1", **ODILE)) == [Outcome.UPDATED]
    assert await take(after, record("1", **ODILE)) == [Outcome.UNCHANGED]
    assert (await after.status("1")).version == 2
    report = await after.world.link()
    assert (report.restandardised, report.retagged) == (0, 0)


async def test_a_file_that_comes_again_after_an_upgrade_is_stored_anew_once(deployment: Deployment, tmp_path: Path) -> None:
    row = "1;Odile;Vvalter;03/04/1970;;"
    await (await deployment.running(OLD)).file(tmp_path / "people.csv", row)
    after = await deployment.running(NEW)
    assert (await after.file(tmp_path / "people.csv", row)).counts.updated == 1
    assert (await after.file(tmp_path / "people.csv", row)).counts.unchanged == 1
    assert (await after.content("1")).standard["family_name"] == "walter"


async def test_code_that_was_rolled_back_reads_what_the_newer_code_stored_as_if_it_had_stored_it(deployment: Deployment) -> None:
    await take(await deployment.running(NEW), record("1", **ODILE))
    before = await deployment.running(OLD)
    assert (await before.content("1")).standard["family_name"] == "vvalter"
    assert (await before.world.link()).retagged == 1
    assert await found_by(before, given_name="odile", family_name="vvalter") == {"crm:1"}


PEOPLE = st.fixed_dictionaries(
    {"given_name": st.sampled_from(["Odile", "Odile", "Vva"]), "family_name": st.sampled_from(["Walter", "Vvalter", "Vvalte", "Petit"])},
    optional={"birth_date": st.sampled_from(["03/04/1970", "04/03/1970"]), "email": st.sampled_from(["o@o.example", "vv@vv.example"])},
)
LIVES = st.lists(st.tuples(PEOPLE, st.sampled_from([Reading(), AMERICAN]), st.sampled_from([OLD, NEW])), min_size=2, max_size=7)
Life = list[tuple[dict[str, str], Reading, Standardiser]]


@given(LIVES, st.sampled_from([OLD, NEW]), st.sampled_from([3, 60]))
@settings(max_examples=60, deadline=None)
def test_whatever_versions_stored_them_records_end_linked_as_by_the_running_one(life: Life, last: Standardiser, cap: int) -> None:
    async def lived(*, mixed: bool) -> object:
        with tempfile.TemporaryDirectory() as home:
            deployment = Deployment(Path(home) / "keys", cap=cap)
            for number, (someone, reading, version) in enumerate(life):
                intake = await deployment.running(version if mixed else last)
                await take(intake, record(str(number), **someone), reading=reading)
            intake = await deployment.running(last)
            if mixed:
                await intake.world.link()
            return await picture(intake)

    assert asyncio.run(lived(mixed=True)) == asyncio.run(lived(mixed=False))
