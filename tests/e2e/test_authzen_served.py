"""Decisions over HTTP from real workers: on a port of their own, with the same catalogue and the same links as over gRPC."""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from pathlib import Path

import pytest
from entente.identity.v1 import comparison_pb2

from services.consent.client import CallFailedError, ClientIdentity, question
from services.consent.client import connect as connect_consent
from tests.e2e.processes import Server, eventually

ASK = {
    "subject": {"type": "record", "id": "1", "properties": {"source": "crm"}},
    "action": {"name": "use"},
    "resource": {"type": "attribute", "id": "email"},
    "context": {"purpose": "service", "recipient": "crm"},
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(home: Path) -> ClientIdentity:
    """Return what proves the caller crm."""
    return ClientIdentity.read(home / "pki/callers/crm.key", home / "pki/callers/crm.pem", home / "pki/ca.pem")


def decide(port: int, home: Path) -> tuple[bool, str]:
    """Ask as the caller crm; return the decision and the reason for the attribute."""
    context = ssl.create_default_context(cafile=home / "pki/ca.pem")
    context.load_cert_chain(home / "pki/callers/crm.pem", home / "pki/callers/crm.key")
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    try:
        connection.request("POST", "/access/v1/evaluation", json.dumps(ASK), {"Content-Type": "application/json"})
        told = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    return told["decision"], told["context"]["decision"]["attributes"][0]["ruling"]["reason_code"]


def test_a_no_said_on_one_record_counts_over_http_on_another_of_the_same_person_in_every_worker(home):
    zoe = ("Zoé", "Lefèvre", "1984-02-29", "zoe.lefevre@mail.example", "")
    home.ingest("crm", [("1", *zoe)])
    home.ingest("webshop", [("A7", *zoe)])
    port = free_port()
    with home.served(ENTENTE_AUTHZEN_PORT=str(port), ENTENTE_WORKERS="2") as server:
        before = {decide(port, home.path) for _ in range(8)}
        home.done("consent", "record", "--source", "webshop", "--key", "A7", "--event", "restricted")
        after = {decide(port, home.path) for _ in range(8)}
        assert f"127.0.0.1:{port}" in server.running.said()
    assert before == {(True, "REASON_CODE_OTHER_GROUND")}
    assert after == {(False, "REASON_CODE_RESTRICTED")}


def test_a_port_that_is_taken_is_told_before_anything_is_served(home):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        refused = home.run("serve", ENTENTE_PORT="0", ENTENTE_AUTHZEN_PORT=str(port))
    assert refused.code == 3
    assert f"127.0.0.1:{port} is taken" in refused.said


async def test_one_context_may_be_served_by_itself_and_still_asks_the_other(home):
    zoe = ("Zoé", "Lefèvre", "1984-02-29", "zoe.lefevre@mail.example", "")
    home.ingest("crm", [("1", *zoe)])
    with home.started("serve", "identity", ENTENTE_PORT="0", ENTENTE_WORKERS="1") as running:
        assert eventually(lambda: "Entente serves gRPC" in running.said(), 30), running.said()
        serving = re.search(r"serves gRPC on (\S+)", running.said())
        assert serving
        address = serving[1]
        grades = []
        async with Server(home, running, address).as_caller("crm") as crm:
            for _ in range(2):
                grades.append((await crm.resolution.resolve(purpose="service", recipient="crm", record=("crm", "1"))).resolution.grade)
                home.done("consent", "record", "--source", "crm", "--key", "1", "--event", "restricted")
        async with connect_consent(address, certificate(home.path)) as services:
            with pytest.raises(CallFailedError) as caught:
                await services.decisions.decide(question("crm", "1", purpose="service", recipient="crm", attributes=["email"]))
    assert grades == [comparison_pb2.GRADE_CERTAIN, comparison_pb2.GRADE_NONE]
    assert caught.value.refusal.code == "UNIMPLEMENTED"
