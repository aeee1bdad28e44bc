"""From results to wire messages, and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from entente.identity.v1 import (
    comparison_pb2,
    judgement_pb2,
    record_service_pb2,
    resolution_service_pb2,
    source_record_pb2,
    stewardship_service_pb2,
    unified_identity_pb2,
)
from google.protobuf.timestamp_pb2 import Timestamp

from identity.domain.edge import EdgeGrade
from identity.domain.ingest import Outcome
from identity.domain.judgement import Judgement, Verdict
from identity.domain.personal import Access
from identity.domain.refusal import LinkRefusal
from identity.domain.unified_identity import Assignment, IdentityEvent, UnifiedIdentity
from identity.ports.profile_gate import Ruling
from identity.usecases.explain_match import Explanation
from identity.usecases.get_profile import Profile, ProfileAttribute
from identity.usecases.identity_history import IdentityHistoryAnswer
from identity.usecases.ingest_records import IngestedRecords
from identity.usecases.judge_pair import PairJudged
from identity.usecases.list_review_pairs import ReviewPage, ReviewPair
from identity.usecases.record_status import RecordStatus
from identity.usecases.resolve_identity import Candidate, MatchReason, Resolution
from identity.usecases.split_identity import IdentitySplit

Warnings = Sequence[str]


def ingested(result: IngestedRecords, warnings: Warnings) -> record_service_pb2.IngestRecordsResponse:
    """Render what became of the records: counts, and a reason for each that was rejected."""
    counts = Counter(record.outcome for record in result.results)
    rejected = [
        record_service_pb2.RejectedRecord(index=at, reason=record.refusal.value if record.refusal else "", attribute=record.attribute)
        for at, record in enumerate(result.results)
        if record.outcome is Outcome.REJECTED
    ]
    return record_service_pb2.IngestRecordsResponse(
        created_count=counts[Outcome.CREATED],
        updated_count=counts[Outcome.UPDATED],
        unchanged_count=counts[Outcome.UNCHANGED],
        rejected_records=rejected,
        warnings=warnings,
    )


def record_status(status: RecordStatus, source: str, *, reveal_identity: bool) -> source_record_pb2.SourceRecordStatus:
    """Render how a record stands; its identity only for those who may see internal ids."""
    return source_record_pb2.SourceRecordStatus(
        record_id=str(status.record_id),
        source=source,
        state=source_record_pb2.RECORD_STATE_DELETED if status.deleted else source_record_pb2.RECORD_STATE_LIVE,
        version=status.version,
        identity_id=str(status.identity_id) if reveal_identity and status.identity_id else "",
    )


def resolved(result: Resolution) -> resolution_service_pb2.ResolveIdentityResponse:
    """Render one answer."""
    return resolution_service_pb2.ResolveIdentityResponse(
        resolution=_resolution(result, explain=True), bundle=result.bundle, warnings=result.warnings
    )


def batch_resolved(results: Sequence[Resolution], *, explain: bool) -> resolution_service_pb2.BatchResolveIdentitiesResponse:
    """Render many answers; what each comparison contributed only if ``explain``."""
    return resolution_service_pb2.BatchResolveIdentitiesResponse(
        resolutions=[_resolution(result, explain=explain) for result in results],
        bundle=results[0].bundle if results else "",
        warnings=dict.fromkeys(warning for result in results for warning in result.warnings),
    )


def explained(result: Explanation) -> resolution_service_pb2.ExplainMatchResponse:
    """Render how the evidence on a pair adds up."""
    return resolution_service_pb2.ExplainMatchResponse(
        grade=_pair_grade(result.grade),
        prior_weight=result.prior,
        reasons=_reasons(result.reasons),
        match_weight=result.match_weight,
        household_prior_weight=result.household_prior,
        household_reasons=_reasons(result.household_reasons),
        household_weight=result.household_weight,
        decision_weight=result.decision_weight,
        match_probability=result.match_probability,
        veto=result.veto or "",
        same_identity=result.same_identity,
        blocked_together=result.blocked_together,
        bundle=result.bundle,
        warnings=result.warnings,
    )


def profile(result: Profile, access: Access) -> resolution_service_pb2.GetProfileResponse:
    """Render what may be known of somebody: the one answer that carries values."""
    return resolution_service_pb2.GetProfileResponse(
        outcome=resolution_service_pb2.ProfileOutcome.Value(f"PROFILE_OUTCOME_{result.outcome.name}"),
        pseudonym=result.pseudonym,
        attributes=[_profile_attribute(attribute, access) for attribute in result.attributes],
        use=_ruling(result.use),
        obligations=result.obligations,
        warnings=result.warnings,
    )


def review_page(page: ReviewPage) -> stewardship_service_pb2.ListReviewPairsResponse:
    """Render a page of the review queue."""
    return stewardship_service_pb2.ListReviewPairsResponse(
        review_pairs=[_review_pair(pair) for pair in page.pairs], next_page_token=page.next_page_token, warnings=page.warnings
    )


def pair_judged(result: PairJudged, warnings: Warnings, *, reveal_identity: bool) -> stewardship_service_pb2.JudgePairResponse:
    """Render what a judgement changed; its identities only for those who may see internal ids."""
    return stewardship_service_pb2.JudgePairResponse(
        judgement=_judgement(result.judgement),
        left_identity_id=str(result.left_identity) if reveal_identity else "",
        right_identity_id=str(result.right_identity) if reveal_identity else "",
        warnings=warnings,
    )


def identity_split(result: IdentitySplit, warnings: Warnings, *, reveal_identity: bool) -> stewardship_service_pb2.SplitIdentityResponse:
    """Render what an identity was split into; the parts only for those who may see internal ids."""
    parts = map(str, result.identities) if reveal_identity else ()
    return stewardship_service_pb2.SplitIdentityResponse(identity_ids=parts, warnings=warnings)


def identity_history(answer: IdentityHistoryAnswer) -> stewardship_service_pb2.GetIdentityHistoryResponse:
    """Render the history of an identity."""
    return stewardship_service_pb2.GetIdentityHistoryResponse(
        identity=_identity(answer.identity),
        assignments=[_assignment(assignment) for assignment in answer.assignments],
        events=[_event(event) for event in answer.events],
        answering_identity_ids=map(str, answer.answered_by),
        warnings=answer.warnings,
    )


def _resolution(result: Resolution, *, explain: bool) -> resolution_service_pb2.Resolution:
    best = result.identity
    return resolution_service_pb2.Resolution(
        grade=comparison_pb2.Grade.Value(f"GRADE_{result.grade.name}"),
        pseudonym=best.pseudonym if best else "",
        match_weight=best.match_weight if best else 0.0,
        decision_weight=best.decision_weight if best else 0.0,
        match_probability=best.match_probability if best else 0.0,
        reasons=_reasons(best.reasons) if best and explain else (),
        candidates=[_candidate(candidate, explain=explain) for candidate in result.candidates],
        truncated=result.truncated,
        quarantined="quarantined" in result.notes,
    )


def _candidate(candidate: Candidate, *, explain: bool) -> resolution_service_pb2.ResolutionCandidate:
    return resolution_service_pb2.ResolutionCandidate(
        pseudonym=candidate.pseudonym,
        match_weight=candidate.match_weight,
        decision_weight=candidate.decision_weight,
        match_probability=candidate.match_probability,
        reasons=_reasons(candidate.reasons) if explain else (),
    )


def _profile_attribute(attribute: ProfileAttribute, access: Access) -> resolution_service_pb2.ProfileAttribute:
    sure = attribute.assurance.name if attribute.assurance else "UNSPECIFIED"
    return resolution_service_pb2.ProfileAttribute(
        name=attribute.name,
        ruling=_ruling(attribute.ruling),
        value=attribute.value.reveal(access) if attribute.value else "",
        source=attribute.source,
        assurance=resolution_service_pb2.ValueAssurance.Value(f"VALUE_ASSURANCE_{sure}"),
    )


def _ruling(ruling: Ruling) -> resolution_service_pb2.ProfileRuling:
    return resolution_service_pb2.ProfileRuling(
        permitted=ruling.permitted,
        reason_code=ruling.reason,
        legal_basis=ruling.basis,
        consent_event_id=ruling.event,
        purpose_version=ruling.purpose_version,
        notice=ruling.notice,
        valid_until=_time(ruling.valid_until) if ruling.valid_until else None,
    )


def _reasons(reasons: Iterable[MatchReason]) -> list[comparison_pb2.MatchReason]:
    return [comparison_pb2.MatchReason(comparison=r.comparison, level=r.level, weight=r.weight) for r in reasons]


def _pair_grade(grade: EdgeGrade | None) -> comparison_pb2.PairGrade.ValueType:
    return comparison_pb2.PairGrade.Value(f"PAIR_GRADE_{grade.name if grade else 'NONE'}")


def _review_pair(pair: ReviewPair) -> stewardship_service_pb2.ReviewPair:
    return stewardship_service_pb2.ReviewPair(
        left_record_id=str(pair.left),
        right_record_id=str(pair.right),
        left_source=pair.left_source,
        right_source=pair.right_source,
        grade=_pair_grade(pair.grade),
        match_weight=pair.match_weight,
        decision_weight=pair.decision_weight,
        refusal=_link_refusal(pair.refusal),
    )


def _link_refusal(refusal: LinkRefusal | None) -> comparison_pb2.LinkRefusal.ValueType:
    return comparison_pb2.LinkRefusal.Value(f"LINK_REFUSAL_{refusal.name if refusal else 'UNSPECIFIED'}")


def _judgement(judgement: Judgement) -> judgement_pb2.Judgement:
    return judgement_pb2.Judgement(
        left_record_id=str(judgement.left),
        right_record_id=str(judgement.right),
        verdict=_verdict(judgement.verdict),
        author=judgement.author,
        judge_time=_time(judgement.at),
    )


def _verdict(verdict: Verdict) -> judgement_pb2.Verdict.ValueType:
    return judgement_pb2.Verdict.Value(f"VERDICT_{verdict.name}")


def _identity(identity: UnifiedIdentity) -> unified_identity_pb2.UnifiedIdentity:
    return unified_identity_pb2.UnifiedIdentity(
        identity_id=str(identity.identity_id),
        state=unified_identity_pb2.IdentityState.Value(f"IDENTITY_STATE_{identity.state.name}"),
        create_time=_time(identity.created_at),
        superseded_by=str(identity.superseded_by) if identity.superseded_by else "",
        split_into=map(str, identity.split_into),
        quarantined=identity.quarantined,
    )


def _assignment(assignment: Assignment) -> unified_identity_pb2.Assignment:
    return unified_identity_pb2.Assignment(
        record_id=str(assignment.record_id),
        identity_id=str(assignment.identity_id),
        start_time=_time(assignment.valid_from),
        end_time=_time(assignment.valid_to) if assignment.valid_to else None,
        cause=unified_identity_pb2.Cause.Value(f"CAUSE_{assignment.cause.name}"),
    )


def _event(event: IdentityEvent) -> unified_identity_pb2.IdentityEvent:
    return unified_identity_pb2.IdentityEvent(
        kind=unified_identity_pb2.IdentityEventKind.Value(f"IDENTITY_EVENT_KIND_{event.kind.upper()}"),
        event_time=_time(event.at),
        cause=unified_identity_pb2.Cause.Value(f"CAUSE_{event.cause.name}"),
        other_identity_ids=map(str, event.others),
    )


def _time(at: datetime) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(at)
    return stamp
