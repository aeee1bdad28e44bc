"""Runs one command: settings, screen, event loop, exit code."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import typer

from services.cli.failing import INTERRUPTED, told
from services.cli.language import Language
from services.cli.screen import Screen, literal
from services.settings import Settings, SettingsError, read_settings

_OURS = ("identity", "services")


@dataclass(frozen=True, slots=True)
class Session:
    """What a command works with."""

    settings: Settings
    screen: Screen


Command = Callable[[Session], Awaitable[int]]


def run(command: Command, *, json_output: bool = False) -> None:
    """Run a command to its end and leave with its exit code."""
    raise typer.Exit(_outcome(command, json_output=json_output))


def run_plain(command: Callable[[Session], int], *, json_output: bool = False) -> None:
    """Run a command that must not have an event loop (it forks)."""
    session = _session(json_output=json_output)
    try:
        code = command(session)
    except Exception as error:  # noqa: BLE001 - every failure becomes an exit code and a sentence
        code = told(session.screen, error)
    raise typer.Exit(code)


def _outcome(command: Command, *, json_output: bool) -> int:
    import uvloop  # noqa: PLC0415 - help and usage errors come without

    session = _session(json_output=json_output)
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(_drive(command, session))
    except KeyboardInterrupt:
        session.screen.fail(session.screen.say("Interrupted; what was acknowledged is kept."))
        return INTERRUPTED
    except BaseExceptionGroup as group:
        return told(session.screen, _first(group))
    except Exception as error:  # noqa: BLE001 - every failure becomes an exit code and a sentence
        return told(session.screen, error)


async def _drive(command: Command, session: Session) -> int:
    return await command(session)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner


def _session(*, json_output: bool) -> Session:
    try:
        settings = read_settings()
    except SettingsError as error:
        raise typer.Exit(told(Screen(Language("en"), json_output=json_output), error)) from None
    screen = Screen(Language(settings.language), json_output=json_output)
    root = logging.getLogger()
    root.handlers[:] = [_OnScreen(screen)]
    root.setLevel(logging.WARNING)
    return Session(settings, screen)


class _OnScreen(logging.Handler):
    """Shows our own warnings; other libraries' messages may hold values and are dropped."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.split(".", 1)[0] in _OURS:
            self._screen.warn(literal(self._screen.language.text(str(record.msg))))
