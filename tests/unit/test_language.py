import ast
import string
from pathlib import Path

import pytest

from services.cli.french import FRENCH
from services.cli.language import Language

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
    return texts


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
