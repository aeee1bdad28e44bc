"""Help texts in the operator's language: declared in English where the commands are, put into French here."""

from __future__ import annotations

import typer
from typer.core import TyperCommand, TyperGroup

from services.cli.language import Language


def command_in(app: typer.Typer, language: Language) -> TyperCommand | TyperGroup:
    """Build the command of an app with its help in ``language``."""
    command = typer.main.get_command(app)
    if not isinstance(command, TyperCommand | TyperGroup):  # typer makes nothing else
        raise TypeError(type(command).__name__)
    _speak(command, language)
    return command


def _speak(command: TyperCommand | TyperGroup, language: Language) -> None:
    """Put the help of a command, its options and its sub-commands into ``language``."""
    if command.help:
        command.help = language.text(command.help)
    for parameter in command.params:
        told = getattr(parameter, "help", None)
        if isinstance(told, str):
            setattr(parameter, "help", language.text(told))  # noqa: B010 - options and arguments have one, their base does not
    for inner in command.commands.values() if isinstance(command, TyperGroup) else ():
        if isinstance(inner, TyperCommand | TyperGroup):
            _speak(inner, language)
