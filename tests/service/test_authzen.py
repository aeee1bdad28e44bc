"""AuthZEN over real mutual TLS: the same answers, the same refusals, from the same use cases as over gRPC."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from entente.consent.v1 import decision_pb2
from google.protobuf.json_format import MessageToDict

from consent.domain.decision import Decision, Effect, Outcome, ReasonCode, Request, Ruling
from consent.domain.errors import ConsentError, Reason
from services.consent import authzen
from services.consent.client import question
from services.identity.client import ClientIdentity
from services.rpc.errors import REFUSED
from services.rpc.limits import Limits
from services.wiring.authzen import build_authzen
from services.wiring.certificates import Pki
from tests.builders.certificates import issue
from tests.fakes.consent_usecases import ANSWER, NOON, PlainNames
from tests.service.conftest import Running

ONE, MANY = "/access/v1/evaluation", "/access/v1/evaluations"
SUBJECT = {"type": "record", "id": "42", "properties": {"source": "crm"}}
USE = {"name": "use"}
EMAIL = {"type": "attribute", "id": "email"}
LOYALTY = {"purpose": "loyalty", "recipient": "crm"}
ASK = {"subject": SUBJECT, "action": USE, "resource": EMAIL, "context": LOYALTY}


@dataclass
class Web:
    """The endpoint, and the gRPC server beside it."""

    port: int
    server: Running

    def connection(self, identity: ClientIdentity | None, *, most: ssl.TLSVersion | None = None) -> http.client.HTTPSConnection:
        context = ssl.create_default_context(cadata=(self.server.home / "pki/ca.pem").read_text())
        if most is not None:
            context.maximum_version = most
        if identity is not None:
            with os.fdopen(os.memfd_create("client"), "wb") as file:
                file.write(identity.key + identity.certificate)
                file.flush()
                context.load_cert_chain(f"/proc/self/fd/{file.fileno()}")
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=5, context=context)

    async def post(self, caller: str | ClientIdentity, path: str, body: object, headers: dict[str, str] | None = None):
        """Post JSON, or bytes as they are; return status, answer and headers."""
        identity = self.server.identity(caller) if isinstance(caller, str) else caller

        def ask():
            connection = self.connection(identity)
            try:
                raw = body if isinstance(body, bytes) else json.dumps(body).encode()
                connection.request("POST", path, raw, {"Content-Type": "application/json", **(headers or {})})
                answer = connection.getresponse()
                return answer.status, json.loads(answer.read()), dict(answer.getheaders())
            finally:
                connection.close()

        return await asyncio.to_thread(ask)


@pytest.fixture
async def web(start, settings) -> AsyncIterator[Web]:
    async with start() as server:
        limits = Limits(drain_seconds=0.2, message_bytes=64 << 10, write_seconds=0.5)
        served = build_authzen(settings, server.consent.usecases(), server.rpc, limits=limits)
        yield Web(await served.start("127.0.0.1", 0), server)
        await served.stop()


async def test_an_evaluation_is_the_decision_of_grpc_in_json(web):
    status, answer, headers = await web.post(
        "crm", ONE, ASK | {"resource": {"type": "attributes", "id": "-", "properties": {"names": ["email"]}}}
    )
    async with web.server.consent_as("crm") as services:
        told = await services.decisions.decide(question("crm", "42", purpose="loyalty", recipient="crm", attributes=["email"]))
    assert status == 200
    assert answer["decision"] is False, "in part is not yes"
    assert answer["context"]["decision"] == MessageToDict(told.decision, preserving_proto_field_name=True)
    assert (answer["context"]["revision"], answer["context"]["policy_version"]) == (told.revision, told.policy_version)
    assert headers["cache-control"] == "no-store"
    over_http, over_grpc = web.server.consent.asked
    assert over_http == over_grpc
    assert over_http.asks[0].request == Request("crm", "loyalty", "crm", ("email",), None)


async def test_a_permit_and_nothing_less_is_true(web):
    permit = Ruling(Effect.PERMIT, ReasonCode.OTHER_GROUND)
    web.server.consent.answered = replace(ANSWER, decision=Decision(Outcome.PERMIT, {"email": permit}, permit))
    assert (await web.post("crm", ONE, ASK))[1]["decision"] is True


async def test_everything_that_can_be_asked_arrives(web):
    asked = {
        "subject": SUBJECT | {"properties": {"source": "crm", "minor": True}},
        "action": {"name": "contact", "properties": {}},
        "resource": {"type": "attributes", "id": "profile", "properties": {"names": ["email", "given_name"]}},
        "context": LOYALTY
        | {"channel": "email", "min_revision": "r4", "dry_run": True, "locale": "fr", "as_of_time": "2026-05-04T12:00:00Z"},
    }
    status, answer, _ = await web.post("crm", ONE, asked)
    command = web.server.consent.asked[0]
    assert status == 200
    assert (command.min_revision, command.dry_run, command.as_of) == (4, True, NOON)
    assert command.asks[0].minor
    assert command.asks[0].anchor == PlainNames().anchor("crm", "42")
    assert command.asks[0].request == Request("crm", "loyalty", "crm", ("email", "given_name"), "email")
    assert list(answer["context"]["decision"]["explanation"]) == ["fr"]


async def test_evaluations_share_what_stands_beside_them_and_keep_their_order(web):
    asked = ASK | {"evaluations": [{}, {"resource": {"type": "attribute", "id": "phone"}}, {"context": LOYALTY | {"channel": "email"}}]}
    status, answer, _ = await web.post("crm", MANY, asked)
    assert (status, len(answer["evaluations"])) == (200, 3)
    assert [(ask.request.attributes, ask.request.channel) for ask in web.server.consent.asked[0].asks] == [
        (("email",), None), (("phone",), None), (("email",), "email"),
    ]  # fmt: skip


async def test_evaluations_end_where_they_are_told_to(web):
    for semantic, expected in (("execute_all", 3), ("deny_on_first_deny", 1), ("permit_on_first_permit", 3)):
        asked = ASK | {"evaluations": [{}, {}, {}], "options": {"evaluations_semantic": semantic}}
        assert len((await web.post("crm", MANY, asked))[1]["evaluations"]) == expected


@pytest.mark.parametrize("evaluations", [{}, {"evaluations": []}])
async def test_no_evaluations_are_one(web, evaluations):
    status, answer, _ = await web.post("crm", MANY, ASK | evaluations)
    assert status == 200
    assert "decision" in answer


BAD = {
    "no JSON": (ONE, b"{", [""]),
    "no object": (ONE, [], ["", "subject", "subject.type", "action", "action.name", "resource", "resource.type", "context"]),
    "not UTF-8": (ONE, b"\xff\xfe", [""]),
    "half a character": (ONE, json.dumps(ASK | {"subject": SUBJECT | {"id": "\ud800"}}).encode(), ["subject.id"]),
    "a number for a text": (ONE, ASK | {"subject": SUBJECT | {"id": 42}}, ["subject.id"]),
    "a text for a flag": (ONE, ASK | {"context": LOYALTY | {"dry_run": "yes"}}, ["context.dry_run"]),
    "an unknown action": (ONE, ASK | {"action": {"name": "sell"}}, ["action.name"]),
    "a misspelt channel": (ONE, ASK | {"context": LOYALTY | {"chanel": "email"}}, ["context"]),
    "another kind of subject": (ONE, ASK | {"subject": SUBJECT | {"type": "user"}}, ["subject.type"]),
    "evaluations where one is asked for": (ONE, ASK | {"evaluations": [{}]}, ["evaluations"]),
    "evaluations that are no list": (MANY, ASK | {"evaluations": {}}, ["evaluations"]),
    "an unknown semantic": (
        MANY,
        ASK | {"evaluations": [{}], "options": {"evaluations_semantic": "any"}},
        ["options.evaluations_semantic"],
    ),
    "two contexts at one revision": (
        MANY,
        ASK | {"evaluations": [{}, {"context": LOYALTY | {"dry_run": True}}]},
        ["evaluations[1].context"],
    ),
    "no purpose": (ONE, ASK | {"context": {"recipient": "crm"}}, ["context.purpose"]),
    "no source": (ONE, ASK | {"subject": {"type": "record", "id": "42"}}, ["subject.properties.source"]),
    "no key": (MANY, ASK | {"evaluations": [{"subject": SUBJECT | {"id": ""}}]}, ["evaluations[0].subject.id"]),
    "contact through nothing": (ONE, ASK | {"action": {"name": "contact"}}, ["context.channel"]),
    "an attribute with a space": (ONE, ASK | {"resource": EMAIL | {"id": "e mail"}}, ["resource"]),
    "no time": (ONE, ASK | {"context": LOYALTY | {"as_of_time": "yesterday", "dry_run": True}}, ["context.as_of_time"]),
}


@pytest.mark.parametrize("what", BAD)
async def test_what_is_wrong_is_told_by_its_place(web, what):
    path, body, places = BAD[what]
    status, answer, _ = await web.post("crm", path, body)
    error = answer["error"]
    assert (status, error["code"], error["reason"], error["domain"]) == (400, "INVALID_ARGUMENT", "REQUEST_INVALID", "edge.entente")
    assert sorted({violation["field"] for violation in error["violations"]}) == sorted(places)
    assert web.server.consent.asked == []


async def test_whoever_may_not_is_refused_as_over_grpc(web):
    for caller, path, body, reason in (
        ("chatbot", ONE, ASK, "METHOD_NOT_ALLOWED"),
        ("callcentre", MANY, ASK | {"evaluations": [{}]}, "METHOD_NOT_ALLOWED"),
        ("webshop", ONE, ASK, "SOURCE_NOT_ALLOWED"),
        ("crm", MANY, ASK | {"evaluations": [{}, {"subject": SUBJECT | {"properties": {"source": "webshop"}}}]}, "SOURCE_NOT_ALLOWED"),
        (issue(web.server.home, common_name="crm"), ONE, ASK, "CALLER_UNKNOWN"),
        (issue(web.server.home, uris=["spiffe://entente/caller/nobody"]), ONE, b"\xff", "CALLER_UNKNOWN"),
        (issue(web.server.home, uris=["spiffe://entente/caller/crm", "spiffe://entente/caller/webshop"]), ONE, ASK, "CALLER_UNKNOWN"),
    ):
        status, answer, _ = await web.post(caller, path, body)
        assert (status, answer["error"]["message"], answer["error"]["reason"]) == (403, REFUSED, reason)
    assert web.server.consent.asked == []


async def test_what_a_header_says_of_the_sender_counts_for_nothing(web):
    claims = {"X-Forwarded-Client-Cert": "URI=spiffe://entente/caller/crm", "Authorization": "Bearer crm", "X-Caller": "crm"}
    status, answer, _ = await web.post("chatbot", ONE, ASK, claims)
    assert (status, answer["error"]["reason"]) == (403, "METHOD_NOT_ALLOWED")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("stranger")
    Pki(home).prepare(["crm"], datetime.now(UTC))
    return home


CALLER = "spiffe://entente/caller/crm"


@pytest.mark.parametrize("which", ["none", "another CA's", "expired", "a server's", "good, over TLS 1.2"])
async def test_without_a_good_certificate_and_tls_1_3_nothing_is_answered(web, stranger, which):
    home = web.server.home
    identity = {
        "none": lambda: None,
        "another CA's": lambda: issue(stranger, uris=[CALLER], trusts=home),
        "expired": lambda: issue(home, uris=[CALLER], ends=timedelta(seconds=-1)),
        "a server's": lambda: issue(home, uris=[CALLER], usage=ExtendedKeyUsageOID.SERVER_AUTH),
        "good, over TLS 1.2": lambda: web.server.identity("crm"),
    }[which]()

    def ask():
        connection = web.connection(identity, most=ssl.TLSVersion.TLSv1_2 if "1.2" in which else None)
        try:
            connection.request("POST", ONE, json.dumps(ASK))
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    assert await asyncio.to_thread(ask) is None
    assert web.server.consent.asked == []


@pytest.mark.parametrize(
    ("reason", "status"), [(Reason.INVALID_REVISION, 400), (Reason.STORE_UNAVAILABLE, 503), (Reason.EVENT_ALTERED, 500)]
)
async def test_a_failure_permits_nothing_and_is_told_by_its_catalogue(web, reason, status):
    web.server.consent.fails = ConsentError(reason, secret="Zoé Martin")
    got, answer, _ = await web.post("crm", ONE, ASK)
    assert (got, answer["error"]["reason"], answer["error"]["domain"]) == (status, reason.value, "consent.entente")
    assert "decision" not in answer
    assert "Zoé" not in str(answer)


async def test_an_error_nobody_foresaw_tells_nothing_but_an_id(web):
    web.server.consent.fails = ValueError("zoe@mail.example")
    status, answer, _ = await web.post("crm", ONE, ASK)
    assert (status, answer["error"]["reason"]) == (500, "UNEXPECTED")
    assert "mail.example" not in str(answer) + "".join(web.server.lines)
    assert answer["error"]["metadata"]["error_id"] in "".join(web.server.lines)


async def test_a_request_id_is_given_back_and_is_in_the_log(web):
    request_id = "01934f7e-6b5a-7c3d-8e21-5d1f0a9b8c7d"
    _, _, headers = await web.post("crm", ONE, ASK, {"X-Request-ID": request_id})
    assert headers["x-request-id"] == request_id
    assert any(request_id in line and DECIDES in line for line in web.server.lines)


DECIDES = '"method":"entente.consent.v1.DecisionService/Decide"'


async def test_a_body_over_the_limit_is_refused_unread(web):
    status, answer, _ = await web.post("crm", ONE, b" " * (65 << 10))
    assert (status, answer["error"]["reason"]) == (413, "REQUEST_INVALID")
    assert web.server.consent.asked == []


async def test_a_body_that_never_comes_does_not_hold_its_place(web):
    def ask():
        connection = web.connection(web.server.identity("crm"))
        try:
            connection.putrequest("POST", ONE)
            connection.putheader("Content-Length", "100")
            connection.endheaders(b"{")
            return connection.getresponse().status
        finally:
            connection.close()

    assert await asyncio.to_thread(ask) == 413


@pytest.mark.parametrize(
    "path", ["/", "/access/v1/evaluation/", "/access/v1/search/subject", "/entente.consent.v1.ConsentService/RecordConsent"]
)
async def test_nothing_else_is_there(web, path):
    def ask():
        connection = web.connection(web.server.identity("crm"))
        try:
            connection.request("POST", path, json.dumps(ASK))
            return connection.getresponse().status
        finally:
            connection.close()

    assert await asyncio.to_thread(ask) in {307, 404}
    assert web.server.consent.asked == []


def test_every_action_has_a_word():
    assert set(authzen._ACTIONS.values()) == set(decision_pb2.Action.values()) - {0}
