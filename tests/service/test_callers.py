"""Who may call, and for what: refused before any handler, in one shape."""

from __future__ import annotations

import asyncio
import importlib
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from entente.consent.v1 import consent_pb2, consent_service_pb2, decision_service_pb2
from entente.identity.v1 import judgement_pb2, record_service_pb2, source_record_pb2
from entente.identity.v1 import resolution_service_pb2 as pb
from google.protobuf.descriptor import ServiceDescriptor
from grpc import aio

from services.consent.client import question
from services.identity.client import CallFailedError, ClientIdentity, connect, query
from services.rpc.errors import REFUSED, Refusal, refusal_of
from services.wiring.callers import METHODS, list_callers
from services.wiring.certificates import Pki
from tests.builders.certificates import issue

RESOLVE = "/entente.identity.v1.ResolutionService/ResolveIdentity"
ASK = pb.ResolveIdentityRequest(query=query({"given_name": "Zoé"}), purpose="service", recipient="callcentre")


async def raw_call(
    address: str,
    identity: ClientIdentity | None,
    *,
    path: str = RESOLVE,
    body: bytes = ASK.SerializeToString(),
    timeout: float | None = 5.0,
    metadata: tuple[tuple[str, str], ...] = (),
    authority: bytes | None = None,
) -> Refusal | bytes:
    """Make one call and return the answer's bytes, or what was told of the failure."""
    if identity is None:
        credentials = grpc.ssl_channel_credentials(authority)
    else:
        credentials = grpc.ssl_channel_credentials(identity.authority, identity.key, identity.certificate)
    async with aio.secure_channel(address, credentials) as channel:
        try:
            return bytes(await channel.unary_unary(path)(body, timeout=timeout, metadata=metadata))
        except aio.AioRpcError as error:
            return refusal_of(error)


@pytest.fixture(scope="session")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of another CA, with the same name as ours."""
    home = tmp_path_factory.mktemp("stranger")
    Pki(home).prepare(["crm"], datetime.now(UTC))
    return home


CALLER = "spiffe://entente/caller/callcentre"


def no_certificate(_home: Path, _stranger: Path) -> None:
    return None


def of_another_ca(home: Path, stranger: Path) -> ClientIdentity:
    return issue(stranger, uris=[CALLER], trusts=home)


def expired(home: Path, _stranger: Path) -> ClientIdentity:
    return issue(home, uris=[CALLER], ends=timedelta(seconds=-1))


def of_a_server(home: Path, _stranger: Path) -> ClientIdentity:
    return issue(home, uris=[CALLER], usage=ExtendedKeyUsageOID.SERVER_AUTH)


@pytest.mark.parametrize("certificate", [no_certificate, of_another_ca, expired, of_a_server])
async def test_without_a_good_certificate_there_is_no_connection(server, stranger, certificate):
    told = await raw_call(
        server.address, certificate(server.home, stranger), authority=(server.home / "pki/ca.pem").read_bytes(), timeout=3.0
    )
    assert isinstance(told, Refusal)
    assert told.code in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
    assert server.script.asked == []


NOBODY = {
    "only a common name": {"common_name": "callcentre"},
    "a DNS name": {"dns": ["callcentre", "callcentre.callers.entente"]},
    "an unregistered name": {"uris": ["spiffe://entente/caller/nobody"]},
    "another trust domain": {"uris": ["spiffe://elsewhere/caller/callcentre"]},
    "two names": {"uris": [CALLER, "spiffe://entente/caller/crm"]},
    "a longer path": {"uris": [CALLER + "/crm"]},
    "another case": {"uris": ["spiffe://entente/caller/CALLCENTRE"]},
    "an encoded name": {"uris": ["spiffe://entente/caller/call%63entre"]},
}


@pytest.mark.parametrize("how", NOBODY)
async def test_a_certificate_that_names_no_registered_caller_is_refused(server, how):
    told = await raw_call(server.address, issue(server.home, **NOBODY[how]))
    assert isinstance(told, Refusal)
    assert (told.code, told.reason, told.message) == ("PERMISSION_DENIED", "CALLER_UNKNOWN", REFUSED)
    assert server.script.asked == []


async def test_what_a_request_says_of_its_sender_counts_for_nothing(server):
    claims = (("x-caller", "callcentre"), ("x-forwarded-client-cert", f"URI={CALLER}"), ("authorization", "Bearer callcentre"))
    told = await raw_call(server.address, issue(server.home, common_name="callcentre"), metadata=claims)
    assert isinstance(told, Refusal)
    assert told.reason == "CALLER_UNKNOWN"


def ask(purpose: str, recipient: str) -> bytes:
    return pb.ResolveIdentityRequest(purpose=purpose, recipient=recipient).SerializeToString()


def by_key(caller: str, *sources: str) -> bytes:
    """Ask about records of several sources in one batch, the last of them by key beside a question by attributes."""
    queries = [query({"city": "Lyon"}), *(query(record=(source, "1")) for source in sources)]
    return pb.BatchResolveIdentitiesRequest(queries=queries, purpose="service", recipient=caller).SerializeToString()


def pair(caller: str, left: str, right: str) -> bytes:
    sides = {
        side: judgement_pb2.RecordSelector(record=source_record_pb2.SourceRecordName(source=source, key="1"))
        for side, source in (("left", left), ("right", right))
    }
    return pb.ExplainMatchRequest(**sides, purpose="service", recipient=caller).SerializeToString()


def profile_of(recipient: str, source: str, purpose: str = "service") -> bytes:
    record = source_record_pb2.SourceRecordName(source=source, key="1")
    return pb.GetProfileRequest(record=record, purpose=purpose, recipient=recipient).SerializeToString()


def events_of(source: str) -> bytes:
    return consent_service_pb2.ListConsentEventsRequest(record=consent_pb2.RecordName(source=source, record_key="1")).SerializeToString()


def receipt_of(source: str) -> bytes:
    return consent_service_pb2.GetReceiptRequest(record=consent_pb2.RecordName(source=source, record_key="1")).SerializeToString()


def consents(*sources: str) -> bytes:
    said = [consent_pb2.ConsentExpression(record=consent_pb2.RecordName(source=source, record_key="1")) for source in sources]
    return consent_service_pb2.RecordConsentRequest(expressions=said).SerializeToString()


def may(source: str) -> bytes:
    asked = question(source, "1", purpose="loyalty", recipient="webshop")
    return decision_service_pb2.DecideRequest(question=asked).SerializeToString()


def may_each(*sources: str) -> bytes:
    asked = [question(source, "1", purpose="loyalty", recipient="webshop") for source in sources]
    return decision_service_pb2.BatchDecideRequest(questions=asked).SerializeToString()


def watch(purpose: str, recipient: str) -> bytes:
    return decision_service_pb2.WatchRevocationsRequest(purpose=purpose, recipient=recipient).SerializeToString()


DECIDE = "/entente.consent.v1.DecisionService/Decide"
BATCH_DECIDE = "/entente.consent.v1.DecisionService/BatchDecide"
WATCH = "/entente.consent.v1.DecisionService/WatchRevocations"
ENUMERATE_CRM = pb.ResolveIdentityRequest(query=query(record=("crm", "1")), purpose="partner-sharing", recipient="partner")
REQUEST_ID = "01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d"
BATCH = "/entente.identity.v1.ResolutionService/BatchResolveIdentities"
EXPLAIN = "/entente.identity.v1.ResolutionService/ExplainMatch"
PROFILE = "/entente.identity.v1.ResolutionService/GetProfile"
INGEST_FOR_CRM = record_service_pb2.IngestRecordsRequest(source="crm").SerializeToString()
BEYOND = {
    "a method": ("marketing", "/entente.identity.v1.RecordService/GetRecordStatus", b"", "METHOD_NOT_ALLOWED"),
    "a purpose": ("callcentre", RESOLVE, ask("offers-email", "callcentre"), "PURPOSE_NOT_ALLOWED"),
    "a purpose in another case": ("callcentre", RESOLVE, ask("Service", "callcentre"), "PURPOSE_NOT_ALLOWED"),
    "a purpose with a space": ("callcentre", RESOLVE, ask("service ", "callcentre"), "PURPOSE_NOT_ALLOWED"),
    "every purpose": ("callcentre", RESOLVE, ask("*", "callcentre"), "PURPOSE_NOT_ALLOWED"),
    "another's recipient": ("callcentre", RESOLVE, ask("service", "marketing"), "RECIPIENT_NOT_ALLOWED"),
    "another's source": ("webshop", "/entente.identity.v1.RecordService/IngestRecords", INGEST_FOR_CRM, "SOURCE_NOT_ALLOWED"),
    "keys of a source, when it has none": ("partner", RESOLVE, ENUMERATE_CRM.SerializeToString(), "SOURCE_NOT_ALLOWED"),
    "another's key in a batch": ("webshop", BATCH, by_key("webshop", "webshop", "crm"), "SOURCE_NOT_ALLOWED"),
    "another's record on the left": ("crm", EXPLAIN, pair("crm", "webshop", "crm"), "SOURCE_NOT_ALLOWED"),
    "a profile of another's record": ("webshop", PROFILE, profile_of("webshop", "crm"), "SOURCE_NOT_ALLOWED"),
    "a profile for another": ("crm", PROFILE, profile_of("callcentre", "crm"), "RECIPIENT_NOT_ALLOWED"),
    "a profile for a purpose of another's": ("crm", PROFILE, profile_of("crm", "crm", "offers-email"), "PURPOSE_NOT_ALLOWED"),
    "a profile, without a method for it": ("partner", PROFILE, profile_of("partner", "crm", "partner-sharing"), "METHOD_NOT_ALLOWED"),
    "consents of another's record": (
        "webshop",
        "/entente.consent.v1.ConsentService/ListConsentEvents",
        events_of("crm"),
        "SOURCE_NOT_ALLOWED",
    ),
    "a receipt of another's record": ("webshop", "/entente.consent.v1.ConsentService/GetReceipt", receipt_of("crm"), "SOURCE_NOT_ALLOWED"),
    "a consent on another's record, in a batch": (
        "webshop",
        "/entente.consent.v1.ConsentService/RecordConsent",
        consents("webshop", "crm"),
        "SOURCE_NOT_ALLOWED",
    ),
    "a decision on another's record": ("webshop", DECIDE, may("crm"), "SOURCE_NOT_ALLOWED"),
    "a decision on another's record, in a batch": ("webshop", BATCH_DECIDE, may_each("webshop", "crm"), "SOURCE_NOT_ALLOWED"),
    "another's revocations": ("webshop", WATCH, watch("offers-email", "webshop"), "PURPOSE_NOT_ALLOWED"),
    "revocations for another": ("webshop", WATCH, watch("loyalty", "crm"), "RECIPIENT_NOT_ALLOWED"),
    "publishing": ("crm", "/entente.consent.v1.CatalogService/PublishPurpose", b"", "METHOD_NOT_ALLOWED"),
    "another's record on the right": ("crm", EXPLAIN, pair("crm", "crm", "webshop"), "SOURCE_NOT_ALLOWED"),
}


@pytest.mark.parametrize("what", BEYOND)
async def test_a_caller_that_asks_beyond_its_registration_is_refused_in_one_shape(server, what):
    caller, path, body, reason = BEYOND[what]
    told = await raw_call(server.address, server.identity(caller), path=path, body=body, metadata=(("x-request-id", REQUEST_ID),))
    expected = Refusal("PERMISSION_DENIED", REFUSED, "edge.entente", reason, {}, (), REQUEST_ID)
    assert told == expected
    assert (server.script.asked, server.consent.asked) == ([], [])


async def test_an_unregistered_caller_cannot_make_the_server_read_its_message(server):
    told = await raw_call(server.address, issue(server.home, common_name="nobody"), body=b"\xff" * 1000)
    assert isinstance(told, Refusal)
    assert told.reason == "CALLER_UNKNOWN"


CALLERS = (
    "crm", "webshop", "callcentre", "chatbot", "marketing", "partner", "steward", "desk", "assistant", "editor",
)  # fmt: skip


async def told_of(address: str, identity: ClientIdentity, path: str) -> Refusal | bytes:
    """Ask any method, of one answer or of many, for nothing."""
    return await raw_call(address, identity, path=f"/{path}", body=b"")


@pytest.mark.parametrize("path", sorted(METHODS))
async def test_no_method_is_open_to_an_unregistered_caller(server, path):
    told = await told_of(server.address, issue(server.home, common_name="nobody"), path)
    assert isinstance(told, Refusal)
    assert (told.code, told.reason) == ("PERMISSION_DENIED", "CALLER_UNKNOWN")


@pytest.mark.parametrize("path", sorted(METHODS))
@pytest.mark.parametrize("caller", CALLERS)
async def test_every_method_needs_its_own_registration(server, caller, path):
    """Every method of every service, read from the descriptors, for every caller: a new one is refused until somebody registers for it."""
    registered = list_callers(server.home)[caller]
    told = await told_of(server.address, server.identity(caller), path)
    if path not in registered.methods:
        assert isinstance(told, Refusal)
        assert (told.code, told.reason) == ("PERMISSION_DENIED", "METHOD_NOT_ALLOWED")
    elif not path.endswith("/ListPurposes"):  # which may be asked for nothing
        assert isinstance(told, Refusal)
        assert (told.code, told.reason) == ("INVALID_ARGUMENT", "REQUEST_INVALID")
    if not path.endswith("/ListPurposes"):
        assert (server.script.asked, server.consent.asked) == ([], [])


def test_every_registered_caller_and_every_method_is_in_the_matrix(pki_home):
    callers = list_callers(pki_home)
    assert set(CALLERS) == set(callers)
    offered = {f"{service.full_name}/{method.name}" for service in services_offered() for method in service.methods}
    assert offered == METHODS
    assert {method for caller in callers.values() for method in caller.methods} == METHODS, "each method has somebody who may use it"


def services_offered() -> Iterator[ServiceDescriptor]:
    """Every service of every proto file of ours, whoever serves it."""
    for path in sorted((Path(__file__).parents[2] / "protos/entente").rglob("*_service.proto")):
        name = path.relative_to(Path(__file__).parents[2] / "protos").with_suffix("").as_posix().replace("/", ".")
        yield from importlib.import_module(f"{name}_pb2").DESCRIPTOR.services_by_name.values()


@pytest.mark.parametrize(
    "path",
    [
        "entente.identity.v1.ResolutionService/ResolveIdentity",
        "//entente.identity.v1.ResolutionService/ResolveIdentity",
        RESOLVE + "/",
        RESOLVE + "?x",
        RESOLVE.lower(),
        "/entente.identity.v1.ResolutionService/../RecordService/DeleteRecord",
        "/entente.identity.v1.ResolutionService/Unknown",
        "/grpc.health.v1.Health/Watch",
    ],
)
async def test_a_path_that_is_not_exactly_a_method_does_not_exist(server, path):
    told = await raw_call(server.address, server.identity("callcentre"), path=path)
    assert isinstance(told, Refusal)
    assert told.code == "UNIMPLEMENTED"
    assert server.script.asked == []


async def test_a_registration_that_is_taken_back_ends_without_a_restart(start, monkeypatch):
    monkeypatch.setattr("services.rpc.registry._RELOAD_SECONDS", 0.0)
    async with start() as server:
        registry = server.home / "callers.toml"
        before = registry.read_text()
        partner = server.identity("partner")
        ask = pb.ResolveIdentityRequest(query=query({"city": "Lyon"}), purpose="partner-sharing", recipient="partner").SerializeToString()
        try:
            assert isinstance(await raw_call(server.address, partner, body=ask), bytes)
            registry.write_text(before.replace("[callers.partner]", "[callers.former-partner]"))
            told = await raw_call(server.address, partner, body=ask)
            assert isinstance(told, Refusal)
            assert told.reason == "CALLER_UNKNOWN"
            registry.write_text("[callers")
            told = await raw_call(server.address, partner, body=ask)
            assert isinstance(told, Refusal), "a registry that cannot be read leaves the last good one in force"
        finally:
            registry.write_text(before)
    assert any("caller registry not taken up" in line for line in server.lines)


async def test_tls_older_than_1_3_is_refused_before_any_handler(server, tmp_path):
    """The client's library cannot be told to stop at 1.2, so the HTTP/2 preface is sent by hand over a 1.2 connection."""
    host, port = server.address.split(":")
    files = Pki(server.home).client_files("callcentre")
    context = ssl.create_default_context(cafile=str(files.authority))
    context.load_cert_chain(files.certificate, files.key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["h2"])
    answered = await _h2_call(host, int(port), context)
    assert b"OK" not in answered
    assert server.script.asked == []
    assert not any('"code":"OK"' in line for line in server.lines)
    assert any("TLS_TOO_OLD" in line for line in server.lines)


async def _h2_call(host: str, port: int, context: ssl.SSLContext) -> bytes:
    """Send one gRPC request as raw HTTP/2 frames and return what comes back."""
    reader, writer = await asyncio.open_connection(host, port, ssl=context, server_hostname="localhost")

    def frame(kind: int, flags: int, stream: int, payload: bytes) -> bytes:
        return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload

    def header(name: bytes, value: bytes) -> bytes:
        return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value

    headers = b"".join(
        header(name, value)
        for name, value in (
            (b":method", b"POST"),
            (b":scheme", b"https"),
            (b":path", RESOLVE.encode()),
            (b":authority", b"localhost"),
            (b"te", b"trailers"),
            (b"content-type", b"application/grpc"),
            (b"grpc-timeout", b"5S"),
        )
    )
    body = ASK.SerializeToString()
    message = b"\x00" + len(body).to_bytes(4, "big") + body
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, headers) + frame(0, 1, 1, message))
    await writer.drain()
    heard = b""
    try:
        while chunk := await asyncio.wait_for(reader.read(4096), 0.5):
            heard += chunk
    except TimeoutError:
        pass
    writer.close()
    return heard


async def test_the_hand_made_call_works_over_tls_1_3(server):
    """Shows that the test above is refused for its TLS version and not for its frames."""
    host, port = server.address.split(":")
    files = Pki(server.home).client_files("callcentre")
    context = ssl.create_default_context(cafile=str(files.authority))
    context.load_cert_chain(files.certificate, files.key)
    context.set_alpn_protocols(["h2"])
    await _h2_call(host, int(port), context)
    assert len(server.script.asked) == 1


async def test_a_client_refuses_a_server_of_another_ca(server, stranger):
    own = server.identity("callcentre")
    deceived = ClientIdentity(own.key, own.certificate, (stranger / "pki/ca.pem").read_bytes())
    async with connect(server.address, deceived, deadline_seconds=2.0) as services:
        with pytest.raises(CallFailedError):
            await services.resolution.resolve(purpose="service", recipient="callcentre", attributes={"city": "Lyon"})
    assert server.script.asked == []
