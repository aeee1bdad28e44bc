"""Tables that can take back what was written to them since a transaction began.

Rules
- Every write leaves its inverse in the journal; rolling back runs the inverses, newest first.
- Values are immutable, so that the inverse of a write is the value that was there before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Journal:
    """What the running transaction wrote, as inverses. ``writable`` is False outside one and in a read-only one."""

    def __init__(self) -> None:
        self._inverses: list[Callable[[], object]] = []
        self.writable = False

    def begin(self, *, read_only: bool) -> None:
        """Start with an empty journal."""
        self._inverses.clear()
        self.writable = not read_only

    def note(self, inverse: Callable[[], object]) -> None:
        """Remember how to take back a write that is about to happen.

        Raises:
            RuntimeError: if nothing may be written now.
        """
        if not self.writable:
            raise RuntimeError("this transaction is read-only")
        self._inverses.append(inverse)

    def commit(self) -> None:
        """Keep everything."""
        self._inverses.clear()
        self.writable = False

    def roll_back(self) -> None:
        """Take everything back."""
        while self._inverses:
            self._inverses.pop()()
        self.writable = False


class Table(Generic[K, V]):
    """Rows by key."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[K, V] = {}

    def __contains__(self, key: K) -> bool:
        return key in self._rows

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[K]:
        return iter(self._rows)

    def __getitem__(self, key: K) -> V:
        return self._rows[key]

    def get(self, key: K) -> V | None:
        """Return the row, or None."""
        return self._rows.get(key)

    def values(self) -> Iterator[V]:
        """Iterate over the rows, oldest key first."""
        return iter(self._rows.values())

    def put(self, key: K, value: V) -> None:
        """Write a row over whatever was there."""
        if key in self._rows:
            before = self._rows[key]
            self._journal.note(lambda: self._rows.__setitem__(key, before))
        else:
            self._journal.note(lambda: self._rows.pop(key))
        self._rows[key] = value

    def drop(self, key: K) -> V | None:
        """Remove a row if it is there, and return it."""
        if key not in self._rows:
            return None
        before = self._rows[key]
        self._journal.note(lambda: self._rows.__setitem__(key, before))
        return self._rows.pop(key)


class Index(Generic[K, V]):
    """Sets of values by key; empty sets take no room."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._sets: dict[K, set[V]] = {}

    def __len__(self) -> int:
        return len(self._sets)

    def __iter__(self) -> Iterator[K]:
        return iter(self._sets)

    def get(self, key: K) -> frozenset[V]:
        """Return the values under a key."""
        return frozenset(self._sets.get(key, ()))

    def size(self, key: K) -> int:
        """Return how many values a key has."""
        return len(self._sets.get(key, ()))

    def add(self, key: K, value: V) -> None:
        """Put a value under a key."""
        if value not in self._sets.get(key, ()):
            self._journal.note(lambda: self._take(key, value))
            self._sets.setdefault(key, set()).add(value)

    def discard(self, key: K, value: V) -> None:
        """Take a value from under a key."""
        if value in self._sets.get(key, ()):
            self._journal.note(lambda: self._sets.setdefault(key, set()).add(value))
            self._take(key, value)

    def _take(self, key: K, value: V) -> None:
        values = self._sets[key]
        values.discard(value)
        if not values:
            del self._sets[key]
