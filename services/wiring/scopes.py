"""What each caller is registered for, as decisions ask: a live view of the caller registry, so that a change counts within a second."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterator, Mapping

from consent.domain.tables import Scope
from services.rpc.caller import Caller
from services.rpc.registry import CallerRegistry
from services.settings import Settings
from services.wiring.callers import FILE, METHODS
from services.workflows.consent_gate import UNIFICATION

OPERATOR = "operator"
"""Whoever works on the command line and holds the home; no caller of any service."""


class RegisteredScopes(Mapping[str, Scope]):
    """The registry's scopes. Where there is no registry yet, nobody is registered for anything."""

    def __init__(self, settings: Settings) -> None:
        self._path = settings.home / FILE
        self._registry: CallerRegistry | None = None
        self._read: tuple[Mapping[str, Caller], dict[str, Scope]] | None = None

    def __getitem__(self, name: str) -> Scope:
        return self._now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._now())

    def __len__(self) -> int:
        return len(self._now())

    def _now(self) -> dict[str, Scope]:
        """Return the scopes in force.

        Raises:
            RegistryError: if the registry cannot be used when it is first read; later the last good one stays in force.
        """
        if self._registry is None:
            if not self._path.exists():
                return {}
            self._registry = CallerRegistry(self._path, METHODS, lambda _: None)  # the gate's own tells of a file that went bad
        callers = self._registry.callers()
        if self._read is None or self._read[0] is not callers:
            self._read = callers, {name: Scope(caller.purposes, caller.recipients) for name, caller in callers.items()}
        return self._read[1]


def operating_scopes(settings: Settings) -> Mapping[str, Scope]:
    """Return the registry's scopes and the operator's, who looks after who is one person (ADR 7)."""
    operator = Scope(frozenset({UNIFICATION}), frozenset({OPERATOR}))
    return ChainMap({OPERATOR: operator}, RegisteredScopes(settings))  # type: ignore[arg-type]  # it is only read
