"""What every client of ours needs: its keys, and failures as values one can read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from services.rpc.errors import Refusal


class CallFailedError(Exception):
    """A call was refused or failed; ``refusal`` is what the server told, in stable names."""

    def __init__(self, refusal: Refusal) -> None:
        self.refusal = refusal
        super().__init__(f"{refusal.code}: {refusal.message}" + (f" ({refusal.reason})" if refusal.reason else ""))


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """PEM texts of a caller: its key and certificate, and the CA that signed the server's."""

    key: bytes = field(repr=False)
    certificate: bytes
    authority: bytes

    @classmethod
    def read(cls, key: Path, certificate: Path, authority: Path) -> ClientIdentity:
        """Read them from files.

        Raises:
            OSError: if one cannot be read.
        """
        return cls(key.read_bytes(), certificate.read_bytes(), authority.read_bytes())
