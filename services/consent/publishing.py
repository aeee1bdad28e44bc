"""From a purpose or notice on the wire to a catalogue of one, and back. What it must say is checked where all catalogues are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from entente.consent.v1 import catalog_service_pb2, purpose_pb2

from consent.domain.catalogue import Catalogue
from consent.domain.purpose import LegalBasis, Minors, Notice, Purpose, Wording
from services.consent.catalogue_fields import lines_of
from services.consent.parsing import Faults, read_uuid

_BASES: Final[Mapping[int, LegalBasis]] = {purpose_pb2.LegalBasis.Value(f"LEGAL_BASIS_{basis.name}"): basis for basis in LegalBasis}
_MINORS: Final[Mapping[int, Minors]] = {purpose_pb2.Minors.Value(f"MINORS_{minors.name}"): minors for minors in Minors}
_BASIS_ON_THE_WIRE: Final = {basis: number for number, basis in _BASES.items()}
_MINORS_ON_THE_WIRE: Final = {minors: number for number, minors in _MINORS.items()}


def publish_purpose(message: catalog_service_pb2.PublishPurposeRequest) -> Catalogue:
    """Read a ``PublishPurpose`` request."""
    faults, said = Faults(), message.purpose
    faults.require(holds=message.HasField("purpose"), field="purpose", description="required")
    read_uuid(message.request_id, "request_id", faults)
    basis = faults.chosen(_BASES, said.legal_basis, "purpose.legal_basis")
    minors = faults.chosen(_MINORS, said.minors, "purpose.minors")
    for field in ("attributes", "recipients", "channels", "obligations"):
        given = list(getattr(said, field))
        faults.require(holds=len(set(given)) == len(given), field=f"purpose.{field}", description="each once")
    faults.tell()
    purpose = Purpose(
        purpose_id=said.purpose_id,
        version=said.version,
        basis=basis,
        title=Wording(dict(said.title)),
        description=Wording(dict(said.description)),
        attributes=frozenset(said.attributes),
        recipients=frozenset(said.recipients),
        channels=frozenset(said.channels),
        retention=said.retention,
        law=said.law,
        notice=said.notice_id,
        compatible=said.compatible,
        valid_days=said.valid_days or None,
        minors=minors,
        prospecting=said.prospecting,
        signal=said.signal,
        obligations=tuple(said.obligations),
        soft_opt_in=said.soft_opt_in,
    )
    return Catalogue(purposes=(purpose,), filename="purpose", lines=lines_of("purpose", said.purpose_id))


def publish_notice(message: catalog_service_pb2.PublishNoticeRequest) -> Catalogue:
    """Read a ``PublishNotice`` request."""
    faults, said = Faults(), message.notice
    faults.require(holds=message.HasField("notice"), field="notice", description="required")
    read_uuid(message.request_id, "request_id", faults)
    faults.require(holds=not said.digest, field="notice.digest", description="made by the service: leave it out")
    faults.tell()
    notice = Notice(notice_id=said.notice_id, version=said.version, text=Wording(dict(said.text)), compatible=said.compatible)
    return Catalogue(notices=(notice,), filename="notice", lines=lines_of("notice", said.notice_id))


def purpose_message(purpose: Purpose) -> purpose_pb2.Purpose:
    """Render a purpose version."""
    return purpose_pb2.Purpose(
        purpose_id=purpose.purpose_id,
        version=purpose.version,
        legal_basis=purpose_pb2.LegalBasis.ValueType(_BASIS_ON_THE_WIRE[purpose.basis]),
        title=purpose.title.texts,
        description=purpose.description.texts,
        attributes=sorted(purpose.attributes),
        recipients=sorted(purpose.recipients),
        channels=sorted(purpose.channels),
        retention=purpose.retention,
        law=purpose.law,
        notice_id=purpose.notice,
        compatible=purpose.compatible,
        valid_days=purpose.valid_days or 0,
        minors=purpose_pb2.Minors.ValueType(_MINORS_ON_THE_WIRE[purpose.minors]),
        prospecting=purpose.prospecting,
        signal=purpose.signal,
        obligations=purpose.obligations,
        soft_opt_in=purpose.soft_opt_in,
    )


def notice_message(notice: Notice) -> purpose_pb2.Notice:
    """Render a notice version."""
    return purpose_pb2.Notice(
        notice_id=notice.notice_id,
        version=notice.version,
        text=notice.text.texts,
        compatible=notice.compatible,
        digest=notice.digest,
    )
