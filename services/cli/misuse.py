"""A command that was typed amiss, told in the operator's language.

The parser (typer) has its sentences in English only. They are known here by their form; one that is not is shown as it is.
"""

from __future__ import annotations

import re
from typing import Final

from typer.exceptions import TyperException

from services.cli.failing import BAD_INPUT
from services.cli.french_misuse import MISUSE
from services.cli.language import Language
from services.cli.screen import Screen

_FORMS: Final = tuple((re.compile(english, re.DOTALL), french) for english, french in MISUSE)


def told_misuse(screen: Screen, error: TyperException) -> int:
    """Show what is wrong with the words of a command, and how to get help; return the exit code."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError":  # the help has been shown already
        return BAD_INPUT
    hint = screen.say("Try: {command} --help", command=context.command_path) if context is not None else ""
    screen.fail(misuse_in(screen.language, error.format_message()), hint=hint)
    return BAD_INPUT


def misuse_in(language: Language, told: str) -> str:
    """Return a sentence of the parser in a language."""
    if language.code != "fr":
        return told
    for form, french in _FORMS:
        if found := form.fullmatch(told):
            values = {name: value or "" for name, value in found.groupdict().items()}
            if reason := values.get("reason"):
                values["reason"] = misuse_in(language, reason)
            return french.format(**values)
    return told
