import ast
import string
from pathlib import Path

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from services.cli.app import app
from services.cli.failing import HINTS
from services.cli.french import FRENCH
from services.cli.helping import command_in
from services.cli.language import Language
from services.identity.error_catalog import CATALOG

CLI = Path(__file__).parents[2] / "services" / "cli"


def said() -> set[str]:
    """Every literal text handed to ``say(...)`` in the command line."""
    texts = set()
    for module in CLI.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    texts.add(first.value)
    return texts | helped(typer.main.get_command(app)) | {spec.sentence for spec in CATALOG.values()} | set(HINTS.values())


def helped(command: TyperCommand | TyperGroup) -> set[str]:
    """Every help text of a command and what is below it; the name of the whole is bilingual by itself."""
    own = {command.help} if command.help and command.name != "entente" else set()
    options = {told for parameter in command.params if (told := getattr(parameter, "help", None)) and "completion" not in told}
    inner = [helped(sub) for sub in command.commands.values()] if isinstance(command, TyperGroup) else []
    return own | options | set().union(*inner)


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_that_is_said_has_its_french():
    assert sorted(said() - set(FRENCH)) == []


def test_no_french_is_left_over():
    assert sorted(set(FRENCH) - said()) == []


@pytest.mark.parametrize("english", sorted(FRENCH))
def test_a_translation_keeps_the_placeholders(english):
    assert placeholders(FRENCH[english]) == placeholders(english)


def test_numbers_are_written_as_the_language_writes_them():
    assert Language("en").number(1234567.5, 1) == "1,234,567.5"
    assert Language("fr").number(1234567.5, 1) == "1\u202f234\u202f567,5"


def test_help_is_french_for_whoever_speaks_french():
    told = command_in(app, Language("fr"))
    assert isinstance(told, TyperGroup)
    assert told.commands["history"].help == FRENCH["Tell what happened to an identity: its records over time, and who answers for it now."]
