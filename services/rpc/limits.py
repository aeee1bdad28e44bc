"""How much of everything one server takes. Each number says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one server process."""

    message_bytes: int = 4 << 20
    """The largest request: 2,000 records of 2 KB. A larger one is refused by its declared length, before it is read."""

    metadata_bytes: int = 8 << 10
    """The largest metadata of a call; beyond, the call is refused."""

    deadline_seconds: float = 60.0
    """The longest time any call is given, whatever its own deadline."""

    calls: int = 512
    """Calls in flight in this process; beyond, gRPC answers RESOURCE_EXHAUSTED at once."""

    calls_per_caller: int = 64
    """Calls in flight of one caller, so that one cannot starve the others."""

    stream_seconds: float = 3600.0
    """The longest time an answer of many messages goes on; its reader resumes. As long as a connection may live."""

    streams_per_caller: int = 16
    """Answers of many messages in flight of one caller, apart from its calls: those who listen do not keep it from asking."""

    write_seconds: float = 10.0
    """The time a reader has to take one message of many; one that takes none holds a place for nothing."""

    streams_per_connection: int = 100
    """Calls in flight on one connection (HTTP/2 bounds what one socket can ask)."""

    handshake_seconds: float = 5.0
    """A client that does not finish its TLS handshake in this time is dropped (slow clients hold sockets)."""

    idle_seconds: float = 300.0
    """A connection without calls is closed after this time."""

    connection_seconds: float = 3600.0
    """A connection is closed after this time: a certificate is only looked at when a connection is made."""

    ping_seconds: float = 10.0
    """A client that pings more often than this, without calls, is cut off (ping floods)."""

    drain_seconds: float = 10.0
    """Time that running calls get to finish when the server stops."""

    def channel_arguments(self) -> Sequence[tuple[str, int]]:
        """Return the limits that the gRPC library itself enforces, by its option names."""
        return [
            ("grpc.max_receive_message_length", self.message_bytes),
            ("grpc.max_metadata_size", self.metadata_bytes),
            ("grpc.absolute_max_metadata_size", 2 * self.metadata_bytes),
            ("grpc.max_concurrent_streams", self.streams_per_connection),
            ("grpc.server_handshake_timeout_ms", int(self.handshake_seconds * 1000)),
            ("grpc.max_connection_idle_ms", int(self.idle_seconds * 1000)),
            ("grpc.max_connection_age_ms", int(self.connection_seconds * 1000)),
            ("grpc.max_connection_age_grace_ms", int(self.deadline_seconds * 1000)),
            ("grpc.http2.min_ping_interval_without_data_ms", int(self.ping_seconds * 1000)),
            ("grpc.http2.max_ping_strikes", 2),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
            ("grpc.so_reuseport", 1),
        ]
