# ruff: noqa: INP001 - a script beside the protos; a package here would shadow nothing but confuse the generated root
"""Generate the Python code of the contract into ``protos/gen``: ``python protos/generate.py [DIRECTORY]``.

Messages and their types for every file, service code only for ``*_service.proto``. The versions of the generator are
those of the locked requirements, so that the same protos give the same bytes; a test regenerates and demands no difference.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PACKAGE = "entente"


def generate(target: Path) -> None:
    """Write the generated packages under ``target``, replacing those that are there.

    Raises:
        subprocess.CalledProcessError: if a proto file does not compile.
    """
    shutil.rmtree(target / PACKAGE, ignore_errors=True)
    target.mkdir(parents=True, exist_ok=True)
    protos = sorted(str(path.relative_to(ROOT)) for path in (ROOT / PACKAGE).rglob("*.proto"))
    services = [path for path in protos if path.endswith("_service.proto")]
    _protoc(target, ["--python_out", "--mypy_out"], protos)
    _protoc(target, ["--grpc_python_out", "--mypy_grpc_out"], services)
    for directory in {target / Path(path).parent for path in protos}:
        for package in [directory, *directory.parents]:
            if package == target:
                break
            (package / "__init__.py").touch()


def _protoc(target: Path, outputs: list[str], protos: list[str]) -> None:
    bin_directory = Path(sys.executable).parent
    plugins = [f"--plugin={name}={bin_directory / name}" for name in ("protoc-gen-mypy", "protoc-gen-mypy_grpc")]
    arguments = [f"-I{ROOT}", *plugins, *(f"{output}={target}" for output in outputs), *protos]
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *arguments], check=True, cwd=ROOT)  # noqa: S603 - our own files, no shell


if __name__ == "__main__":
    generate(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "gen")
