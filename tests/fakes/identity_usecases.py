"""Use cases that answer from a script and remember what they were asked, for tests of the edge alone."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from identity.domain.attributes import Assurance
from identity.domain.churn import Churn
from identity.domain.edge import EdgeGrade
from identity.domain.ingest import Outcome, RecordResult
from identity.domain.judgement import Authority, Judgement
from identity.domain.mapping import Refusal
from identity.domain.personal import Access, Personal
from identity.domain.refusal import LinkRefusal
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import Assignment, Cause, IdentityEvent, IdentityState, UnifiedIdentity
from identity.ports.profile_gate import Ruling
from identity.usecases.explain_match import Explanation
from identity.usecases.get_profile import Profile, ProfileAttribute, ProfileOutcome
from identity.usecases.identity_history import IdentityHistoryAnswer
from identity.usecases.ingest_records import IngestedRecords
from identity.usecases.judge_pair import PairJudged
from identity.usecases.list_review_pairs import ReviewPage, ReviewPair
from identity.usecases.record_status import RecordStatus
from identity.usecases.resolve_identity import Candidate, MatchReason, Resolution, ResolveGrade
from identity.usecases.split_identity import IdentitySplit
from services.identity.servicer import IdentityUseCases

WARNING = "this gate is a test's"
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
RECORD, OTHER = RecordId(UUID(int=1)), RecordId(UUID(int=2))
IDENTITY = IdentityId(UUID(int=3))
PROFILE_VALUE = "Profilwert-5120@courriel.example"
REASON = MatchReason("given_name", "exact", 7.5)


class ScriptedUseCases:
    """Remembers commands in ``asked``; ``fails`` is raised by all, ``hangs`` makes all wait for ``release``."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.fails: BaseException | None = None
        self.hangs = False
        self.release = asyncio.Event()
        self.resolution = Resolution(
            ResolveGrade.CERTAIN,
            Candidate(IdentityId(UUID(int=7)), "ps-1", 21.5, 19.25, 0.999, (REASON,)),
            (),
            "b" * 64,
            truncated=False,
            warnings=(WARNING,),
        )

    def usecases(self) -> IdentityUseCases:
        return IdentityUseCases(
            ingest_records=self.ingest,
            delete_record=self.delete,
            get_record_status=self.status,
            resolve_identity=self.resolve,
            batch_resolve_identities=self.batch,
            explain_match=self.explain,
            get_profile=self.profile,
            list_review_pairs=self.review,
            judge_pair=self.judge,
            split_identity=self.split,
            get_identity_history=self.history,
            body_mac=lambda body: body[:16],
            access=Access("tests"),
            warnings=(WARNING,),
        )

    async def _take(self, command: object) -> None:
        self.asked.append(command)
        if self.hangs:
            await self.release.wait()
        if self.fails is not None:
            raise self.fails

    async def ingest(self, command) -> IngestedRecords:
        await self._take(command)
        created = [RecordResult(Outcome.CREATED, RECORD, 1, IDENTITY) for _ in command.records[1:]]
        return IngestedRecords((*created, RecordResult(Outcome.REJECTED, refusal=Refusal.NO_ATTRIBUTE)))

    async def delete(self, command) -> RecordId:
        await self._take(command)
        return RECORD

    async def status(self, command) -> RecordStatus:
        await self._take(command)
        return RecordStatus(RECORD, 2, deleted=False, identity_id=IDENTITY)

    async def resolve(self, command) -> Resolution:
        await self._take(command)
        return self.resolution

    async def batch(self, command) -> Sequence[Resolution]:
        await self._take(command)
        return [self.resolution for _ in command.queries]

    async def explain(self, command) -> Explanation:
        await self._take(command)
        return Explanation(
            21.5, 19.25, 0.999, -3.0, -14.0, -9.0, (REASON,), (REASON,), EdgeGrade.LINK, None, same_identity=True, blocked_together=True,
            bundle="b" * 64, warnings=(WARNING,),
        )  # fmt: skip

    async def profile(self, command) -> Profile:
        await self._take(command)
        permit = Ruling(permitted=True, reason="CONSENT_GIVEN", basis="consent", event=str(RECORD), purpose_version=2, notice="n/1/ab",
                        valid_until=NOON)  # fmt: skip
        denied = Ruling(permitted=False, reason="ATTRIBUTE_NOT_NEEDED")
        told = ProfileAttribute("email", permit, Personal(PROFILE_VALUE), "webshop", Assurance.VERIFIED)
        return Profile(
            ProfileOutcome.PARTIAL, "ps-1", (told, ProfileAttribute("phone", denied)), permit, ("show-withdraw-link",), (WARNING,)
        )

    async def review(self, command) -> ReviewPage:
        await self._take(command)
        held = ReviewPair(RECORD, OTHER, "crm", "webshop", EdgeGrade.HOLD, 4.0, 3.0)
        refused = (ReviewPair(RECORD, OTHER, "crm", "webshop", EdgeGrade.LINK, 14.0, 13.0, refusal) for refusal in LinkRefusal)
        return ReviewPage((held, *refused), "next", (WARNING,))

    async def judge(self, command) -> PairJudged:
        await self._take(command)
        return PairJudged(Judgement(RECORD, OTHER, command.verdict, Authority.HUMAN, command.author, NOON), IDENTITY, IDENTITY, Churn())

    async def split(self, command) -> IdentitySplit:
        await self._take(command)
        return IdentitySplit((IDENTITY,), Churn())

    async def history(self, command) -> IdentityHistoryAnswer:
        await self._take(command)
        identity = UnifiedIdentity(IDENTITY, IdentityState.SUPERSEDED, NOON, superseded_by=IDENTITY)
        assignment = Assignment(RECORD, IDENTITY, NOON, None, Cause.ONLINE_LINK)
        events = tuple(
            IdentityEvent(IDENTITY, kind, NOON, Cause.JUDGEMENT, (IDENTITY,))
            for kind in ("created", "superseded", "split", "revived", "retired", "quarantined", "released")
        )
        return IdentityHistoryAnswer(identity, (assignment,), events, (IDENTITY,), (WARNING,))
