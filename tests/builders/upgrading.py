"""A store that outlives a change of the standardiser: several intakes over it, each of another version of the code."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from identity.adapters.keyring import open_key_file
from identity.adapters.memory import MemoryTransactor
from identity.adapters.sealing import AesGcmSealer, open_hierarchy
from identity.domain.attributes import StandardAttributes
from identity.domain.edge import Edge
from identity.domain.model.bundle import Thresholds
from identity.domain.model.model import Model
from identity.domain.personal import Access
from identity.domain.standardise import STANDARDISER, Given, Standardiser, standardise_all
from identity.ports.linker import Linker
from identity.ports.transactor import Transactor
from tests.builders.identities import CountingIds, people
from tests.builders.intake import Intake

NO_HYSTERESIS = Thresholds(14.0, 7.5, 7.5, -4.0, "what is linked has no say")


def _reformed(records: Sequence[Given]) -> list[StandardAttributes]:
    """What a later version might do: two v are a w."""
    return [{name: value.replace("vv", "w") if value else value for name, value in columns.items()} for columns in standardise_all(records)]


OLD = STANDARDISER
NEW = Standardiser(STANDARDISER.version + 1, _reformed)


class Deployment:
    """One store and its keys. ``running`` is the code of a version on it."""

    def __init__(self, keys: Path, *, transactor: Transactor | None = None, linker: Linker | None = None, cap: int = 60) -> None:
        self._keys = keys
        self._linker = linker
        self._cap = cap
        self._ids = CountingIds()
        self.transactor = transactor or MemoryTransactor()

    async def running(self, standardiser: Standardiser) -> Intake:
        keys = await open_hierarchy(self.transactor, open_key_file(self._keys))
        sealer = AesGcmSealer(keys, Access("tests"), standardiser)
        intake = Intake(transactor=self.transactor, sealer=sealer, ids=self._ids, linker=self._linker, standardiser=standardiser)
        intake.world.models.model = Model(people(self._cap, NO_HYSTERESIS))
        return intake


async def names(intake: Intake) -> dict[int, str]:
    """Return which record each record id (as a number) is: ``source:key``."""
    named = {}

    async def work(tx) -> None:
        async for versions in tx.records.scan():
            for version, content in zip(versions, intake.sealer.unseal(versions), strict=True):
                ref = content.reveal(intake.world.access).ref
                named[version.record_id.int] = f"{ref.source}:{ref.key}"

    await intake.transactor.run(work, read_only=True)
    return named


async def picture(intake: Intake) -> tuple[set[tuple[Any, ...]], set[frozenset[str]]]:
    """Return edges and groups in terms of record keys, so that two stores can be compared."""
    named = await names(intake)

    def told(edge: Edge) -> tuple[Any, ...]:
        pair = frozenset((named[edge.left.int], named[edge.right.int]))
        return pair, edge.grade, edge.match_weight, edge.decision_weight

    edges = {told(edge) for edge in await intake.world.edges()}
    groups = {frozenset(named[record.int] for record in members) for members in (await intake.identities()).values()}
    return edges, groups
