"""An upgrade of the standardiser on the real stores and the real engine: tags move, and batch and online agree after it."""

from __future__ import annotations

import random
from pathlib import Path

from identity.adapters.splink_duckdb.linker import SplinkLinker
from identity.domain.ingest import IncomingRecord
from identity.domain.mapping import Reading
from identity.ports.transactor import Transactor
from identity.usecases.ingest_records import IngestRecords
from tests.builders.intake import record
from tests.builders.upgrading import NEW, OLD, Deployment, picture

AMERICAN = Reading(formats={"birth_date": "%m/%d/%Y"})


def crowd(count: int) -> list[IncomingRecord]:
    """Return records, many of them of the same people in two spellings that only the newer standardiser takes for one."""
    seed = random.Random(7)
    drawn = []
    for number in range(count):
        raw = {
            "given_name": seed.choice(["Odile", "Léo", "Zoé"]),
            "family_name": seed.choice(["Walter", "Vvalter", "Vvega", "Wega", "Petit"]),
        }
        if seed.random() < 0.8:
            raw["birth_date"] = f"0{seed.randrange(1, 5)}/0{seed.randrange(1, 5)}/19{seed.choice([70, 71, 72])}"
        if seed.random() < 0.3:
            raw["email"] = f"vv{seed.randrange(30)}@o.example"
        drawn.append(record(str(number), source=seed.choice(["crm", "web"]), **raw))
    return drawn


async def test_after_an_upgrade_batch_and_online_agree_on_records_old_and_new(transactor: Transactor, tmp_path: Path) -> None:
    people = crowd(240)
    old_ones, newcomers = people[:200], people[200:]
    linker = SplinkLinker(memory_mb=512, threads=1)

    upgraded = Deployment(tmp_path / "keys", transactor=transactor, linker=linker)
    before = await upgraded.running(OLD)
    await before.ingest(IngestRecords(old_ones, AMERICAN))
    await before.world.link()

    after = await upgraded.running(NEW)
    report = await after.world.link()
    assert report.restandardised == 200
    assert 50 < report.retagged < 200
    await after.ingest(IngestRecords(newcomers, AMERICAN))
    online = await picture(after)
    again = await after.world.link()
    assert (again.restandardised, again.retagged, again.churn.moved) == (200, 0, 0)
    assert await picture(after) == online

    fresh = await Deployment(tmp_path / "other", linker=linker).running(NEW)
    await fresh.ingest(IngestRecords(people, AMERICAN))
    assert await picture(fresh) == online
    assert len(online[0]) > 100
