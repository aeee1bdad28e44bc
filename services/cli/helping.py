"""Help texts in the operator's language: declared in English where the commands are, put into French here."""

from __future__ import annotations

from typing import Final

import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup

from services.cli.language import Language

LIBRARY: Final = (
    "ARGUMENTS_PANEL_TITLE", "COMMANDS_PANEL_TITLE", "OPTIONS_PANEL_TITLE", "DEFAULT_STRING", "REQUIRED_LONG_STRING"
)  # fmt: skip
"""Names of the words that the library writes into a help page by itself."""
SUBCOMMAND: Final = "COMMAND [ARGS]..."


def command_in(app: typer.Typer, language: Language) -> TyperCommand | TyperGroup:
    """Build the command of an app with its help in ``language``; the process speaks it for good."""
    command = typer.main.get_command(app)
    if not isinstance(command, TyperCommand | TyperGroup):  # typer makes nothing else
        raise TypeError(type(command).__name__)
    for name in LIBRARY:
        setattr(rich_utils, name, language.text(getattr(rich_utils, name)))
    _speak(command, language)
    return command


def _speak(command: TyperCommand | TyperGroup, language: Language) -> None:
    """Put the help of a command, its options and its sub-commands into ``language``."""
    if command.help:
        command.help = language.text(command.help)
    if command.epilog:
        command.epilog = language.text(command.epilog)
    if isinstance(command, TyperGroup):
        command.subcommand_metavar = language.text(SUBCOMMAND)
    shows_help = command.get_help_option(typer.Context(command, help_option_names=["-h", "--help"]))
    for parameter in (*command.params, *([shows_help] if shows_help else [])):
        told = getattr(parameter, "help", None)
        if isinstance(told, str):
            setattr(parameter, "help", language.text(told))  # noqa: B010 - options and arguments have one, their base does not
    for inner in command.commands.values() if isinstance(command, TyperGroup) else ():
        if isinstance(inner, TyperCommand | TyperGroup):
            _speak(inner, language)
