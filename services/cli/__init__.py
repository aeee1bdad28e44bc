"""The command line: one command, ``entente``, for people and scripts.

Promises exit codes 0 (done), 1 (the check failed), 2 (bad usage or input), 3 (a dependency is unreachable), and ``--json``
on every report. Never shows a personal value that was not typed or asked for.
"""

import resource

from services.cli.app import app
from services.cli.helping import command_in
from services.cli.language import Language
from services.settings import language_of


def main() -> None:
    """Run the command line; it leaves no core dump, which would hold keys and opened records."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    command_in(app, Language(language_of()))()
