"""The gRPC classes of the identity context: each method parses, calls a use case, renders."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from entente.identity.v1 import record_service_pb2 as record_pb
from entente.identity.v1 import record_service_pb2_grpc, resolution_service_pb2_grpc, stewardship_service_pb2_grpc
from entente.identity.v1 import resolution_service_pb2 as resolution_pb
from entente.identity.v1 import stewardship_service_pb2 as stewardship_pb
from grpc import aio

from identity.domain.personal import Access
from identity.domain.source_record import RecordId
from identity.usecases.batch_resolve import BatchResolveIdentities
from identity.usecases.delete_record import DeleteRecord
from identity.usecases.explain_match import ExplainMatch, Explanation
from identity.usecases.get_profile import GetProfile, Profile
from identity.usecases.identity_history import GetIdentityHistory, IdentityHistoryAnswer
from identity.usecases.ingest_records import IngestedRecords, IngestRecords
from identity.usecases.judge_pair import JudgePair, PairJudged
from identity.usecases.list_review_pairs import ListReviewPairs, ReviewPage
from identity.usecases.record_status import GetRecordStatus, RecordStatus
from identity.usecases.resolve_identity import Resolution, ResolveIdentity
from identity.usecases.split_identity import IdentitySplit, SplitIdentity
from services.identity import contract, parsing, rendering
from services.rpc.caller import current_call
from services.rpc.server import Hosted

Context: TypeAlias = "aio.ServicerContext[Any, Any]"


@dataclass(frozen=True, slots=True)
class IdentityUseCases:
    """What the servicers call; wiring binds each to its stores.

    ``body_mac`` is ``Sealer.request_mac``; ``access`` is for the values of profiles, the only ones that are ever told;
    ``warnings`` are the purpose gate's, and go out with every answer.
    """

    ingest_records: Callable[[IngestRecords], Awaitable[IngestedRecords]]
    delete_record: Callable[[DeleteRecord], Awaitable[RecordId]]
    get_record_status: Callable[[GetRecordStatus], Awaitable[RecordStatus]]
    resolve_identity: Callable[[ResolveIdentity], Awaitable[Resolution]]
    batch_resolve_identities: Callable[[BatchResolveIdentities], Awaitable[Sequence[Resolution]]]
    explain_match: Callable[[ExplainMatch], Awaitable[Explanation]]
    get_profile: Callable[[GetProfile], Awaitable[Profile]]
    list_review_pairs: Callable[[ListReviewPairs], Awaitable[ReviewPage]]
    judge_pair: Callable[[JudgePair], Awaitable[PairJudged]]
    split_identity: Callable[[SplitIdentity], Awaitable[IdentitySplit]]
    get_identity_history: Callable[[GetIdentityHistory], Awaitable[IdentityHistoryAnswer]]
    body_mac: Callable[[bytes], bytes]
    access: Access
    warnings: tuple[str, ...] = ()


class RecordServicer(record_service_pb2_grpc.RecordServiceServicer):
    """Takes records in and out."""

    def __init__(self, usecases: IdentityUseCases) -> None:
        self._does = usecases

    async def IngestRecords(self, request: record_pb.IngestRecordsRequest, context: Context) -> record_pb.IngestRecordsResponse:
        command = parsing.ingest_records(request, current_call(), self._does.body_mac)
        return rendering.ingested(await self._does.ingest_records(command), self._does.warnings)

    async def DeleteRecord(self, request: record_pb.DeleteRecordRequest, context: Context) -> record_pb.DeleteRecordResponse:
        command = parsing.delete_record(request, current_call(), self._does.body_mac)
        return record_pb.DeleteRecordResponse(record_id=str(await self._does.delete_record(command)), warnings=self._does.warnings)

    async def GetRecordStatus(self, request: record_pb.GetRecordStatusRequest, context: Context) -> record_pb.GetRecordStatusResponse:
        command = parsing.get_record_status(request)
        status = rendering.record_status(await self._does.get_record_status(command), command.ref.source, reveal_identity=_steward())
        return record_pb.GetRecordStatusResponse(status=status, warnings=self._does.warnings)


class ResolutionServicer(resolution_service_pb2_grpc.ResolutionServiceServicer):
    """Says who somebody is."""

    def __init__(self, usecases: IdentityUseCases) -> None:
        self._does = usecases

    async def ResolveIdentity(
        self, request: resolution_pb.ResolveIdentityRequest, context: Context
    ) -> resolution_pb.ResolveIdentityResponse:
        return rendering.resolved(await self._does.resolve_identity(parsing.resolve_identity(request, current_call())))

    async def BatchResolveIdentities(
        self, request: resolution_pb.BatchResolveIdentitiesRequest, context: Context
    ) -> resolution_pb.BatchResolveIdentitiesResponse:
        command = parsing.batch_resolve_identities(request, current_call())
        return rendering.batch_resolved(await self._does.batch_resolve_identities(command), explain=request.explain)

    async def ExplainMatch(self, request: resolution_pb.ExplainMatchRequest, context: Context) -> resolution_pb.ExplainMatchResponse:
        return rendering.explained(await self._does.explain_match(parsing.explain_match(request, current_call())))

    async def GetProfile(self, request: resolution_pb.GetProfileRequest, context: Context) -> resolution_pb.GetProfileResponse:
        return rendering.profile(await self._does.get_profile(parsing.get_profile(request, current_call())), self._does.access)


class StewardshipServicer(stewardship_service_pb2_grpc.StewardshipServiceServicer):
    """Lets a steward decide where the machine may not."""

    def __init__(self, usecases: IdentityUseCases) -> None:
        self._does = usecases

    async def ListReviewPairs(
        self, request: stewardship_pb.ListReviewPairsRequest, context: Context
    ) -> stewardship_pb.ListReviewPairsResponse:
        return rendering.review_page(await self._does.list_review_pairs(parsing.list_review_pairs(request, current_call())))

    async def JudgePair(self, request: stewardship_pb.JudgePairRequest, context: Context) -> stewardship_pb.JudgePairResponse:
        command = parsing.judge_pair(request, current_call(), self._does.body_mac)
        return rendering.pair_judged(await self._does.judge_pair(command), self._does.warnings, reveal_identity=_steward())

    async def SplitIdentity(self, request: stewardship_pb.SplitIdentityRequest, context: Context) -> stewardship_pb.SplitIdentityResponse:
        command = parsing.split_identity(request, current_call(), self._does.body_mac)
        return rendering.identity_split(await self._does.split_identity(command), self._does.warnings, reveal_identity=_steward())

    async def GetIdentityHistory(
        self, request: stewardship_pb.GetIdentityHistoryRequest, context: Context
    ) -> stewardship_pb.GetIdentityHistoryResponse:
        command = parsing.get_identity_history(request, current_call())
        return rendering.identity_history(await self._does.get_identity_history(command))


def hosted(usecases: IdentityUseCases) -> list[Hosted]:
    """Return the three services of this context, ready for a server."""
    record, resolution, stewardship = RecordServicer(usecases), ResolutionServicer(usecases), StewardshipServicer(usecases)
    return [
        Hosted(contract.RECORD_SERVICE, lambda server: record_service_pb2_grpc.add_RecordServiceServicer_to_server(record, server)),
        Hosted(
            contract.RESOLUTION_SERVICE,
            lambda server: resolution_service_pb2_grpc.add_ResolutionServiceServicer_to_server(resolution, server),
        ),
        Hosted(
            contract.STEWARDSHIP_SERVICE,
            lambda server: stewardship_service_pb2_grpc.add_StewardshipServiceServicer_to_server(stewardship, server),
        ),
    ]


def _steward() -> bool:
    """Whether the caller may see internal identity ids."""
    return contract.STEWARD_METHOD in current_call().caller.methods
