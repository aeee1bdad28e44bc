"""Read the catalogue: the purposes in force, and any published version of a notice."""

from __future__ import annotations

import base64
from binascii import Error as NotBase64
from dataclasses import dataclass
from typing import Final

from consent.domain.errors import ConsentError, Reason
from consent.domain.policy_version import policy_version
from consent.domain.purpose import Notice, Published, Purpose
from consent.ports.transactor import Transaction, Transactor

DEFAULT_PAGE: Final = 50
LARGEST_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class ListPurposes:
    """One page of the purposes in force. ``page_size`` 0 means 50, more than 500 is read as 500; ``page_token`` is the page before's."""

    page_size: int = 0
    page_token: str = ""


@dataclass(frozen=True, slots=True)
class PurposePage:
    """Purposes by name, where the next page begins (empty on the last one), and the digest of the catalogue in force."""

    purposes: tuple[Purpose, ...]
    next_page_token: str
    policy_version: str


@dataclass(frozen=True, slots=True)
class GetNotice:
    """A version of a notice; None for the newest."""

    notice_id: str
    version: int | None = None


class PurposeLister:
    """Handles ``ListPurposes``."""

    def __init__(self, *, transactor: Transactor) -> None:
        self._transactor = transactor

    async def __call__(self, command: ListPurposes) -> PurposePage:
        """Return one page.

        Raises:
            ConsentError: ``INVALID_PAGE_TOKEN`` if the token is not one of ours; ``STORE_UNAVAILABLE``.
        """
        size = min(command.page_size, LARGEST_PAGE) if command.page_size > 0 else DEFAULT_PAGE
        after = _opened(command.page_token) if command.page_token else ""
        published = await self._transactor.run(_published, read_only=True)
        current = (published.purpose(name) for name in sorted(published.purposes) if name > after)
        rest = [purpose for purpose in current if purpose is not None]
        page = tuple(rest[:size])
        return PurposePage(page, _sealed(page[-1].purpose_id) if len(rest) > size else "", policy_version(published))


class NoticeReader:
    """Handles ``GetNotice``."""

    def __init__(self, *, transactor: Transactor) -> None:
        self._transactor = transactor

    async def __call__(self, command: GetNotice) -> Notice:
        """Return the version.

        Raises:
            ConsentError: ``NOTICE_NOT_FOUND``; ``STORE_UNAVAILABLE``.
        """
        published = await self._transactor.run(_published, read_only=True)
        notice = published.notice(command.notice_id, command.version)
        if notice is None:
            raise ConsentError(Reason.NOTICE_NOT_FOUND)
        return notice


async def _published(tx: Transaction) -> Published:
    return await tx.catalogue.published()


def _sealed(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode("ascii")


def _opened(token: str) -> str:
    try:
        return base64.b64decode(token.encode("ascii"), altchars=b"-_", validate=True).decode()
    except (NotBase64, UnicodeError):
        raise ConsentError(Reason.INVALID_PAGE_TOKEN) from None
