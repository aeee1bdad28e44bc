"""Personal values, and the capability to read them.

Rules
- A personal value travels as ``Personal[...]``: ``repr``, ``str`` and ``format`` redact, pickling is
  refused, so that a value cannot slip into a log, an error, a trace or a child process by accident.
- Reading one needs an ``Access``, which only ``services.wiring`` creates: every place that can read
  personal values is found by searching for that name (after Tink's ``secret_key_access``).
"""

from __future__ import annotations

from typing import Generic, NoReturn, TypeVar, final

T = TypeVar("T")

REDACTED = "Personal(…)"


@final
class Access:
    """The right to read personal values; created in wiring and handed down as an argument."""

    __slots__ = ("_reason",)

    def __init__(self, reason: str) -> None:
        """Name in ``reason`` the component that reads, for whoever audits the wiring."""
        self._reason = reason

    def __repr__(self) -> str:
        return f"Access({self._reason!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an Access is not pickled: create it in the wiring of the other process")


@final
class Personal(Generic[T]):
    """A value about a person, unreadable without an ``Access``."""

    __slots__ = ("_value",)

    def __init__(self, value: T) -> None:
        self._value = value

    def reveal(self, access: Access) -> T:
        """Return the value to a holder of ``access``.

        Raises:
            TypeError: if ``access`` is not an ``Access``.
        """
        if not isinstance(access, Access):
            raise TypeError("reading a personal value needs an Access")
        return self._value

    def __repr__(self) -> str:
        return REDACTED

    __str__ = __repr__

    def __format__(self, _spec: str) -> str:
        return REDACTED

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Personal) and bool(self._value == other._value)

    def __hash__(self) -> NoReturn:
        raise TypeError("a Personal is not hashed: its hash would tell equal values apart")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Personal is not pickled: seal it first")
