"""Who calls: the name in the certificate's SAN, and what the registry lets that name do.

Rules
- A caller is the one URI ``spiffe://entente/caller/<name>`` among the subject alternative names of a certificate that our CA signed.
  The common name, DNS names and anything a request says about itself count for nothing. No such URI, or several: nobody.
- A caller may do what its registration lists, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass

TRUST_DOMAIN = "entente"
NAME = re.compile(r"[a-z][a-z0-9-]{0,62}")
_URI = re.compile(rf"spiffe://{TRUST_DOMAIN}/caller/({NAME.pattern})")


@dataclass(frozen=True, slots=True)
class Caller:
    """A registered caller. ``methods`` are full paths without the leading slash (``entente.identity.v1.RecordService/DeleteRecord``).

    ``sources`` are the source systems whose records it may name: to ask by key, to explain, and to write with the methods for it.
    """

    name: str
    methods: frozenset[str] = frozenset()
    purposes: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Call:
    """The call being served: who makes it, its id, its method, and the monotonic time by which it must be answered."""

    caller: Caller
    request_id: str
    method: str
    deadline: float


_CURRENT: ContextVar[Call] = ContextVar("entente_call")


def current_call() -> Call:
    """Return the call being served.

    Raises:
        LookupError: outside a call that passed the gate.
    """
    return _CURRENT.get()


def enter_call(call: Call) -> None:
    """Make ``call`` the current one for this task; the gate does so, after every check that needs no request."""
    _CURRENT.set(call)


def caller_uri(name: str) -> str:
    """Return the SAN that names a caller.

    Raises:
        ValueError: if the name is not lower-case letters, digits and dashes.
    """
    if not NAME.fullmatch(name):
        raise ValueError("a caller's name is lower-case letters, digits and dashes, at most 63, starting with a letter")
    return f"spiffe://{TRUST_DOMAIN}/caller/{name}"


def name_in_certificate(auth_context: Mapping[str, Iterable[bytes]]) -> str | None:
    """Return the caller's name in a verified peer certificate, or None if it names nobody."""
    uris = list(auth_context.get("peer_uri", ()))
    if len(uris) != 1:
        return None
    match = _URI.fullmatch(uris[0].decode("utf-8", "replace"))
    return match.group(1) if match else None
