"""Where a fault of a catalogue stands in a request.

A catalogue file has lines, a message has numbered fields: the number of a field stands for the line, so that faults of both are found
by the same rules and told where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from entente.consent.v1 import purpose_pb2
from google.protobuf.descriptor import Descriptor

from consent.domain.catalogue import Place

_KINDS: Final[Mapping[str, tuple[str, Descriptor]]] = {
    "purpose": ("purposes", purpose_pb2.Purpose.DESCRIPTOR),
    "notice": ("notices", purpose_pb2.Notice.DESCRIPTOR),
}
_IN_THE_DOMAIN: Final = {"legal_basis": "basis", "notice_id": "notice"}
"""Fields that the domain names otherwise (``notice_id`` of a purpose; of a notice it is its name, and stands for the whole)."""


def lines_of(kind: str, name: str) -> dict[Place, int]:
    """Return the field number for each place of a ``purpose`` or ``notice`` of this name."""
    table, descriptor = _KINDS[kind]
    return {(table, name, _IN_THE_DOMAIN.get(field.name, field.name)): field.number for field in descriptor.fields}


def field_of_line(kind: str, number: int) -> str:
    """Return the path of a field in the request; of the message as a whole where no field is concerned."""
    _table, descriptor = _KINDS.get(kind, ("", None))
    field = descriptor.fields_by_number.get(number) if descriptor is not None else None
    return f"{kind}.{field.name}" if field is not None else kind
