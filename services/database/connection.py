"""How a process reaches the database: settings whose ``repr`` shows no secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, urlsplit, urlunsplit

SERVICE_ROLE = "entente_identity"
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
    """The two ways in: ``owner`` may change the schema, ``identity`` may only do the service's work."""

    owner: ConnectionSettings
    identity: ConnectionSettings


def external_database(dsn: str) -> Database:
    """Return the settings for a database that somebody else runs (``ENTENTE_DATABASE_URL``).

    The DSN's user migrates; the service connects as the same user and takes the role ``entente_identity`` on, which has
    no right to change the schema or what is append-only.
    """
    verified = with_verified_tls(dsn)
    return Database(owner=ConnectionSettings(verified), identity=ConnectionSettings(verified, role=SERVICE_ROLE))


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
