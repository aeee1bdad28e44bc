"""Connections that abuse HTTP/2: the server cuts them or bounds them, and goes on serving others."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import suppress
from pathlib import Path

import pytest

from services.rpc.limits import Limits
from services.wiring.certificates import Pki
from tests.service.test_callers import ASK as QUESTION

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS, PING, HEADERS, DATA, RST_STREAM, GOAWAY = 4, 6, 1, 0, 3, 7
END_STREAM, END_HEADERS = 1, 4
ASK = {"purpose": "service", "recipient": "callcentre", "attributes": {"city": "Lyon"}}


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def header(name: bytes, value: bytes) -> bytes:
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def request_headers(path: bytes = b"/entente.identity.v1.ResolutionService/ResolveIdentity") -> bytes:
    pairs = ((b":method", b"POST"), (b":scheme", b"https"), (b":path", path), (b":authority", b"localhost"), (b"te", b"trailers"))
    return b"".join(header(*pair) for pair in (*pairs, (b"content-type", b"application/grpc"), (b"grpc-timeout", b"5S")))


async def open_raw(address: str, home: Path, alpn: str = "h2") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    host, port = address.rsplit(":", 1)
    files = Pki(home).client_files("callcentre")
    context = ssl.create_default_context(cafile=str(files.authority))
    context.load_cert_chain(files.certificate, files.key)
    context.set_alpn_protocols([alpn])
    return await asyncio.open_connection(host, int(port), ssl=context, server_hostname="localhost")


async def read_until_closed(reader: asyncio.StreamReader, seconds: float = 5.0) -> bytes | None:
    """Return what came before the connection was closed, or None if it was not."""
    heard = b""
    try:
        while chunk := await asyncio.wait_for(reader.read(65536), seconds):
            heard += chunk
    except TimeoutError:
        return None
    except OSError:
        pass
    return heard


async def serves(server) -> bool:
    async with server.as_("callcentre") as services:
        return bool((await services.resolution.resolve(**ASK)).resolution.pseudonym)


async def test_a_ping_flood_is_cut_off(server):
    reader, writer = await open_raw(server.address, server.home)
    writer.write(PREFACE + frame(SETTINGS, 0, 0) + frame(PING, 0, 0, b"12345678") * 50)
    heard = await read_until_closed(reader)
    writer.close()
    assert heard is not None, "the connection must be closed"
    assert b"too_many_pings" in heard
    assert await serves(server)


async def test_rapid_resets_leave_nothing_running_and_others_served(start):
    async with start(Limits(drain_seconds=0.2, calls=64)) as server:
        server.script.hangs = True
        reader, writer = await open_raw(server.address, server.home)
        writer.write(PREFACE + frame(SETTINGS, 0, 0))
        message = QUESTION.SerializeToString()
        body = b"\x00" + len(message).to_bytes(4, "big") + message
        for stream in range(1, 2001, 2):
            started = frame(HEADERS, END_HEADERS, stream, request_headers()) + frame(DATA, END_STREAM, stream, body)
            writer.write(started + frame(RST_STREAM, 0, stream, (8).to_bytes(4, "big")))
        with suppress(OSError):
            await writer.drain()
        await asyncio.sleep(0.3)
        server.script.hangs = False
        assert await asyncio.wait_for(serves(server), 10)
        writer.close()
        for _ in range(50):
            if not sum(server.rpc._gate._running.values()):
                break
            await asyncio.sleep(0.1)
        assert sum(server.rpc._gate._running.values()) == 0
        del reader


async def test_streams_beyond_the_connections_limit_are_refused(start):
    async with start(Limits(drain_seconds=0.2, streams_per_connection=4)) as server:
        server.script.hangs = True
        async with server.as_("callcentre", seconds=1.0) as services:
            calls = [asyncio.create_task(services.resolution.resolve(**ASK)) for _ in range(12)]
            await asyncio.sleep(0.5)
            assert len(server.script.asked) <= 4
            server.script.release.set()
            await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize(
    "bytes_sent",
    [
        b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
        PREFACE + b"\xff" * 64,
        PREFACE + frame(SETTINGS, 0, 0, b"\x00" * 5),
        PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff"),
        PREFACE + frame(SETTINGS, 0, 0) + frame(DATA, 0, 1, b"x"),
    ],
)
async def test_nonsense_ends_its_own_connection_only(server, bytes_sent):
    reader, writer = await open_raw(server.address, server.home)
    writer.write(bytes_sent)
    await read_until_closed(reader, 1.0)
    writer.close()
    assert await serves(server)
    assert len(server.script.asked) == 1


async def test_a_plain_text_client_gets_nothing(server):
    host, port = server.address.rsplit(":", 1)
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(PREFACE + frame(SETTINGS, 0, 0) + frame(HEADERS, END_HEADERS | END_STREAM, 1, request_headers()))
    heard = await read_until_closed(reader)
    writer.close()
    assert heard is not None
    assert b"grpc" not in heard
    assert server.script.asked == []


async def test_many_idle_connections_do_not_keep_others_out(server):
    held = [await open_raw(server.address, server.home) for _ in range(60)]
    assert await asyncio.wait_for(serves(server), 10)
    for _reader, writer in held:
        writer.close()
