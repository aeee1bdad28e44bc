"""What comes from files, stores and models is shown as it is: it neither commands the terminal nor styles the text around it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table
from rich.text import Text

from identity.adapters.files import open_source
from identity.domain.mapping_file import parse_mapping
from identity.ports.record_source import SourceFileError
from services.cli.failing import InputError, told
from services.cli.language import Language, plain
from services.cli.screen import Screen, literal

HOSTILE = {
    "a link": "[link=https://evil.example]x.csv",
    "a closing tag": "x[/]y[/bold]z",
    "a colour by escape": "\x1b[31mred",
    "a link by escape": "\x1b]8;;https://evil.example\x1b\\x\x1b]8;;\x1b\\",
    "a title by escape": "\x1b]0;pwned\x07",
    "a C1 introducer": "\x9b31mred",
    "a carriage return": "harmless\rforged",
    "a second line": "harmless\n✗ forged",
    "reversed text": "gpj.\u202eexe",
    "a line separator": "harmless\u2028forged",
    "a backslash before the text's own tag": "x\\",
    "half a tag": "[link=https://evil.example ",
}
FORBIDDEN = set("\x1b\x07\x9b\r\u202e\u2028")


class Terminal(Screen):
    """A screen whose both outputs can be read, as a terminal that knows colours and links."""

    def __init__(self, language: Language) -> None:
        super().__init__(language)
        self.seen = io.StringIO()
        self.out = self.err = Console(file=self.seen, force_terminal=True, color_system="truecolor", width=200, highlight=False)

    def words(self) -> str:
        """What was shown, its own styles left out."""
        return Text.from_ansi(self.seen.getvalue()).plain


@pytest.fixture
def screen() -> Terminal:
    return Terminal(Language("en"))


def assert_tame(screen: Terminal) -> None:
    shown = screen.seen.getvalue()
    assert "\x1b]8" not in shown, "no link was made"
    assert "\x1b[31m" not in shown, "nothing became red"
    assert not FORBIDDEN & set(screen.words())


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_value_is_tame_wherever_it_is_shown(screen, how):
    value = HOSTILE[how]
    screen.note(screen.say("Rejected rows, with line, column and reason: {file}", file=Path(value)))
    screen.warn(f"{literal(value)}: [bold]{literal(value)}[/] and on")
    screen.warn(literal(value))
    table = Table.grid()
    table.add_row(literal(value), f"[bold]{literal(value)}[/]")
    screen.out.print(table)
    with screen.progress(literal(value), "") as ticker:
        ticker.at(1, 2, literal(value))
    assert_tame(screen)


@pytest.mark.parametrize("how", HOSTILE)
def test_a_hostile_value_in_an_error_is_tame(screen, how):
    assert told(screen, InputError(f"{HOSTILE[how]} cannot be read", HOSTILE[how])) == 2
    assert_tame(screen)


def test_a_csv_header_with_escape_sequences_is_told_without_them(screen, tmp_path):
    path = tmp_path / "[link=https:evil.example]x.csv"
    path.write_text("id;vil\x1b]0;pwned\x07le;[red]prenom[/]\n1;a;b\n")
    mapping = parse_mapping('source = "crm"\nkey = "id"\n[attributes]\ngiven_name = "prenom"\ncity = "ville"\n')
    with pytest.raises(SourceFileError) as caught:
        open_source(path, mapping)
    assert told(screen, caught.value) == 2
    assert_tame(screen)
    assert "[link=https:evil.example]x.csv" in screen.words()


def test_the_texts_own_markup_keeps_working(screen):
    screen.out.print(screen.say("[bold]Decision weight {weight}[/]: {grade}", weight="[red]1[/]", grade="x"))
    assert screen.words().strip() == "Decision weight [red]1[/]: x"
    assert "\x1b[1mDecision weight" in screen.seen.getvalue()


def test_brackets_and_accents_of_ordinary_values_are_shown_as_they_are():
    for value in ("Prénom [usage].csv", "C:\\data\\crm.csv", "été [1] (2)", "x_[y]"):
        assert Text.from_markup(literal(value)).plain == value
        assert plain(value) == value


def test_faults_keep_their_lines(screen):
    screen.fail("a.toml:1: one\na.toml:2: two\x1b[2J")
    assert [line.strip() for line in screen.words().splitlines()] == ["✗ a.toml:1: one", "a.toml:2: two\ufffd[2J"]


def test_json_holds_no_raw_control_character_and_still_says_the_same(screen, capsys):
    facts = {"file": "".join(HOSTILE.values()), "name": "Zoé"}
    screen.report(facts)
    shown = capsys.readouterr().out
    assert json.loads(shown) == facts
    assert not FORBIDDEN & set(shown)
    assert "Zoé" in shown


@given(st.text(alphabet="[]/\\ab=#@ \x1b", max_size=12), st.text(alphabet="[]/\\ab=#@ \x1b", max_size=12))
def test_no_value_and_no_two_values_together_ever_make_a_tag(left, right):
    text = Text.from_markup(f"[bold]{literal(left)}[/]{literal(right)}] [italic]end[/]")
    assert {str(span.style) for span in text.spans} <= {"bold", "italic"}
    assert text.plain.replace("\\", "") == f"{plain(left)}{plain(right)}] end".replace("\\", "")
