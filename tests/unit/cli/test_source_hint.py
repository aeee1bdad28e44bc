"""A source of which nothing is stored is named to whoever asked by it, with those it may have meant."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from services.cli.asking import warn_if_unknown
from services.cli.language import Language
from services.cli.screen import Screen


@pytest.mark.parametrize("json_output", [False, True])
def test_the_source_is_named_also_with_json_and_what_else_there_is_to_people(json_output: bool) -> None:
    screen = Screen(Language("en"), json_output=json_output)
    err = io.StringIO()
    screen.err = Console(file=err, width=120, highlight=False)
    warn_if_unknown(screen, "smop[/]", ["crm", "shop"])
    said = err.getvalue()
    assert "There is no record of a source smop[/]." in said
    assert ("may ask by: crm, shop" in said) is not json_output


def test_without_any_other_nothing_more_is_said() -> None:
    screen = Screen(Language("en"))
    err = io.StringIO()
    screen.err = Console(file=err, width=120, highlight=False)
    warn_if_unknown(screen, "smop", [])
    assert "may ask by" not in err.getvalue()


def test_nothing_is_said_of_a_source_with_records() -> None:
    screen = Screen(Language("en"))
    err = io.StringIO()
    screen.err = Console(file=err)
    warn_if_unknown(screen, "shop", ["crm", "shop"])
    assert err.getvalue() == ""
