"""The command line: one command, ``entente``, for people and scripts.

Promises the exit codes of ``failing``, and ``--json`` on every report. Never shows a personal value that was not typed or asked for.
"""

import sys

from typer.exceptions import TyperException

from services.cli.app import app
from services.cli.failing import told
from services.cli.helping import command_in
from services.cli.language import Language
from services.cli.misuse import told_misuse
from services.cli.screen import Screen
from services.rpc.private_memory import keep_memory_private
from services.settings import language_of


def main() -> None:
    """Run the command line and leave with its exit code; its memory, which holds keys and opened records, is nobody else's."""
    keep_memory_private()
    language = Language(language_of())
    try:
        code = command_in(app, language).main(standalone_mode=False)
    except TyperException as error:
        code = told_misuse(Screen(language), error)
    except Exception as error:  # noqa: BLE001 - a traceback could quote a value
        code = told(Screen(language), error)
    sys.exit(code)
