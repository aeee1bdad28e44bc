"""Configuration, read once from the environment; every fault is reported together.

Rules
- Each field says its unit and what an attacker gains by changing it; the README's table is made from the same words.
- No setting weakens privacy silently: a name that does begins with ``Unsafe`` and warns.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

MEBIBYTE = 1 << 20
_SHORT = 400
"""Characters: what receipts take (``consent/adapters/receipts/receipt.schema.json``)."""


class SettingsError(Exception):
    """The environment holds values that cannot be used; ``faults`` has one sentence for each."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(faults))


@dataclass(frozen=True, slots=True)
class Settings:
    """How this process is set up."""

    home: Path
    """Keys, certificates, caller registry and the embedded database. Whoever reads it reads everything."""

    database_url: str | None
    """DSN of a PostgreSQL server; None means the embedded one. Whoever reads it reads sealed rows, not persons."""

    postgres_bin: Path | None
    """Folder of PostgreSQL binaries to run instead of the shipped ones."""

    host: str
    """Address that gRPC listens on; mTLS protects it wherever it is."""

    port: int
    """TCP port of gRPC; 0 picks a free one."""

    authzen_port: int | None
    """TCP port of decisions over HTTP (AuthZEN), on the same address behind the same mTLS; None serves none."""
    workers: int
    """Processes that share the ports."""

    production: bool
    """In production, reflection is off and the development CA is refused."""

    language: str
    """``fr`` or ``en``: the language of what the command line says."""

    otlp_endpoint: str | None
    """Where traces and metrics go; None keeps them in the process. They hold no personal value."""

    link_memory: int
    """Bytes that a batch link's engine may use before it stops with a clear error; it never spills to disk."""

    controller: str = ""
    """Name and postal address of who is in charge of the data, as receipts tell it. Whoever changes it makes receipts speak for another."""

    contact: str = ""
    """How a person reaches who is in charge, as receipts tell it. Whoever changes it gets what people write."""

    choices: str = ""
    """Where a person changes their mind, as receipts tell it: a URL, or a place in words. Whoever changes it leads people elsewhere."""


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from ``environment`` (default: the process's own).

    Raises:
        SettingsError: naming every variable that cannot be used, and what it takes.
    """
    reader = _Reader(os.environ if environment is None else environment)
    settings = Settings(
        home=reader.read("ENTENTE_HOME", "./.entente", lambda text: Path(text).expanduser().absolute(), "a folder"),
        database_url=reader.read("ENTENTE_DATABASE_URL", "", _dsn, "postgresql://user@host/database"),
        postgres_bin=reader.read("ENTENTE_POSTGRES_BIN", "", _folder, "an existing folder that holds postgres and initdb"),
        host=reader.read("ENTENTE_HOST", "127.0.0.1", _host, "an IP address or localhost"),
        port=reader.read("ENTENTE_PORT", "7443", _whole(0, 65535), "a port from 0 to 65535"),
        authzen_port=reader.read("ENTENTE_AUTHZEN_PORT", "", _port, "a port from 1 to 65535"),
        workers=reader.read("ENTENTE_WORKERS", str(min(os.cpu_count() or 1, 8)), _whole(1, 256), "a number from 1 to 256"),
        production=reader.read("ENTENTE_ENVIRONMENT", "development", _environment, "development or production"),
        language=reader.read("ENTENTE_LANG", _language_of_locale(reader.environment), _language, "fr or en"),
        otlp_endpoint=reader.read("ENTENTE_OTLP_ENDPOINT", "", lambda text: text or None, "a URL"),
        controller=reader.read("ENTENTE_CONTROLLER", "", _short, "a name and an address of at most 400 characters"),
        contact=reader.read("ENTENTE_CONTACT", "", _short, "an e-mail address, a phone number or a URL of at most 400 characters"),
        choices=reader.read("ENTENTE_CHOICES_URL", "", _short, "a URL of at most 400 characters"),
        link_memory=reader.read("ENTENTE_LINK_MEMORY_MB", "6144", _whole(256, 1 << 20), "mebibytes, at least 256") * MEBIBYTE,
    )
    if reader.faults:
        raise SettingsError(reader.faults)
    return settings


def language_of(environment: Mapping[str, str] | None = None) -> str:
    """Return the language alone, whatever else is wrong with the environment: for help texts."""
    known = os.environ if environment is None else environment
    told = known.get("ENTENTE_LANG", "").strip()
    return told if told in {"fr", "en"} else _language_of_locale(known)


class _Reader:
    """Reads one variable after another and remembers what was wrong."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.faults: list[str] = []

    def read(self, name: str, default: str, parse: Callable[[str], T], takes: str) -> T:
        try:
            return parse(self.environment.get(name, default).strip())
        except ValueError:
            self.faults.append(f"{name} takes {takes}")
            return parse(default)


def _whole(lowest: int, highest: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        number = int(text)
        if not lowest <= number <= highest:
            raise ValueError
        return number

    return parse


def _port(text: str) -> int | None:
    return _whole(1, 65535)(text) if text else None


def _dsn(text: str) -> str | None:
    if text and not re.match(r"postgres(ql)?://", text):
        raise ValueError
    return text or None


def _short(text: str) -> str:
    if len(text) > _SHORT or not text.isprintable():
        raise ValueError
    return text


def _folder(text: str) -> Path | None:
    if not text:
        return None
    folder = Path(text)
    if not (folder / "postgres").exists():
        raise ValueError
    return folder


def _host(text: str) -> str:
    if not re.fullmatch(r"[0-9a-zA-Z.:\[\]-]+", text):
        raise ValueError
    return text


def _environment(text: str) -> bool:
    if text not in {"development", "production"}:
        raise ValueError
    return text == "production"


def _language(text: str) -> str:
    if text not in {"fr", "en"}:
        raise ValueError
    return text


def _language_of_locale(environment: Mapping[str, str]) -> str:
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or "en"
    return "fr" if locale.lower().startswith("fr") else "en"
