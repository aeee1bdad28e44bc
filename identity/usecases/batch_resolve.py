"""Resolve many queries in one transaction: same answers as one by one, in the same order."""

from __future__ import annotations

from dataclasses import dataclass

from identity.usecases.resolve_identity import ResolveIdentity


@dataclass(frozen=True, slots=True)
class BatchResolveIdentities:
    """Who are these? All queries come from one use."""

    queries: tuple[ResolveIdentity, ...]
