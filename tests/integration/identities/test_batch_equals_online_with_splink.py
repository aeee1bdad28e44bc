"""Splink in a batch and the Python scorer one record at a time: the same edges, to the bit, and the same identities."""

from __future__ import annotations

import random

from identity.adapters.splink_duckdb.linker import SplinkLinker
from identity.domain.edge import EdgeGrade
from identity.domain.model.bundle import Thresholds
from tests.builders.identities import World, people, person

THRESHOLDS = Thresholds(14.0, 7.5, 7.5, -4.0, "no hysteresis: what is linked has no say")


def population(count: int) -> list[dict[str, str | None]]:
    seed = random.Random(5)
    given = ["jean", "jeanne", "zoe", "jean pierre", "jp", "marie", "mariee", None]
    family = ["martin", "martins", "durand", "de la tour", "petit", None]
    born = [f"19{year}-0{month}-1{day}" for year in (60, 61, 90) for month in (1, 2) for day in (1, 2)]
    return [
        person(
            given_name=seed.choice(given),
            family_name=seed.choice(family),
            birth_name=seed.choice([*family, None, None, None]),
            birth_date=seed.choice([*born, None, None, None]),
            email=seed.choice([f"m{seed.randrange(60)}@m.example", None]),
        )
        for _ in range(count)
    ]


async def test_splink_in_one_batch_gives_what_arrives_one_by_one_in_any_order() -> None:
    everyone = population(300)
    batch = World(of=people(20, THRESHOLDS), linker=SplinkLinker(memory_mb=512, threads=1))
    await batch.ingest(dict(enumerate(everyone)), alone=True)
    report = await batch.link()
    assert report.truncated_blocks > 0
    assert report.edges[EdgeGrade.LINK] > 50
    assert report.edges[EdgeGrade.VETO] > 50
    edges, groups = await batch.edges(), await batch.groups()
    assert len(groups) < 290
    for chance in range(2):
        order = list(range(len(everyone)))
        random.Random(chance).shuffle(order)
        online = World(of=people(20, THRESHOLDS))
        for number in order:
            await online.ingest({number: everyone[number]})
        assert await online.edges() == edges
        assert await online.groups() == groups
