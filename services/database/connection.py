"""How a process reaches the database: settings whose ``repr`` shows no secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

IDENTITY_ROLE = "entente_identity"
CONSENT_ROLE = "entente_consent"
SERVICE_ROLES = (IDENTITY_ROLE, CONSENT_ROLE)
"""One role per context, each with the rights of its own schema only."""

_LOCAL = frozenset({"", "localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """A DSN, and the role to take on connecting (None: the DSN's own user is the one with the right privileges)."""

    dsn: str = field(repr=False)
    role: str | None = None

    @property
    def server_settings(self) -> dict[str, str]:
        """Start-up parameters every connection is opened with."""
        settings = {"application_name": "entente", "timezone": "UTC", "search_path": "pg_catalog"}
        return settings if self.role is None else settings | {"role": self.role}


@dataclass(frozen=True, slots=True)
class Database:
    """The ways in: ``owner`` may change the schemas, ``identity`` and ``consent`` may only do the work of their context."""

    owner: ConnectionSettings
    identity: ConnectionSettings
    consent: ConnectionSettings


def external_database(dsn: str) -> Database:
    """Return the settings for a database that somebody else runs (``ENTENTE_DATABASE_URL``).

    The DSN's user migrates; each context connects as the same user and takes its own role on, which has no right to change
    the schema or what is append-only, nor to look into the other context.
    """
    verified = with_verified_tls(dsn)
    return Database(
        owner=ConnectionSettings(verified),
        identity=ConnectionSettings(verified, role=IDENTITY_ROLE),
        consent=ConnectionSettings(verified, role=CONSENT_ROLE),
    )


def with_verified_tls(dsn: str) -> str:
    """Return the DSN with ``sslmode=verify-full`` unless it says otherwise or stays on this machine.

    The driver's own default sends the password in clear to whoever answers first.
    """
    parts = urlsplit(dsn)
    asked = parse_qs(parts.query)
    hosts = asked.get("host") or [parts.hostname or ""]
    local = all(host in _LOCAL or host.startswith("/") for host in hosts)
    if local or "sslmode" in asked:
        return dsn
    query = f"{parts.query}&sslmode=verify-full" if parts.query else "sslmode=verify-full"
    return urlunsplit(parts._replace(query=query))


def socket_dsn(socket_dir: str, *, user: str, password: str, database: str) -> str:
    """Return the DSN of a PostgreSQL that listens on a Unix socket only."""
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@/{quote(database, safe='')}?host={quote(socket_dir, safe='')}"
