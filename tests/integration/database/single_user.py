"""What only the owner of the files can do: PostgreSQL's single-user mode."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

from services.database.account import child_setup, database_account
from services.database.binaries import find_binaries


def in_single_user_mode(home: Path, statements: str, database: str) -> None:
    """Run statements, on one line, as superuser on a stopped home's database."""
    data = home / "postgres" / "data"
    subprocess.run(
        [find_binaries().postgres, "--single", "-D", data, "-c", "exit_on_error=on", database],
        input=f"{statements}\n",
        text=True,
        check=True,
        capture_output=True,
        preexec_fn=child_setup(database_account(data), signal.SIGKILL),
    )
