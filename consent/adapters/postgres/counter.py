"""How far everything has come: the one row that is ever changed, and that every writer holds while it writes.

A writer takes the row's lock before anything else and keeps it until it has committed: writers follow one another, each sees all that
those before it wrote, and revisions are committed in order. Waiting for a lock loses no race, unlike serializable transactions
that all change one row, of which each commit would make all others begin anew.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from consent.adapters.macs import RowMac
from consent.adapters.postgres.link import Link
from consent.domain.errors import ConsentError, Reason

TABLE = "consent.revision/1"

_READ = "SELECT revision, entries, catalogue, mac FROM consent.revision WHERE single"

_INSERT = "INSERT INTO consent.revision (single, revision, entries, catalogue, mac) VALUES (true, $1, $2, $3, $4)"

_UPDATE = "UPDATE consent.revision SET revision = $1, entries = $2, catalogue = $3, mac = $4 WHERE single"


@dataclass(frozen=True, slots=True)
class Reached:
    """How far everything has come. ``entries``: the highest position of an event or echo; ``catalogue``: how many versions there are."""

    revision: int = 0
    entries: int = 0
    catalogue: int = 0


def reached(row: tuple[int | None, int | None, int | None, bytes | None], macs: RowMac) -> Reached:
    """Return what the row says; that there is none yet looks like a row of None.

    Raises:
        ConsentError: ``EVENT_ALTERED``.
    """
    revision, entries, catalogue, mac = row
    if revision is None or entries is None or catalogue is None:
        return Reached()
    macs.check(TABLE, (revision, entries, catalogue), mac)
    return Reached(revision, entries, catalogue)


class Counter:
    """The row as one transaction finds it and moves it."""

    def __init__(self, link: Link, macs: RowMac) -> None:
        self._link = link
        self._macs = macs
        self._found: Reached | None = None
        self._now: Reached | None = None
        self._there = False

    async def hold(self) -> None:
        """Wait for the writers before, and hold up those after until the transaction ends."""
        await self._read(f"{_READ} FOR UPDATE")

    async def _read(self, query: str) -> Reached:
        row = await self._link.fetchrow(query)
        self._there = row is not None
        self._found = self._now = reached((None, None, None, None) if row is None else (row[0], row[1], row[2], row[3]), self._macs)
        return self._found

    async def found(self) -> Reached:
        """Return how far everything had come before this transaction."""
        return self._found or await self._read(_READ)

    async def now(self) -> Reached:
        """Return how far everything has come, with what this transaction did."""
        found = await self.found()
        return self._now or found

    async def take_revision(self) -> int:
        """Return the transaction's revision."""
        found, now = await self.found(), await self.now()
        self._now = replace(now, revision=found.revision + 1)
        return self._now.revision

    async def add(self, *, entries: int = 0, catalogue: int = 0) -> Reached:
        """Count what is added under the transaction's revision, and return how far everything had come before."""
        await self.take_revision()
        now = await self.now()
        self._now = replace(now, entries=now.entries + entries, catalogue=now.catalogue + catalogue)
        return now

    async def settle(self) -> None:
        """Write the row, if anything moved; the last thing a transaction does.

        Raises:
            ConsentError: ``EVENT_ALTERED`` if the row is gone.
        """
        now = self._now
        if now is None or now == self._found:
            return
        mac = self._macs.of(TABLE, (now.revision, now.entries, now.catalogue))
        done = await self._link.execute(_UPDATE if self._there else _INSERT, now.revision, now.entries, now.catalogue, mac)
        if not done.endswith(" 1"):
            raise ConsentError(Reason.EVENT_ALTERED, table="consent.revision")
