"""What one server takes: deadlines, sizes, calls in flight; and that others are served meanwhile."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import grpc
import pytest
from entente.identity.v1 import resolution_service_pb2 as pb
from grpc import aio
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from services.identity.client import CallFailedError, ClientIdentity, query
from services.rpc.errors import Refusal
from services.rpc.limits import Limits
from tests.builders.certificates import issue
from tests.service.test_callers import RESOLVE, raw_call

ASK = {"purpose": "service", "recipient": "callcentre", "attributes": {"city": "Lyon"}}


async def test_a_call_without_a_deadline_is_refused(server):
    told = await raw_call(server.address, server.identity("callcentre"), timeout=None)
    assert isinstance(told, Refusal)
    assert (told.code, told.reason, told.metadata) == ("INVALID_ARGUMENT", "DEADLINE_REQUIRED", {"limit_seconds": "60.0"})
    assert server.script.asked == []


async def test_a_long_deadline_is_cut_to_the_servers_own(start):
    async with start(Limits(deadline_seconds=0.2)) as server:
        server.script.hangs = True
        async with server.as_("callcentre", seconds=30.0) as services:
            with pytest.raises(CallFailedError) as caught:
                await asyncio.wait_for(services.resolution.resolve(**ASK), 5.0)
    assert (caught.value.refusal.code, caught.value.refusal.reason) == ("DEADLINE_EXCEEDED", "DEADLINE_PASSED")


async def test_a_callers_own_deadline_ends_the_work(server):
    server.script.hangs = True
    async with server.as_("callcentre", seconds=0.2) as services:
        with pytest.raises(CallFailedError) as caught:
            await services.resolution.resolve(**ASK)
    assert caught.value.refusal.code == "DEADLINE_EXCEEDED"
    await asyncio.sleep(0.1)
    assert any(json.loads(line).get("code") in {"CANCELLED", "DEADLINE_EXCEEDED"} for line in server.lines)


async def test_a_time_out_inside_the_work_is_not_taken_for_the_callers_deadline(server):
    server.script.fails = TimeoutError("a driver's own")
    async with server.as_("callcentre") as services:
        with pytest.raises(CallFailedError) as caught:
            await services.resolution.resolve(**ASK)
    assert caught.value.refusal.reason == "UNEXPECTED"


async def test_a_message_over_the_limit_is_refused(start):
    async with start(Limits(message_bytes=2000)) as server:
        told = await raw_call(server.address, server.identity("callcentre"), body=b"\x00" * 5000)
        assert isinstance(told, Refusal)
        assert told.code == "RESOURCE_EXHAUSTED"
        assert server.script.asked == []


async def test_metadata_over_the_limit_is_refused(start):
    async with start(Limits(metadata_bytes=1000)) as server:
        told = await raw_call(server.address, server.identity("callcentre"), metadata=tuple((f"x-{n}", "v" * 100) for n in range(40)))
        assert isinstance(told, Refusal)
        assert told.code == "RESOURCE_EXHAUSTED"
        assert server.script.asked == []


async def test_a_message_that_unfolds_beyond_the_limit_is_refused(server):
    identity = server.identity("callcentre")
    credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
    options = [("grpc.max_send_message_length", -1)]
    async with aio.secure_channel(server.address, credentials, options, grpc.Compression.Gzip) as channel:
        with pytest.raises(aio.AioRpcError) as caught:
            await channel.unary_unary(RESOLVE)(b"\0" * 30_000_000, timeout=10.0)
    assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert server.script.asked == []


async def test_bytes_that_are_no_message_are_an_invalid_request(server):
    told = await raw_call(server.address, server.identity("callcentre"), body=b"\xff\xff\xff")
    assert isinstance(told, Refusal)
    assert (told.code, told.reason) == ("INVALID_ARGUMENT", "REQUEST_INVALID")


async def test_a_caller_with_too_many_calls_waits_and_others_are_served(start):
    async with start(Limits(calls_per_caller=2)) as server:
        server.script.hangs = True
        async with server.as_("callcentre") as greedy, server.as_("chatbot") as other:
            held = [asyncio.create_task(greedy.resolution.resolve(**ASK)) for _ in range(2)]
            while len(server.script.asked) < 2:
                await asyncio.sleep(0.01)
            with pytest.raises(CallFailedError) as caught:
                await greedy.resolution.resolve(**ASK)
            assert (caught.value.refusal.code, caught.value.refusal.reason) == ("RESOURCE_EXHAUSTED", "TOO_MANY_CALLS")
            answer = asyncio.create_task(other.resolution.resolve(**{**ASK, "recipient": "chatbot"}))
            server.script.release.set()
            await asyncio.gather(answer, *held)
            await greedy.resolution.resolve(**ASK)


async def test_beyond_all_calls_of_the_process_grpc_answers_at_once(start):
    async with start(Limits(calls=2)) as server:
        server.script.hangs = True
        async with server.as_("callcentre") as services:
            held = [asyncio.create_task(services.resolution.resolve(**ASK)) for _ in range(2)]
            while len(server.script.asked) < 2:
                await asyncio.sleep(0.01)
            with pytest.raises(CallFailedError) as caught:
                await services.resolution.resolve(**ASK)
            assert caught.value.refusal.code == "RESOURCE_EXHAUSTED"
            server.script.release.set()
            await asyncio.gather(*held)


async def test_a_batch_over_the_limit_is_refused_whole(server):
    request = pb.BatchResolveIdentitiesRequest(queries=[query(record=("crm", "1"))] * 1001, purpose="service", recipient="crm")
    told = await raw_call(
        server.address,
        server.identity("crm"),
        path="/entente.identity.v1.ResolutionService/BatchResolveIdentities",
        body=request.SerializeToString(),
    )
    assert isinstance(told, Refusal)
    assert [violation.field for violation in told.violations] == ["queries"]


async def test_a_peer_that_never_finishes_its_handshake_is_dropped(start):
    async with start(Limits(handshake_seconds=0.3)) as server:
        host, port = server.address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        assert await asyncio.wait_for(reader.read(), 5.0) == b""
        writer.close()


def secure(address: str, identity: ClientIdentity) -> aio.Channel:
    return aio.secure_channel(address, grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate))


async def test_health_is_told_to_any_certificate_of_ours(server):
    async with secure(server.address, issue(server.home, common_name="probe")) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", "entente.identity.v1.RecordService", "entente.identity.v1.ResolutionService"):
            answer = await stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=2.0)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def services_by_reflection(address: str, identity: ClientIdentity) -> list[str]:
    async with secure(address, identity) as channel:
        stub = reflection_pb2_grpc.ServerReflectionStub(channel)
        call = stub.ServerReflectionInfo(iter([reflection_pb2.ServerReflectionRequest(list_services="")]), timeout=2.0)
        return [service.name async for answer in call for service in answer.list_services_response.service]


async def test_reflection_answers_in_development(server):
    assert "entente.identity.v1.RecordService" in await services_by_reflection(server.address, server.identity("crm"))


async def test_reflection_does_not_exist_in_production(start, monkeypatch):
    monkeypatch.setattr("services.wiring.certificates.DEVELOPMENT", "a name that our CA does not have")
    async with start(production=True) as server:
        with pytest.raises(aio.AioRpcError) as caught:
            await services_by_reflection(server.address, server.identity("crm"))
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_stopping_lets_a_running_call_finish_and_takes_no_new_one(start):
    async with start(Limits()) as server:
        server.script.hangs = True
        async with server.as_("callcentre") as services:
            running = asyncio.create_task(services.resolution.resolve(**ASK))
            while not server.script.asked:
                await asyncio.sleep(0.01)
            stopping = asyncio.create_task(server.rpc.stop())
            await asyncio.sleep(0.05)
            server.script.release.set()
            assert (await running).resolution.pseudonym == "ps-1"
            await stopping
            with pytest.raises(CallFailedError):
                await services.resolution.resolve(**ASK)


def test_every_limit_is_above_zero():
    limits = Limits()
    assert all(getattr(limits, name) > 0 for name in Limits.__slots__)
    assert dict(replace(limits, message_bytes=7).channel_arguments())["grpc.max_receive_message_length"] == 7
