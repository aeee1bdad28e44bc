import ast
import string
from pathlib import Path

import pytest
import typer
from typer import rich_utils
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from consent.domain.decision import ReasonCode
from consent.domain.event import Assurance, EventKind, Method
from consent.domain.explanation import REASONS
from identity.adapters.default_bundle import default_bundle
from identity.domain.attributes import ComparisonKind
from identity.domain.edge import EdgeGrade
from identity.domain.quarantine import QuarantineReason
from identity.domain.refusal import LinkRefusal
from identity.domain.resolution import ResolveGrade
from identity.domain.standardise import COLUMNS
from identity.domain.training.comparisons import declare_comparisons
from identity.domain.training.statistics import ColumnStatistics
from identity.domain.unified_identity import Cause, IdentityState
from services.cli.app import app
from services.cli.failing import BAD_INPUT, CONSENT_HINTS, DEFECT, HINTS, InputError, told
from services.cli.french import FRENCH
from services.cli.french_terms import TERMS
from services.cli.helping import LIBRARY, SUBCOMMAND, command_in
from services.cli.language import Language
from services.cli.misuse import misuse_in
from services.cli.screen import Screen
from services.consent.error_catalog import CATALOG as CONSENT_CATALOG
from services.database.migration import MigrationState
from services.identity.error_catalog import CATALOG
from services.rpc.errors import EDGE_CATALOG

CLI = Path(__file__).parents[2] / "services" / "cli"
LIBRARY_WORDS = {getattr(rich_utils, name) for name in LIBRARY}


IMPERSONAL = (ReasonCode.PURPOSE_UNKNOWN, ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER, ReasonCode.RECIPIENT_NOT_COVERED)
"""Why the gate refuses a use whoever it is about."""
SAYING = {"say": 1, "InputError": 2}
"""What says a text of its own, and how many texts it takes."""


def said() -> set[str]:
    """Every text of the command line: those handed to ``say`` and ``InputError``, help texts, and sentences of errors and warnings."""
    texts = set().union(*(spoken(ast.parse(module.read_text("utf-8"))) for module in CLI.glob("*.py")))
    sentences = {spec.sentence for spec in (*CATALOG.values(), *CONSENT_CATALOG.values(), *EDGE_CATALOG.values())}
    return (
        texts
        | helped(typer.main.get_command(app))
        | sentences
        | set(HINTS.values())
        | set(CONSENT_HINTS.values())
        | LIBRARY_WORDS
        | {"Show this message and exit.", SUBCOMMAND}
        | {REASONS[reason].in_language("en") for reason in IMPERSONAL}
    )


def spoken(module: ast.Module) -> set[str]:
    """Every text, literal or a constant of the module, that is said in a module; what is said must be one of the two, or handed on."""
    constants = {
        target.id: node.value.value
        for node in module.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    texts = {text for name, text in constants.items() if name.startswith("_NO_")}  # chosen among
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            most = SAYING.get(getattr(node.func, "attr", getattr(node.func, "id", "")), 0)
            for word in node.args[:most]:
                assert not isinstance(word, ast.JoinedStr), f"{ast.unparse(word)} glues values in"
                if isinstance(word, ast.Constant) and isinstance(word.value, str):
                    texts.add(word.value)
                elif isinstance(word, ast.Name) and word.id in constants:
                    texts.add(constants[word.id])
    return texts


def helped(command: TyperCommand | TyperGroup) -> set[str]:
    """Every help text of a command and what is below it; the name of the whole is bilingual by itself."""
    own = {command.help} if command.help and command.name != "entente" else set()
    own |= {command.epilog} if command.epilog else set()
    options = {told for parameter in command.params if (told := getattr(parameter, "help", None))}
    inner = [helped(sub) for sub in command.commands.values()] if isinstance(command, TyperGroup) else []
    return own | options | set().union(*inner)


def words_of_the_domain() -> set[str]:
    """Every word that a command shows as the domain has it."""
    full = dict.fromkeys(COLUMNS, ColumnStatistics(1000, 900, 800, 0.0, 0.0))
    comparisons = (*declare_comparisons(full, {}), *default_bundle().declaration.comparisons)
    every_extra = declare_comparisons(
        {f"x_{kind}": full["city"] for kind in ComparisonKind}, {f"x_{kind}": kind for kind in ComparisonKind}
    )
    names = {comparison.name for comparison in comparisons}
    labels = {level.label for comparison in (*comparisons, *every_extra) for level in comparison.levels}
    enums = (EdgeGrade, ResolveGrade, IdentityState, Cause, QuarantineReason, LinkRefusal, MigrationState, EventKind, Method)
    events = {"created", "superseded", "split", "revived", "retired", "quarantined", "released"}
    return names | labels | events | {word.value for enum in enums for word in enum} | {one.name.lower() for one in Assurance}


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_that_is_said_has_its_french():
    assert sorted(said() - set(FRENCH)) == []


def test_why_a_use_gets_nothing_is_told_in_the_words_of_decisions():
    assert {reason: FRENCH[REASONS[reason].in_language("en")] for reason in IMPERSONAL} == {
        reason: REASONS[reason].in_language("fr") for reason in IMPERSONAL
    }


def test_no_french_is_left_over():
    assert sorted(set(FRENCH) - said()) == []


def test_every_word_of_the_domain_has_its_french():
    assert sorted(words_of_the_domain() - set(TERMS)) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("link --wrong", "Option inconnue : --wrong."),
        ("judge", "Il manque l'option '--left'."),
        (
            "judge --left a --right b --verdict maybe",
            "Valeur inutilisable pour '--verdict' : 'maybe' n'est pas parmi 'same', 'different', 'unsure'.",
        ),
        ("review --limit 0", "Valeur inutilisable pour '--limit' : il faut au moins 1."),
        ("review --limit 2000", "Valeur inutilisable pour '--limit' : il faut au plus 1000."),
        ("review --limit many", "Valeur inutilisable pour '--limit' : il faut un nombre entier."),
        ("link --churn-budget many", "Valeur inutilisable pour '--churn-budget' : il faut un nombre."),
        ("review --limit", "L'option '--limit' demande une valeur."),
        ("link --dry-run=1", "L'option '--dry-run' ne prend pas de valeur."),
        ("ingest", "Il manque l'argument 'file'."),
        ("serve identity again", "Arguments en trop : again."),
        ("unknown", "Commande inconnue : « unknown »."),
    ],
)
def test_what_is_typed_amiss_is_told_in_french(words, told):
    command = command_in(app, Language("en"))
    with pytest.raises(TyperException) as amiss:
        command.main(words.split(), standalone_mode=False)
    assert misuse_in(Language("fr"), amiss.value.format_message()) == told
    assert misuse_in(Language("en"), amiss.value.format_message()) == amiss.value.format_message()


@pytest.mark.parametrize("english", sorted(FRENCH))
def test_a_translation_keeps_the_placeholders(english):
    assert placeholders(FRENCH[english]) == placeholders(english)


def test_numbers_are_written_as_the_language_writes_them():
    assert Language("en").number(1234567.5, 1) == "1,234,567.5"
    assert Language("fr").number(1234567.5, 1) == "1\u202f234\u202f567,5"
    assert [Language("fr").signed(value, 1) for value in (2.0, -0.5, 0.0)] == ["+2,0", "-0,5", "0,0"]


def test_help_is_french_for_whoever_speaks_french(capsys, monkeypatch):
    for name in LIBRARY:
        monkeypatch.setattr(rich_utils, name, getattr(rich_utils, name))
    group = command_in(app, Language("fr"))
    for words in (["--help"], ["review", "--help"], ["judge", "--help"], ["ingest", "--help"]):
        assert group.main(words, standalone_mode=False) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert [
        word
        for word in ("Show", "Install completion", "COMMAND ", "default", "required", "Commands", "Exit", "done", "page token")
        if word in shown
    ] == []
    assert "Raconte une identité" in shown
    assert "Codes de sortie : 0 fait" in shown
    assert "[par défaut : 20]" in shown
    assert "[obligatoire]" in shown


def test_a_defect_has_an_exit_code_of_its_own_and_shows_no_value(capsys):
    with pytest.raises(ZeroDivisionError) as defect:
        raise ZeroDivisionError("Zoé Durand")
    assert told(Screen(Language("fr")), defect.value) == DEFECT == 70
    shown = capsys.readouterr().err
    assert "C'est un défaut d'Entente : ZeroDivisionError." in shown
    assert "Zoé" not in shown


def test_what_cannot_be_used_is_told_in_french_with_the_systems_reason(capsys):
    wrong = InputError("{path} cannot be read: {why}", path="x.csv", why="No such file or directory")
    assert told(Screen(Language("fr")), wrong) == BAD_INPUT == 2
    assert "x.csv ne peut pas être lu : fichier ou dossier introuvable" in " ".join(capsys.readouterr().err.split())
    assert str(wrong) == "x.csv cannot be read: No such file or directory"


def test_a_warning_is_shown_once(capsys):
    screen = Screen(Language("en"))
    for _ in range(2):
        screen.warn("Some values are too common to search by.")
    assert capsys.readouterr().err.count("too common") == 1
