"""Keyed proofs that consent needs: that a row is as it was written, that a revision is one of ours, that a request is the same."""

from __future__ import annotations

from typing import Protocol

from consent.domain.anchor import Anchor


class RevisionSigner(Protocol):
    """Makes revision tokens: opaque to callers, and of nobody else's making."""

    def token(self, revision: int) -> str:
        """Return the token of a revision."""
        ...

    def revision(self, token: str) -> int:
        """Return the revision of a token.

        Raises:
            ConsentError: ``INVALID_REVISION`` if it is not one of ours.
        """
        ...


class RequestMac(Protocol):
    """Tells whether two requests are the same without keeping either."""

    def request_mac(self, body: bytes) -> bytes:
        """Return 32 bytes, keyed, over the request."""
        ...


class Pseudonyms(Protocol):
    """Names anchors to callers, so that two of them cannot join what they hear."""

    def pseudonym(self, caller: str, anchor: Anchor) -> str:
        """Return the pseudonym of an anchor for a caller, keyed: always the same, and of no other anchor or caller."""
        ...
