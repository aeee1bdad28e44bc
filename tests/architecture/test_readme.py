"""What the README promises is there: its commands parse, its snippet is a mapping, its table names what is read, its paths exist."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from identity.domain.mapping_file import parse_mapping
from services.cli.app import app
from services.settings import read_settings

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
ENTENTE = Path(sys.executable).parent / "entente"
COMMAND = typer.main.get_command(app)


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def spoken() -> list[list[str]]:
    """Every command line the README shows: in shell blocks, and in text between backticks."""
    lines = [line for block in blocks("sh") for line in block.splitlines() if line and not line.startswith("#")]
    text = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    lines += [code for code in re.findall(r"`([^`\n]+)`", text) if code.startswith(("entente ", "make "))]
    return [shlex.split(line) for line in lines]


def commands(program: str) -> list[tuple[str, ...]]:
    return sorted({tuple(words[1:]) for words in spoken() if words[0].rsplit("/", 1)[-1] == program})


def test_the_readme_shows_commands_of_both_kinds_and_nothing_else_to_type():
    assert ("demo",) in commands("make")
    assert any(words[0] == "ingest" for words in commands("entente"))
    assert {words[0].rsplit("/", 1)[-1] for words in spoken()} == {"make", "entente"}


@pytest.mark.parametrize("words", commands("make"), ids=" ".join)
def test_each_make_target_exists(words):
    assert re.search(rf"^{re.escape(words[0])}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    subprocess.run(["make", "--dry-run", "-C", ROOT, *words], check=True, capture_output=True)


@pytest.mark.parametrize("words", commands("entente"), ids=" ".join)
def test_each_entente_command_takes_what_is_shown(words):
    """Arguments are parsed by the real command, and nothing is run. ``caller add|list`` stands for both."""
    for alternative in alternatives(words):
        context = COMMAND.make_context("entente", list(alternative), resilient_parsing=True)
        command, rest = context.command, [*context._protected_args, *context.args]
        while rest and hasattr(command, "commands"):
            assert rest[0] in command.commands, f"entente has no command {' '.join(alternative)}"
            command, rest = command.commands[rest[0]], rest[1:]
        known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        assert [word for word in rest if word.startswith("-") and word not in {*known, "-"}] == []


def alternatives(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    for place, word in enumerate(words):
        if re.fullmatch(r"[a-z]+(\|[a-z]+)+", word):
            return [(*words[:place], choice, *words[place + 1 :]) for choice in word.split("|")]
    return [words]


def test_the_commands_without_an_argument_that_must_exist_really_run_their_help():
    ended = subprocess.run([ENTENTE, "ingest", "--help"], capture_output=True, text=True, timeout=60, check=True)
    assert "--mapping" in ended.stdout


def test_the_mapping_shown_is_one():
    (snippet,) = blocks("toml")
    mapping = parse_mapping(snippet)
    assert mapping.source == "crm"
    assert set(mapping.attributes) >= {"given_name", "family_name", "birth_date", "email"}


def test_the_table_names_exactly_the_variables_that_are_read():
    table = README.split("## Configuration", 1)[1].split("\n## ", 1)[0]
    shown = [
        name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`(ENTENTE_[A-Z_]+)`", line.split("|")[1])
    ]
    read = re.findall(r'reader\.read\("(ENTENTE_[A-Z_]+)"', (ROOT / "services/settings.py").read_text())
    assert sorted(shown) == sorted(read)
    measuring = re.findall(r'environ\.get\("(ENTENTE_[A-Z_]+)"', (ROOT / "bench/datasets.py").read_text())
    assert set(re.findall(r"ENTENTE_[A-Z_]+", README)) == {*read, *measuring}


def test_the_defaults_shown_are_the_defaults():
    table = README.split("## Configuration", 1)[1].split("\n## ", 1)[0]
    settings = read_settings({})
    assert f"`{settings.host}`, `{settings.port}`" in table
    assert f"`{settings.link_memory >> 20}`" in table
    assert "`./.entente`" in table
    assert settings.home == Path.cwd() / ".entente"
    assert (settings.database_url, settings.postgres_bin, settings.otlp_endpoint, settings.production) == (None, None, None, False)


def test_each_file_and_folder_it_names_exists():
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    named = {
        code
        for code in re.findall(r"`([\w./-]+)`", prose)
        if re.match(r"(docs|protos|identity|consent|services|bench|deploy|tests)/", code)
    }
    named |= set(re.findall(r"`([\w-]+\.md)`", prose)) | set(re.findall(r"\]\((?!https?:)([^)#]+)", README))
    assert named >= {"docs/glossary.md", "docs/threat-model.md", "CHANGELOG.md"}
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_nothing_is_left_to_be_filled_in():
    assert re.findall(r"^(?:MEASURED|TBD|TODO|XXX)\b.*$", README, re.MULTILINE) == []
