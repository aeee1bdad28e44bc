"""Structured logs: one JSON object a line, made of named facts.

Rules
- Only the facts named in ``FACTS`` are written, and of an exception only its type and where it came from: texts of exceptions and of other
  libraries' log messages may hold personal values, so they are never written.
- JSON escaping keeps line breaks and terminal codes of outsiders from forging lines.
- Our own modules may log through ``logging`` with constant messages: the template is written, its arguments are not.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from traceback import extract_tb
from typing import TypeAlias

Fact: TypeAlias = str | int | float | bool

FACTS = frozenset({
    "method", "caller", "purpose", "recipient", "code", "reason", "request_id", "error_id", "duration_ms", "items", "address", "port",
    "worker", "pid", "signal", "exit_code", "grace_seconds", "error", "where", "logger", "message", "file", "fault",
    "production", "workers",
})  # fmt: skip
_LONGEST = 300
_DEEPEST = 5
_OUR_LOGGERS = ("identity", "consent", "services")


class EventLog:
    """Writes events as JSON lines."""

    def __init__(self, write: Callable[[str], object] | None = None, now: Callable[[], datetime] | None = None) -> None:
        """Write through ``write`` (default: standard error, line by line), stamped by ``now`` (default: the system's clock)."""
        self._write = write or _write_line
        self._now = now or _utc_now

    def event(self, name: str, level: str = "info", **facts: Fact | None) -> None:
        """Write one event. Facts that are None or not named in ``FACTS`` are left out."""
        kept = {key: _short(value) for key, value in facts.items() if value is not None and key in FACTS}
        line = {"time": self._now().isoformat(timespec="milliseconds"), "level": level, "event": name, **kept}
        self._write(json.dumps(line, ensure_ascii=True, separators=(",", ":")))

    def failure(self, name: str, error: BaseException, **facts: Fact | None) -> None:
        """Write an event for an exception: its type and the places it passed, never its text or its values."""
        self.event(name, "error", error=_types(error), where=_places(error), **facts)


class EventHandler(logging.Handler):
    """Brings what other code logs into the event log, without what might be personal in it."""

    def __init__(self, log: EventLog) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        ours = record.name.split(".", 1)[0] in _OUR_LOGGERS
        error = record.exc_info[1] if record.exc_info else None
        self._log.event(
            "log",
            record.levelname.lower(),
            logger=record.name,
            message=str(record.msg) if ours else None,
            where=_places(error) if error else f"{record.module}:{record.lineno}",
            error=_types(error) if error else None,
        )


def install(log: EventLog, level: int = logging.INFO) -> None:
    """Send everything that goes through ``logging`` in this process to ``log``."""
    root = logging.getLogger()
    root.handlers[:] = [EventHandler(log)]
    root.setLevel(level)


def _types(error: BaseException) -> str:
    names: list[str] = []
    current: BaseException | None = error
    while current is not None and len(names) < _DEEPEST:
        names.append(type(current).__qualname__)
        current = current.__cause__ or current.__context__
    return " < ".join(names)


def _places(error: BaseException) -> str:
    frames = extract_tb(error.__traceback__)[-6:]
    return " > ".join(f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}:{frame.name}" for frame in frames)


def _short(value: Fact) -> Fact:
    return value[:_LONGEST] if isinstance(value, str) else value


def _utc_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the time of a log line, no rule depends on it


def _write_line(line: str) -> None:
    sys.stderr.write(line + "\n")
    sys.stderr.flush()
