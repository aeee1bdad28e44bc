"""Keyed proofs, all HMAC-SHA256 (RFC 2104) under keys of their own: revision tokens, MACs of requests and rows, pseudonyms.

Rules
- A revision token is a synthetic-IV ciphertext: a MAC of the revision, and the revision masked by a MAC of that. It tells nobody how
  many expressions a deployment takes a day, and nobody else can make one.
- A row's MAC is over the table's name and each column, so written that no two rows read alike.
"""

from __future__ import annotations

import hmac
from base64 import b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias, final
from uuid import UUID

from consent.domain.anchor import Anchor
from consent.domain.errors import ConsentError, Reason

_PREFIX: Final = "r1_"
_TAG_BYTES: Final = 16
_NUMBER_BYTES: Final = 8
_PSEUDONYM_BYTES: Final = 20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

Column: TypeAlias = str | int | bytes | UUID | datetime | None


@final
class HmacRevisionSigner:
    """Fulfils ``RevisionSigner``."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self, revision: int) -> str:
        number = revision.to_bytes(_NUMBER_BYTES, "big")
        tag = self._tag(number)
        return _PREFIX + urlsafe_b64encode(tag + self._masked(number, tag)).decode()

    def revision(self, token: str) -> int:
        try:
            sealed = urlsafe_b64decode(token.removeprefix(_PREFIX)) if token.startswith(_PREFIX) and token.isascii() else b""
        except ValueError:
            sealed = b""
        tag, masked = sealed[:_TAG_BYTES], sealed[_TAG_BYTES:]
        number = self._masked(masked, tag) if len(masked) == _NUMBER_BYTES else b""
        if not number or not hmac.compare_digest(tag, self._tag(number)):
            raise ConsentError(Reason.INVALID_REVISION)
        return int.from_bytes(number, "big")

    def _tag(self, number: bytes) -> bytes:
        return hmac.digest(self._key, b"tag" + number, "sha256")[:_TAG_BYTES]

    def _masked(self, number: bytes, tag: bytes) -> bytes:
        mask = hmac.digest(self._key, b"mask" + tag, "sha256")
        return bytes(one ^ other for one, other in zip(number, mask, strict=False))

    def __repr__(self) -> str:
        return "HmacRevisionSigner()"


@final
class HmacRequestMac:
    """Fulfils ``RequestMac``."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def request_mac(self, body: bytes) -> bytes:
        return hmac.digest(self._key, body, "sha256")

    def __repr__(self) -> str:
        return "HmacRequestMac()"


@final
class HmacPseudonyms:
    """Fulfils ``Pseudonyms``."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def pseudonym(self, caller: str, anchor: Anchor) -> str:
        message = "|".join((_text(caller), _text(anchor.source), anchor.mac.hex())).encode("utf-8", "surrogatepass")
        return "s1_" + b32encode(hmac.digest(self._key, message, "sha256")[:_PSEUDONYM_BYTES]).decode().lower()

    def __repr__(self) -> str:
        return "HmacPseudonyms()"


@final
class RowMac:
    """Makes and checks the MACs of rows."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")

    def of(self, table: str, row: Sequence[Column]) -> bytes:
        """Return the MAC of a row of a table."""
        mac = self._keyed.copy()  # the key is taken in already: half of the work
        mac.update("|".join([table, *[_WRITTEN[type(column)](column) for column in row]]).encode("utf-8", "surrogatepass"))
        return mac.digest()

    def check(self, table: str, row: Sequence[Column], mac: bytes | None) -> None:
        """Make sure that a row is as it was written.

        Raises:
            ConsentError: ``EVENT_ALTERED``.
        """
        if mac is None or not hmac.compare_digest(self.of(table, row), mac):
            raise ConsentError(Reason.EVENT_ALTERED, table=table)

    def __repr__(self) -> str:
        return "RowMac()"


def _text(value: str) -> str:
    return f"{len(value)}:{value}"


def _instant(value: datetime) -> str:
    return str((value - _EPOCH) // _MICROSECOND)


class _Written(dict[type, Callable[..., str]]):
    """How columns are written, by type. A text has its length before it, the others have an alphabet without ``|``; None is ``-``."""

    def __missing__(self, kind: type) -> Callable[..., str]:
        """Let subclasses (an enumeration, the driver's own UUID) be written as what they are."""
        for known in (str, int, bytes, UUID, datetime):
            if issubclass(kind, known):
                return self.setdefault(kind, self[known])
        raise TypeError(kind)


_WRITTEN: Final[Mapping[type, Callable[..., str]]] = _Written(
    {str: _text, int: int.__repr__, bytes: bytes.hex, UUID: lambda value: value.hex, datetime: _instant, type(None): lambda _: "-"}
)
