"""Answer a caller's questions: decide, and say it in words that the caller can act upon and show.

Rules
- A dry run and a question about the past are answers that nothing may be done upon: they have no id and no time to live.
- An answer may be kept for ``KEPT`` at most, never beyond the end of the permission, and only by who watches revocations.
- A refusal that could be of somebody unknown goes out at a whole number of ``HELD`` after the question: what there was to read about
  somebody does not show in the time that it took.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from consent.domain.decision import Decision, as_refused
from consent.domain.explanation import explanations
from consent.domain.policy_version import policy_version
from consent.domain.purpose import LegalBasis, Published
from consent.ports.clock import Clock
from consent.ports.id_source import IdSource
from consent.ports.sealing import Pseudonyms
from consent.usecases.decide import Ask, Decide

LARGEST: Final = 1000
KEPT: Final = timedelta(milliseconds=500)
"""How long an answer may be acted upon: a revocation is told to whoever watches in less (``watch_revocations.py``)."""
HELD: Final = 0.005
"""Seconds: several times what most answers take, and little to whoever waits for a no."""
_WAKING: Final = 0.002
"""Seconds by which a timer of the event loop may be late: it counts in milliseconds."""
_LIKE_NOBODY: Final = frozenset(as_refused(basis, prospecting=advertised) for basis in LegalBasis for advertised in (False, True))


@dataclass(frozen=True, slots=True)
class AnswerQuestions:
    """Questions of one caller, answered at one revision. ``as_of`` asks about the past, and goes with ``dry_run`` only."""

    caller: str
    asks: Sequence[Ask]
    min_revision: int = 0
    dry_run: bool = False
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer. ``pseudonym`` is the caller's own name for the subject; ``explanation`` is by language."""

    decision: Decision
    decision_id: UUID | None
    explanation: Mapping[str, str]
    ttl: timedelta
    pseudonym: str


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers in the order asked, the revision they know, and the catalogue they were made under."""

    answers: tuple[Answer, ...]
    revision: int
    policy_version: str


class QuestionAnswerer:
    """Handles ``AnswerQuestions``."""

    def __init__(self, *, decide: Decide, pseudonyms: Pseudonyms, ids: IdSource, clock: Clock) -> None:
        self._decide = decide
        self._pseudonyms = pseudonyms
        self._ids = ids
        self._clock = clock
        self._named: tuple[Published, str] | None = None

    async def __call__(self, command: AnswerQuestions) -> Answers:
        """Answer each question.

        Raises:
            ConsentError: as ``Decide``; nothing may be used then.
        """
        begun = time.monotonic()
        decided = await self._decide(command.asks, min_revision=command.min_revision, as_of=command.as_of)
        now = self._clock.now()
        answers = tuple(
            Answer(
                decision,
                None if command.dry_run else self._ids.new(),
                explanations(decision),
                timedelta(0) if command.dry_run else _ttl(decision, now),
                self._pseudonyms.pseudonym(command.caller, ask.anchor),
            )
            for ask, decision in zip(command.asks, decided.decisions, strict=True)
        )
        policy = self._policy_version(decided.published)
        if any(decision.general.reason in _LIKE_NOBODY for decision in decided.decisions):
            await _hold(begun)
        return Answers(answers, decided.revision, policy)

    def _policy_version(self, published: Published) -> str:
        """Return the digest of the catalogue, computed anew only when it changed."""
        if self._named is None or self._named[0] is not published:
            self._named = (published, policy_version(published))
        return self._named[1]


def _ttl(decision: Decision, now: datetime) -> timedelta:
    ends = decision.general.valid_until
    return KEPT if ends is None else max(timedelta(0), min(KEPT, ends - now))


async def _hold(begun: float) -> None:
    """Wait until a whole number of ``HELD`` has gone by, to the microsecond: timers are too coarse, so the last of it is spent looking."""
    due = begun + HELD * math.ceil((time.monotonic() - begun) / HELD)
    if (sleep := due - time.monotonic() - _WAKING) > 0:
        await asyncio.sleep(sleep)
    while time.monotonic() < due:  # noqa: ASYNC110 - nothing happens then that an event could tell
        await asyncio.sleep(0)
