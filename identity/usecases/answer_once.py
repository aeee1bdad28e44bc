"""Answer once: a repeated request gets the answer it got, and changes nothing (AIP-155)."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from identity.domain.errors import IdentityError, Reason
from identity.ports.transactor import Transaction

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, under which request id, with a body of which MAC (``Sealer.request_mac`` of the request's canonical bytes)."""

    caller: str
    request_id: str
    body_mac: bytes


async def answer_once(
    tx: Transaction,
    request: Request | None,
    work: Callable[[], Awaitable[T]],
    *,
    method: str,
    at: datetime,
    write: Callable[[T], bytes],
    read: Callable[[bytes], T],
) -> T:
    """Do ``work`` and remember its answer under the request id, in the same transaction; recall the answer if it is there.

    ``write`` must put only ids, counts and enumerations into the stored answer. Without a request, just do the work.

    Raises:
        IdentityError: ``REQUEST_ID_REUSED`` if the request id was used with another body.
    """
    if request is None:
        return await work()
    known = await tx.requests.recall(request.caller, method, request.request_id)
    if known is not None:
        body_mac, answer = known
        if not hmac.compare_digest(body_mac, request.body_mac):
            raise IdentityError(Reason.REQUEST_ID_REUSED)
        return read(answer)
    result = await work()
    await tx.requests.remember(request.caller, method, request.request_id, body_mac=request.body_mac, answer=write(result), at=at)
    return result
