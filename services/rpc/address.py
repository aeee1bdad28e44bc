"""Taking an address for several processes: refused if anybody else has it, then shared by our workers only."""

from __future__ import annotations

import socket
from dataclasses import dataclass


class PortTakenError(Exception):
    """The address cannot be had; ``address`` says which."""

    def __init__(self, address: str) -> None:
        self.address = address
        super().__init__(f"{address} is taken by another program; stop it, or choose another port with ENTENTE_PORT")


@dataclass(frozen=True, slots=True)
class Reservation:
    """An address held for our workers. It takes no connections itself; ``close`` it when they have stopped."""

    address: str
    port: int
    held: socket.socket

    def close(self) -> None:
        """Give the address up."""
        self.held.close()


def reserve(host: str, port: int) -> Reservation:
    """Reserve an address; port 0 picks a free one.

    The kernel lets any process of our user share a port once its holder asked for sharing (SO_REUSEPORT), so a first, unshared bind
    finds out whether somebody else listens there; without it a second server would quietly take half of the calls.

    Raises:
        PortTakenError: if the address cannot be had.
    """
    bare = host.strip("[]")
    shown = f"[{bare}]" if ":" in bare else bare
    try:
        family, kind, protocol, _name, place = socket.getaddrinfo(bare, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)
            taken = probe.getsockname()
        held = socket.socket(family, kind, protocol)
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(taken)
    except OSError:
        raise PortTakenError(f"{shown}:{port}") from None
    return Reservation(f"{shown}:{taken[1]}", int(taken[1]), held)
