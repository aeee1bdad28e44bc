"""How a process reaches the database: settings whose ``repr`` shows no secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

SERVICE_ROLE = "entente_identity"


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
    return Database(owner=ConnectionSettings(dsn), identity=ConnectionSettings(dsn, role=SERVICE_ROLE))


def socket_dsn(socket_dir: str, *, user: str, password: str, database: str) -> str:
    """Return the DSN of a PostgreSQL that listens on a Unix socket only."""
    return f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@/{quote(database, safe='')}?host={quote(socket_dir, safe='')}"
