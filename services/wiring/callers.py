"""The caller registry on disk: the starter that a fresh home gets, and adding a caller to it.

Rules
- The starter gives each caller the least it needs; nobody is a steward until the operator says so with ``entente caller add``.
- Who may name another system's records (the call centre and marketing, for all four of the demonstration) has no method that writes: to
  explain a record of one's own making against somebody else's would tell that one's values, step by step.
- Adding a caller writes its registration first and its certificate after: a certificate without registration may do nothing anyway.
- The file is the operator's: what is added is appended, and nothing of it is rewritten.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from services.consent.contract import METHODS as CONSENT_METHODS
from services.database.layout import make_home
from services.identity.contract import METHODS as IDENTITY_METHODS
from services.rpc.caller import NAME, Caller
from services.rpc.registry import RegistryError, parse_registry, read_registry
from services.settings import Settings
from services.wiring.certificates import ClientFiles, Pki

FILE: Final = "callers.toml"
METHODS: Final = IDENTITY_METHODS | CONSENT_METHODS
"""Every method that a registry can name."""
PURPOSES: Final = (
    "service", "loyalty", "offers-email", "offers-sms", "offers-phone", "offers-post", "site-personalisation", "audience",
    "fraud-prevention", "legal-archive", "unification", "partner-sharing",
)  # fmt: skip
"""The purposes of the starter catalogue."""

_OFFERS = ("offers-email", "offers-sms", "offers-phone", "offers-post")
_INGEST = ("IngestRecords", "DeleteRecord", "GetRecordStatus")
_ASK = ("ResolveIdentity", "BatchResolveIdentities")
_CONSENT = ("RecordConsent", "ListConsentEvents", "GetReceipt", "ListPurposes", "GetNotice")
_DECIDE = ("Decide", "BatchDecide", "WatchRevocations")
_STARTER: Final = (
    ("crm", (*_INGEST, *_ASK, "GetProfile", "ExplainMatch", *_CONSENT, *_DECIDE), ("service", "loyalty", "legal-archive"), ("crm",)),
    (
        "webshop",
        (*_INGEST, *_ASK, "GetProfile", *_CONSENT, *_DECIDE),
        ("service", "loyalty", "site-personalisation", "fraud-prevention"),
        ("webshop",),
    ),
    ("callcentre", ("ResolveIdentity", "GetProfile", "ExplainMatch", "Decide"), ("service",), ("crm", "webshop", "callcentre", "loyalty")),
    ("chatbot", ("ResolveIdentity",), ("service",), ()),
    (
        "marketing",
        (*_ASK, "GetProfile", *_DECIDE, "ListPurposes", "GetNotice"),
        (*_OFFERS, "loyalty", "audience"),
        ("crm", "webshop", "callcentre", "loyalty"),
    ),
    ("partner", _ASK, ("partner-sharing",), ()),
)
_HEADER = """\
# Who may call this deployment, and for what. What is not listed is not allowed; there is no wildcard.
# A caller is known by its certificate (URI SAN spiffe://entente/caller/NAME). A running server takes up changes within a second.
# methods     names of RPCs, or full paths (entente.identity.v1.RecordService/IngestRecords)
# purposes    what it may ask for
# recipients  who may receive what it asks for
# sources     source systems whose records it may name: ask by their keys, explain them and, with the methods for it, write them.
#             A question by attributes needs none. Whoever may both write and explain should have no source but its own.
"""


def system_time() -> datetime:
    """Return the time against which certificates are made and checked."""
    return datetime.now(UTC)  # noqa: TID251 - certificates are checked against now


def prepare_callers(home: Path, now: datetime, hosts: Sequence[str] = ()) -> dict[str, Caller]:
    """Make the starter registry if there is none, then the CA and a certificate for the server and each registered caller.

    Raises:
        RegistryError: if the registry that is there cannot be used.
        CertificateError: if a key that is there cannot be used.
        DatabaseError: if the home cannot be made.
    """
    make_home(home)
    path = home / FILE
    if not path.exists():
        tables = [_table(name, methods, purposes, (name,), sources) for name, methods, purposes, sources in _STARTER]
        _create(path, "\n".join([_HEADER, *tables]))
    callers = list_callers(home)
    Pki(home).prepare(callers, now, hosts)
    return callers


def list_callers(home: Path) -> dict[str, Caller]:
    """Return the registered callers.

    Raises:
        RegistryError: if the registry cannot be read or used.
    """
    return parse_registry(read_registry(home / FILE), METHODS)


def add_caller(
    home: Path,
    name: str,
    *,
    methods: Collection[str],
    purposes: Collection[str],
    recipients: Collection[str] = (),
    sources: Collection[str] = (),
    now: datetime,
) -> ClientFiles:
    """Register a caller and make its certificate; without ``recipients`` it may receive for itself only.

    Raises:
        RegistryError: if the name is taken or malformed, or a method or name is not known; nothing is changed then.
        CertificateError: if the CA cannot be used.
    """
    if not NAME.fullmatch(name):
        raise RegistryError(["a caller's name is lower-case letters, digits and dashes, at most 63, starting with a letter"])
    if name in prepare_callers(home, now):
        raise RegistryError([f"caller {name} is registered already; change it in {FILE}"])
    addition = "\n" + _table(name, methods, purposes, recipients or (name,), sources)
    path = home / FILE
    text = path.read_text("utf-8")
    callers = parse_registry(text.rstrip("\n") + "\n" + addition, METHODS)
    draft = path.with_name(f".{FILE}.{os.getpid()}")
    _create(draft, text.rstrip("\n") + "\n" + addition)
    draft.replace(path)
    pki = Pki(home)
    pki.prepare(callers, now)
    return pki.client_files(name)


def _table(name: str, methods: Collection[str], purposes: Collection[str], recipients: Collection[str], sources: Collection[str]) -> str:
    lists = {"methods": methods, "purposes": purposes, "recipients": recipients, "sources": sources}
    lines = [f"{key} = [{', '.join(json.dumps(value) for value in values)}]" for key, values in lists.items()]
    return "\n".join([f"[callers.{name}]", *lines, ""])


def _create(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def require_registered(
    settings: Settings, caller: str, *, method: str, purpose: str, recipient: str, sources: Collection[str] = ()
) -> Caller:
    """Hold the command line to the registration of the caller it acts as (ADR 7), and return it; ``sources`` are those its question names.

    Raises:
        RegistryError: naming what the caller is not registered for.
    """
    registered = prepare_callers(settings.home, system_time()) if not settings.production else list_callers(settings.home)
    known = registered.get(caller)
    if known is None:
        raise RegistryError([f"caller {caller} is not registered; `entente caller list` shows who is"])
    own = ", ".join(sorted(known.sources)) or "none"
    lacking = [
        what
        for what, held in (
            (f"method {method}", any(path.endswith(f"/{method}") for path in known.methods)),
            (f"purpose {purpose}", purpose in known.purposes),
            (f"recipient {recipient}", recipient in known.recipients),
            *((f"source {source} (its sources: {own})", source in known.sources) for source in dict.fromkeys(sources)),
        )
        if not held
    ]
    if lacking:
        raise RegistryError([f"caller {caller} is not registered for {what}" for what in lacking])
    return known
