"""Makes the golden receipts in ``receipts/``, under a key that everybody knows (RFC 8037, A.1): ``python -m tests.vectors.make_receipts``.

What a published version wrote must verify for ever. A file here is changed by a new format only, which gets a new number.
"""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from consent.adapters.receipts import PublicKeySet, ReceiptKey
from consent.domain.anchor import Anchor
from consent.domain.event import Actor, Assurance, ConsentEvent, EventKind, Method, NoticeShown
from consent.domain.purpose import LegalBasis, Published, Purpose, Wording
from consent.domain.receipt import Controller, receipt_of
from consent.domain.signed_receipt import write_receipt

FOLDER = Path(__file__).parent / "receipts"
KEY = ReceiptKey(bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
STRANGER = ReceiptKey(bytes(range(32)))
US = Controller("Exemple SA, 1 rue des Lilas, 75001 Paris", "dpo@exemple.example", "https://exemple.example/mes-choix")
SUBJECT = "s1_mfzwizlsmvzgk43uebuxg43pnvswizjz"
OFFERS = Purpose(
    purpose_id="offers-email",
    version=3,
    basis=LegalBasis.CONSENT,
    title=Wording({"fr": "Offres par courriel", "en": "Offers by e-mail"}),
    description=Wording({"fr": "Vous écrire nos offres, d'après vos achats.", "en": "To write our offers to you, by what you bought."}),
    attributes=frozenset({"email", "given_name", "family_name", "x_last_purchase"}),
    recipients=frozenset({"offers-team"}),
    channels=frozenset({"email"}),
    retention="P3Y",
    law="CPCE L34-5",
    notice="offers",
    valid_days=1096,
    prospecting=True,
)
POST = Purpose(
    purpose_id="offers-post",
    version=1,
    basis=LegalBasis.LEGITIMATE_INTEREST,
    title=Wording({"fr": "Offres par courrier", "en": "Offers by post"}),
    description=Wording({"fr": "Vous envoyer nos offres.", "en": "To send you our offers."}),
    attributes=frozenset({"full_name", "address"}),
    recipients=frozenset({"offers-team"}),
    channels=frozenset({"post"}),
    retention="P3Y",
    law="RGPD 21(2)",
    prospecting=True,
)
PUBLISHED = Published({"offers-email": (OFFERS,), "offers-post": (POST,)})


def _event(number: int, kind: EventKind, purpose: Purpose | None, **more: object) -> ConsentEvent:
    at = datetime(2026, 11, 23, 9, 14, 5, 123456, tzinfo=UTC)
    return ConsentEvent(
        event_id=UUID(int=0x0199D9C2_6D1E_7C3A_9F10_3F0A5B7C1D00 + number),
        anchor=Anchor("crm", bytes(16)),
        kind=kind,
        purpose=purpose.purpose_id if purpose else None,
        purpose_version=purpose.version if purpose else None,
        expressed_at=at,
        recorded_at=at.replace(second=7, microsecond=0),
        revision=number,
        **more,  # type: ignore[arg-type]  # the fields are named below
    )


def vectors() -> dict[str, bytes]:
    """Return every file by its name."""
    notice = NoticeShown("offers", 2, "fr", bytes(range(32)))
    given = _event(1, EventKind.GIVEN, OFFERS, method=Method.PORTAL, assurance=Assurance.ACCOUNT, notice=notice, channel="email")
    events = {
        "given": given,
        "guardian": _event(2, EventKind.GIVEN, OFFERS, actor=Actor.GUARDIAN, notice=notice),
        "withdrawn-all": _event(3, EventKind.WITHDRAWN, None, method=Method.LINK),
        "objected": _event(4, EventKind.OBJECTED, POST, actor=Actor.AGENT, method=Method.PHONE),
        "erased": _event(5, EventKind.ERASED, None, actor=Actor.SYSTEM),
        "lifted": _event(6, EventKind.LIFTED, POST, concerns=UUID(int=0x0199D9C2_6D1E_7C3A_9F10_3F0A5B7C1D04)),
    }
    receipts = {name: receipt_of(event, PUBLISHED, subject=SUBJECT, controller=US) for name, event in events.items()}
    made = {f"valid-{name}.json": write_receipt(receipt, KEY.key_id, KEY.sign) for name, receipt in receipts.items()}
    whole = made["valid-given.json"]
    more = receipts["given"] | {"dct:title": "more"}
    return made | {
        "invalid-altered.json": whole.replace(b"dpv:ConsentGiven", b"dpv:ConsentGivem"),
        "invalid-stranger.json": write_receipt(receipts["given"], STRANGER.key_id, STRANGER.sign),
        "invalid-impostor.json": write_receipt(receipts["given"], KEY.key_id, STRANGER.sign),
        "invalid-not-canonical.json": whole + b"\n",
        "invalid-profile.json": write_receipt(more, KEY.key_id, KEY.sign),
        "keys.json": PublicKeySet([KEY.public]).jwks(),
    }


def main() -> None:
    """Write the files that are not there; one that is there and differs is not touched."""
    for name, content in vectors().items():
        path = FOLDER / name
        if not path.exists():
            path.write_bytes(content)


if __name__ == "__main__":
    main()
