"""Receipts: what one event says, as a record that the person keeps (ISO/IEC TS 27560, as mapped by the W3C DPVCG guide).

Rules
- A pure function of the event, the versions published when it was expressed, who is in charge, and the opaque name of the anchor: the
  same for the same, so that a receipt asked for twice is one receipt.
- Nothing that tells who the person is: no identifier, no evidence, no MAC under which anything is stored.
- The purpose and the notice are those of the time, not the newest: a receipt proves what was said then.
- What is not known is said to be unknown (where data are stored), and never made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, TypeAlias
from uuid import UUID, uuid5

from consent.domain.errors import ConsentError, Reason
from consent.domain.event import GRANTS, Actor, ConsentEvent, EventKind
from consent.domain.fold import ends
from consent.domain.purpose import LegalBasis, Published, Purpose, Wording
from consent.domain.receipt_terms import BASES, CONTEXT, EXERCISED, STATUSES, category, rights

Json: TypeAlias = dict[str, Any]

RECORD_PROFILE: Final = "dpv-27560:record-eu-gdpr"
RECEIPT_PROFILE: Final = "dpv-27560:receipt-eu-gdpr"
_RECEIPTS: Final = UUID("6f0f3a52-8d0c-5a43-9d3b-5a3a0f7f2c11")  # names receipts after events; any fixed UUID does (RFC 9562, 5.5)


@dataclass(frozen=True, slots=True)
class Controller:
    """Who is in charge of the data and answers for it; ``choices`` is where a person changes their mind, a URL or a place in words.

    ``name`` has the postal address with it. What is empty is left out of receipts.
    """

    name: str = ""
    contact: str = ""
    choices: str = ""
    country: str = "FR"


def receipt_of(event: ConsentEvent, published: Published, *, subject: str, controller: Controller) -> Json:
    """Return the receipt of an event as JSON-LD; ``subject`` is the opaque name of its anchor.

    Raises:
        ConsentError: ``PURPOSE_NOT_FOUND`` if the version of the purpose that the event is about was never published.
    """
    receipt_id = uuid5(_RECEIPTS, str(event.event_id))
    return {
        "@context": dict(CONTEXT),
        "@id": f"urn:uuid:{receipt_id}",
        "@type": "dpv:ConsentReceipt",
        "dct:conformsTo": {"@id": RECEIPT_PROFILE},
        "dct:created": _instant(event.recorded_at),
        "dct:identifier": str(receipt_id),
        "dpv:hasRecordOfActivity": _record(event, _purpose(event, published), subject, controller),
    }


def _purpose(event: ConsentEvent, published: Published) -> Purpose | None:
    if event.purpose is None:
        return None
    versions = published.purposes.get(event.purpose, ())
    found = next((version for version in versions if version.version == event.purpose_version), None)
    if found is None:
        raise ConsentError(Reason.PURPOSE_NOT_FOUND)
    return found


def _record(event: ConsentEvent, purpose: Purpose | None, subject: str, controller: Controller) -> Json:
    basis = purpose.basis if purpose else None
    person = {"@id": f"ent:subject/{subject}", "@type": "dpv:DataSubject"}
    record: Json = {
        "@id": f"urn:uuid:{event.event_id}",
        "@type": "dpv:RightExerciseRecord" if event.kind in EXERCISED else "dpv:ConsentRecord",
        "dct:conformsTo": {"@id": RECORD_PROFILE},
        "dct:created": _instant(event.recorded_at),
        "dct:identifier": str(event.event_id),
        "dpv:hasDataController": _controller(controller),
        "dpv:hasDataSubject": person,
        "dpv:hasJurisdiction": {"@id": f"loc:{controller.country}"},
        "dpv:hasProcess": _process(event, purpose),
        "dpv:hasRight": [{"@id": right} for right in rights(basis)],
        "ent:assurance": event.assurance.name.lower(),
        "ent:event": event.kind.value,
        "ent:source": event.anchor.source,
    }
    said = _indicated(event, person)
    if event.kind in EXERCISED:
        done = "dpv:ActivityHalted" if event.kind is EventKind.LIFTED else "dpv:ActivityCompleted"
        exercised = [{"@id": right} for right in EXERCISED[event.kind]]
        record["dct:hasPart"] = {
            "@type": "dpv:RightExerciseActivity",
            "dpv:hasActivityStatus": {"@id": done},
            "dpv:hasRight": exercised,
            **said,
        }
    else:
        record["dpv:hasConsentStatus"] = {"@type": STATUSES[event.kind], **said, **_validity(event, purpose)}
    if basis in {None, LegalBasis.CONSENT}:
        record["dpv:hasConsentControl"] = {"@type": "dpv:WithdrawConsent", "dpv:isExercisedAt": _choices(controller)}
    else:
        record["dpv:isExercisedAt"] = _choices(controller)
    if event.notice is not None:
        record["dpv:hasNotice"] = {
            "@id": f"ent:notice/{event.notice.notice}/{event.notice.version}",
            "@type": "dpv:ConsentNotice" if basis is LegalBasis.CONSENT else "dpv:PrivacyNotice",
            "dct:language": event.notice.language,
            "ent:sha256": event.notice.digest.hex(),
            "ent:version": event.notice.version,
        }
    if event.concerns is not None:
        record["ent:concerns"] = {"@id": f"urn:uuid:{event.concerns}"}
    return record


def _process(event: ConsentEvent, purpose: Purpose | None) -> Json:
    """What the event is about; every purpose there is, if it names none."""
    if purpose is None:
        return {"@type": "dpv:Process", "ent:everyPurpose": True, **_narrowed(event)}
    categories: dict[str, list[str]] = {}
    for attribute in sorted(purpose.attributes):
        categories.setdefault(category(attribute), []).append(attribute)
    return {
        "@type": "dpv:Process",
        "dpv:hasLegalBasis": {"@id": BASES[purpose.basis]},
        "dpv:hasPersonalData": [{"@type": kind, "ent:attribute": names} for kind, names in sorted(categories.items())],
        "dpv:hasPurpose": {
            "@id": f"ent:purpose/{purpose.purpose_id}/{purpose.version}",
            "@type": "dpv:Marketing" if purpose.prospecting else "dpv:Purpose",
            "dct:description": _texts(purpose.description),
            "dct:identifier": purpose.purpose_id,
            "dct:title": _texts(purpose.title),
            "ent:version": purpose.version,
        },
        "dpv:hasRecipient": [_recipient(name) for name in ([event.recipient] if event.recipient else sorted(purpose.recipients))],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageDuration", "dpv:hasDuration": _lasting(purpose.retention)},
            {"@type": "dpv:StorageLocation", "dpv:hasApplicability": {"@id": "dpv:UnknownApplicability"}},
        ],
        "ent:channel": [event.channel] if event.channel else sorted(purpose.channels),
        "ent:law": purpose.law,
    }


def _narrowed(event: ConsentEvent) -> Json:
    """The channel and the recipient that an event for every purpose names, if it does."""
    said: Json = {}
    if event.recipient:
        said["dpv:hasRecipient"] = [_recipient(event.recipient)]
    if event.channel:
        said["ent:channel"] = [event.channel]
    return said


def _recipient(name: str) -> Json:
    return {"@type": "dpv:Recipient", "dct:identifier": name}


def _indicated(event: ConsentEvent, person: Json) -> Json:
    by: Json
    match event.actor:
        case Actor.SELF:
            by = {"@id": person["@id"]}
        case Actor.GUARDIAN:
            by = {"@type": "dpv:GuardianOfDataSubject"}
        case Actor.AGENT | Actor.SYSTEM:
            by = {"@id": "ent:controller"}
    return {
        "dpv:hasIndicationMethod": event.method.value,
        "dpv:isIndicatedAtTime": _instant(event.expressed_at),
        "dpv:isIndicatedBy": by,
        "ent:actor": event.actor.value,
    }


def _validity(event: ConsentEvent, purpose: Purpose | None) -> Json:
    """Until when a permission is valid by itself; without a term it is until it is taken back, which needs no word."""
    until = ends(event, purpose) if event.kind in GRANTS and purpose else None
    return {"dpv:hasDuration": {"@type": "dpv:UntilTimeDuration", "rdf:value": _instant(until)}} if until else {}


def _controller(controller: Controller) -> Json:
    said = {"dpv:hasContact": controller.contact, "dpv:hasName": controller.name}
    return {"@id": "ent:controller", "@type": "dpv:DataController", **{key: value for key, value in said.items() if value}}


def _choices(controller: Controller) -> object:
    if controller.choices.startswith(("https://", "http://")):
        return {"@id": controller.choices}
    return controller.choices or _texts(Wording({"fr": "la page « Mes choix »", "en": 'the page "My choices"'}))


def _texts(wording: Wording) -> list[Mapping[str, str]]:
    return [{"@language": language, "@value": text} for language, text in sorted(wording.texts.items())]


def _lasting(duration: str) -> Json:
    return {"@type": "dpv:TemporalDuration", "rdf:value": {"@type": "xsd:duration", "@value": duration}}


def _instant(at: datetime) -> Json:
    return {"@type": "xsd:dateTime", "@value": at.astimezone(UTC).isoformat().replace("+00:00", "Z")}
