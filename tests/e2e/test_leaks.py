"""A canary in every attribute and key, through everything Entente does, is nowhere afterwards but sealed."""

from __future__ import annotations

import asyncio
import base64
import os
import re
import resource
import signal
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from grpc import aio
from opentelemetry.proto.collector.metrics.v1 import metrics_service_pb2, metrics_service_pb2_grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc

from identity.domain.attributes import Attribute
from services.database.embedded import embedded_database
from services.identity.client import CallFailedError, IdentityServices
from tests.e2e.processes import Home, Server, alive, eventually, fresh_home
from tests.e2e.sniffing import Nose
from tests.fixtures_database import held_open

pytestmark = pytest.mark.timeout(600)  # one fixture does everything; half a minute on a machine that does nothing else

NAME = "Zqkânarié"
"""Nobody's name; the same in thousands of records, so that it gets into term frequencies too."""

BORN = "1913-11-29"
PHONE = "0639987391"
SECRETS = (NAME, BORN, "29/11/1913", "19131129", PHONE, "639987391", "06 39 98 73 91")
BULK = 5200

WORDS = {
    "title": f"M. {NAME}",
    "birth_date": BORN,
    "email": f"{NAME}@mail.example",
    "phone": PHONE,
    "sex": f"M {NAME}",
    "postal_code": NAME,
    "country": NAME,
}
ATTRIBUTES = {attribute.value: WORDS.get(attribute.value, f"{NAME} {attribute.value}") for attribute in Attribute}
COLUMNS = ("id", *ATTRIBUTES, "job", "unmapped")
MAPPING = (
    "source = 'crm'\nkey = 'id'\n[attributes]\n" + "".join(f"{name} = {name!r}\n" for name in ATTRIBUTES)
    + "[extra.occupation]\ncolumn = 'job'\ncompare = 'name'\n"
)  # fmt: skip


def row(key: str, **changed: str) -> tuple[str, ...]:
    ballast = NAME * 60  # makes the file large enough for processes of their own to take it in
    return (key, *(ATTRIBUTES | changed).values(), f"{NAME} baker", ballast)


def letters(number: int) -> str:
    """Five letters for a number: names without digits differ too."""
    return "".join(chr(ord("a") + number // 26**place % 26) for place in range(5))


def bulk_rows() -> list[tuple[str, ...]]:
    """Two records of each of many, of whom some attributes are their own."""
    rows = []
    for number in range(BULK):
        own = letters(number // 2)
        born = BORN if number % 100 else "not a date " + NAME
        rows.append(row(f"{NAME}-{number}", family_name=f"{NAME} {own}", email=f"{NAME}.{own}@mail.example", birth_date=born))
    return rows


class Collector(trace_service_pb2_grpc.TraceServiceServicer, metrics_service_pb2_grpc.MetricsServiceServicer):
    """Keeps what is sent to it."""

    def __init__(self) -> None:
        self.received: list[bytes] = []

    async def Export(self, request, context):  # noqa: N802 - both services call it so
        self.received.append(request.SerializeToString())
        traces = isinstance(request, trace_service_pb2.ExportTraceServiceRequest)
        return trace_service_pb2.ExportTraceServiceResponse() if traces else metrics_service_pb2.ExportMetricsServiceResponse()


@asynccontextmanager
async def collector():
    server, servicer = aio.server(), Collector()
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(servicer, server)
    metrics_service_pb2_grpc.add_MetricsServiceServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield servicer, f"http://127.0.0.1:{port}"
    finally:
        await server.stop(0)


class Onlooker:
    """Looks, while commands run, at what each of their processes shows of itself: command line, environment, limits."""

    def __init__(self, home: Home) -> None:
        self._mark = bytes(home.folder)
        self._stop = threading.Event()
        self._ours: set[str] = set()
        self.shown: dict[tuple[str, str], bytes] = {}
        self.core_limits: dict[str, set[str]] = {}

    @contextmanager
    def looking(self) -> Iterator[None]:
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()

    def _look(self) -> None:
        strangers: dict[str, int] = {}
        while not self._stop.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                if strangers.get(process.name, 0) > 3:  # looked at before and after it became another program
                    continue
                with suppress(OSError):
                    line, environment = (process / "cmdline").read_bytes(), (process / "environ").read_bytes()
                    parent = (process / "stat").read_text().rsplit(")", 1)[1].split()[1]
                    if self._mark in line + environment or parent in self._ours:
                        self._ours.add(process.name)
                        self._note(process, line, environment)
                    else:
                        strangers[process.name] = strangers.get(process.name, 0) + 1

    def _note(self, process: Path, line: bytes, environment: bytes) -> None:
        words = line.decode(errors="replace").split("\0")
        self.shown[process.name, " ".join(words)] = line + environment
        limit = re.search(r"Max core file size\s+(\S+)\s+(\S+)", (process / "limits").read_text())
        for what in ("ingest_worker", "splink_duckdb.worker", "serve", "ingest", "link", "train", "resolve"):
            if limit and (what in words or any(word.endswith(what) for word in words[:4])):
                self.core_limits.setdefault(what, set()).add(limit[1])


@pytest.fixture(scope="module")
def told() -> Iterator[tuple[Home, Onlooker, Nose, dict[str, str], list[bytes]]]:
    """Send the canary through everything; give what was said on the way."""
    with fresh_home() as home:
        temporary = home.folder / "temporary"
        temporary.mkdir(mode=0o1777)
        temporary.chmod(0o1777)
        inputs = Home(home.path, home.folder / "inputs", {"TMPDIR": str(temporary), "ENTENTE_WATCHED": str(home.folder)})
        inputs.folder.mkdir()
        said: dict[str, str] = {}
        onlooker = Onlooker(home)
        with dumps_allowed(), onlooker.looking(), held_open(embedded_database(home.path)):
            by_command(inputs, said)
            received = asyncio.run(by_grpc(inputs, said))
        assert eventually(lambda: not any(alive(pid) for pid in of_home(home)), 30), "everything has stopped, and is written"
        yield home, onlooker, Nose(SECRETS), said, received


@contextmanager
def dumps_allowed() -> Iterator[None]:
    """Let processes that we start leave core dumps, unless they forbid it themselves."""
    before = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


def by_command(home: Home, said: dict[str, str]) -> None:
    """Ingest, link, train, ask and fail on the command line."""

    def run(*words: object) -> str:
        done = home.run(*words)
        said[f"{len(said)} {words[0]} ended {done.code}"] = done.out + done.err
        return done.out

    mapping = home.folder / "crm.toml"
    mapping.write_text(MAPPING, "utf-8")
    data = home.write("bulk.csv", bulk_rows(), COLUMNS)
    run("ingest", data, "--mapping", mapping, "--json")
    run("train", "--json")
    run("link", "--json")
    broken = home.write("broken.csv", [row(""), row(f"{NAME}-twice"), row(f"{NAME}-twice"), (f"{NAME}-short", NAME)], COLUMNS)
    run("ingest", broken, "--mapping", mapping)
    torn = home.folder / "torn.jsonl"
    torn.write_text(f'{{"id": "{NAME}-torn", "given_name": "{NAME}"}}\n{{"id": "{NAME}', "utf-8")
    run("ingest", torn, "--mapping", mapping)
    (home.folder / "torn.parquet").write_bytes(b"PAR1" + NAME.encode() * 20)
    run("ingest", home.folder / "torn.parquet", "--mapping", mapping)
    words = [f"{name}={value}" for name, value in ATTRIBUTES.items()]
    run("resolve", *words, "--json")
    run("resolve", *words, f"nonsense={NAME}")
    run("resolve", "--source", "crm", "--key", f"{NAME}-1", "--caller", "crm")
    run("explain", "--left", f"crm:{NAME}-0", "--right", f"crm:{NAME}-1")
    run("judge", "--left", f"crm:{NAME}-0", "--right", f"crm:{NAME}-3", "--verdict", "same")
    run("review", "--json")
    agree(home, run)
    run("delete", f"crm:{NAME}-7")
    run("delete", f"crm:{NAME}-absent")


def agree(home: Home, run: Callable[..., str]) -> None:
    """Import, record and decide on consents whose keys, proofs and mistakes hold the canary."""
    columns = ("source", "key", "purpose", "event", "at", "notice_version", "evidence")
    proof = f"recording of {NAME}"
    rows = [
        ("crm", f"{NAME}-1", "offers-email", "given", "2025-01-05", "1", proof),
        ("crm", f"{NAME}-2", NAME, "given", "", "", ""),
        ("crm", f"{NAME}-2", "offers-email", NAME, "", "", ""),
        ("crm", f"{NAME}-2", "offers-email", "given", f"born {BORN}", "", ""),
        (NAME, PHONE, "offers-email", "given", "", "", ""),
    ]
    run("consent", "import", home.write("consents.csv", rows, columns))
    run("consent", "import", home.write("headless.csv", rows, rows[0]))
    torn = home.write("unclosed.csv", rows[:1], columns)
    torn.write_text(torn.read_text("utf-8") + f'crm,2,"{NAME}', "utf-8")
    run("consent", "import", torn)
    named = ("--source", "crm", "--key", f"{NAME}-1")
    run("consent", "record", *named, "--purpose", "offers-sms", "--event", "given", "--evidence", proof, "--json")
    run("consent", "record", *named, "--purpose", "offers-sms", "--event", NAME, "--evidence", proof)
    run("consent", "record", "--source", NAME, "--key", NAME, "--event", "refused")
    run("consent", "show", *named)
    run("decide", *named, "--caller", "marketing", "--purpose", "offers-email", "--json")


async def by_grpc(home: Home, said: dict[str, str]) -> list[bytes]:
    """Ingest, ask and fail over gRPC; return what a collector of traces and metrics received."""
    async with collector() as (kept, endpoint):
        with home.served(ENTENTE_OTLP_ENDPOINT=endpoint) as server:
            said["answers over gRPC"] = await calls(server)
            server.running.process.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(server.running.ended, 30) == 0
            said["server's log"] = server.running.said()
            server.running.log.unlink()
    return kept.received


async def calls(server: Server) -> str:
    """Call in all manners; return everything that came back."""
    came: list[str] = []

    async def call(asked) -> None:
        try:
            came.append(str(await asked))
        except CallFailedError as failed:
            came.append(f"{failed} {failed.refusal!r}")

    async with server.as_caller("crm") as crm, server.as_caller("callcentre") as callcentre:
        known = crm.records
        one, other = uuid4(), uuid4()
        await call(known.ingest("crm", {f"{NAME}-grpc": ATTRIBUTES}, request_id=one))
        await call(known.ingest("crm", {f"{NAME}-extra": ATTRIBUTES | {"x_occupation": NAME}}, request_id=uuid4()))
        await call(known.ingest("crm", {f"{NAME}-another": ATTRIBUTES}, request_id=one))
        await call(known.ingest("crm", {f"{NAME}-long": ATTRIBUTES | {"given_name": NAME * 5000}}, request_id=other))
        await call(known.ingest(plain_source(), {f"{NAME}-grpc": ATTRIBUTES}, request_id=uuid4()))
        await call(known.ingest("crm", {f"{NAME}\0\n": ATTRIBUTES}, request_id=uuid4()))
        await call(known.status("crm", f"{NAME}-absent"))
        await call(known.delete("crm", f"{NAME}-absent", request_id=uuid4()))
        for services, recipient in ((crm, "crm"), (callcentre, "callcentre"), (callcentre, NAME)):
            await call(services.resolution.resolve(purpose="service", recipient=recipient, attributes=ATTRIBUTES))
            await call(services.resolution.resolve(purpose=NAME, recipient=recipient, attributes=ATTRIBUTES))
            await call(services.resolution.resolve(purpose="service", recipient=recipient, record=("crm", f"{NAME}-grpc")))
        pair = (("crm", f"{NAME}-grpc"), ("crm", f"{NAME}-1"))
        await call(crm.resolution.explain(*pair, purpose="service", recipient="crm"))
        await call(crm.resolution.explain(pair[0], ("crm", f"{NAME}-absent"), purpose="service", recipient="crm"))
        await profiles(crm, callcentre, call)
        await call(crm.stewardship.review_pairs(purpose="service", recipient="crm", page_token=NAME))
    assert any("CERTAIN" in text or "pseudonym" in text for text in came), came
    return "\n".join(came)


async def profiles(crm: IdentityServices, callcentre: IdentityServices, call: Callable[[Awaitable[object]], Awaitable[None]]) -> None:
    """Ask for profiles in all manners. The one that is told holds values, as it must, and is kept by nobody; what is refused holds none."""
    await call(crm.records.ingest("crm", {f"{NAME}-solo": {"given_name": NAME, "postal_code": "44000"}}, request_id=uuid4()))
    for services, recipient in ((crm, "crm"), (callcentre, "callcentre")):
        answer = await services.resolution.profile("crm", f"{NAME}-solo", purpose="service", recipient=recipient)
        assert NAME in [attribute.value for attribute in answer.attributes], "this answer, and no other, tells values"
        needless = {"attributes": ["national_id", "x_occupation"], "purpose": "service", "recipient": recipient}
        await call(services.resolution.profile("crm", f"{NAME}-solo", **needless))
        await call(services.resolution.profile("crm", f"{NAME}-absent", purpose="service", recipient=recipient))
        await call(services.resolution.profile("crm", f"{NAME}-solo", purpose=NAME, recipient=recipient))
        await call(
            services.resolution.profile("crm", f"{NAME}-solo", purpose="service", recipient=recipient, attributes=[NAME], channel=NAME)
        )


def plain_source() -> str:
    return NAME.lower()


def of_home(home: Home) -> list[int]:
    """Processes that name the home."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if bytes(home.path) in (process / "cmdline").read_bytes():
                found.append(int(process.name))
    return found


def test_the_canary_really_went_through_everything(told):
    _, _, _, said, received = told
    ended = {words.split()[1]: [] for words in said}
    for words in said:
        ended[words.split()[1]].append(words.split()[-1])
    assert ended["ingest"][0] == ended["resolve"][0] == "0", said
    assert ended["train"] == ended["link"] == ended["explain"] == ended["judge"] == ended["review"] == ["0"], said
    assert ended["delete"] == ["0", "2"]
    assert (ended["consent"], ended["decide"]) == (["0", "2", "2", "0", "2", "2", "0"], ["0"]), said
    assert f'"created": {BULK}' in said["0 ingest ended 0"]
    assert received, "the collector received something"


def test_nothing_that_was_said_holds_it(told):
    _, _, nose, said, received = told
    assert {place: found for place, text in said.items() if (found := nose.smells(text))} == {}
    assert [found for message in received if (found := nose.smells(message))] == []


def test_no_file_holds_it_but_the_input(told):
    home, _, nose, _, _ = told
    assert nose.in_files(home.path, home.folder / "temporary", Path("/dev/shm")) == {}  # noqa: S108 - where PostgreSQL shares memory
    written = {path.name for path in (home.folder / "inputs").iterdir()} - {"bulk.csv", "broken.csv", "torn.jsonl", "torn.parquet"}
    written -= {"consents.csv", "headless.csv", "unclosed.csv"}
    assert "consents.csv.rejects.csv" in written
    assert "broken.csv.rejects.csv" in written
    assert [name for name in written if nose.smells((home.folder / "inputs" / name).read_bytes())] == []


def test_no_process_shows_it_but_the_command_it_was_typed_into(told):
    _, onlooker, nose, _, _ = told
    showing = {words for (_, words), shown in onlooker.shown.items() if nose.smells(shown)}
    assert [
        words
        for words in showing
        if not re.search(r"bin/entente (resolve|explain|judge|delete|history|consent record|consent show|decide) ", words)
    ] == []
    assert any("ingest_worker" in words for _, words in onlooker.shown), "lanes were seen"
    assert any("splink_duckdb.worker" in words for _, words in onlooker.shown), "link workers were seen"


def test_no_process_that_opens_records_would_leave_a_core_dump(told):
    _, onlooker, _, _, _ = told
    assert {"ingest_worker", "splink_duckdb.worker", "serve", "ingest", "link", "train"} <= set(onlooker.core_limits)
    late = {what: limits for what, limits in onlooker.core_limits.items() if "0" not in limits}
    assert late == {}, "each sets the limit as soon as it starts"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
@pytest.mark.parametrize("written", [NAME, NAME.upper(), "zqkanarie", f"Madame {NAME}, née le {BORN}"])
def test_whoever_writes_it_plainly_is_found(tmp_path, encoding, written):
    nose = Nose(SECRETS)
    (tmp_path / "plain").write_bytes(b"\x00\xff" + written.encode(encoding) + b"\x01")
    assert nose.in_files(tmp_path)


@pytest.mark.parametrize("shift", range(3))
def test_base64_and_hexadecimal_hide_nothing(shift):
    raw = b"abc"[:shift] + NAME.encode() + b"tail"
    assert Nose(SECRETS).smells(base64.b64encode(raw))
    assert Nose(SECRETS).smells(raw.hex())
    assert not Nose(SECRETS).smells(os.urandom(1 << 20))


async def test_a_value_stored_plainly_is_found_in_the_database_files(told):
    home, _, nose, _, _ = told
    async with embedded_database(home.path) as database:
        connection = await asyncpg.connect(database.owner.dsn)
        await connection.execute("CREATE TABLE identity.control (value text)")
        await connection.execute("INSERT INTO identity.control VALUES ($1)", f"{NAME} {BORN}")
        await connection.close()
    assert eventually(lambda: not any(alive(pid) for pid in of_home(home)), 30)
    found = nose.in_files(home.path / "postgres/data")
    assert any("/pg_wal/" in path for path in found)
    assert any("/base/" in path for path in found)
