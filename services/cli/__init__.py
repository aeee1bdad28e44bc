"""The command line: one command, ``entente``, for people and scripts.

Promises exit codes 0 (done), 1 (the check failed), 2 (bad usage or input), 3 (a dependency is unreachable), and ``--json``
on every report. Never shows a personal value that was not typed or asked for.
"""

from services.cli.app import app
from services.cli.helping import command_in
from services.cli.language import Language
from services.rpc.private_memory import keep_memory_private
from services.settings import language_of


def main() -> None:
    """Run the command line; its memory, which holds keys and opened records, is nobody else's."""
    keep_memory_private()
    command_in(app, Language(language_of()))()
