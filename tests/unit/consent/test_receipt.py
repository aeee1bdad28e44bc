"""Receipts: what they say, and that nothing passes but what was signed."""

import json
from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import timedelta, timezone
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import OKPKey
from pyld import jsonld

from consent.adapters.macs import HmacPseudonyms
from consent.adapters.receipts import KeySetError, PublicKeySet, ReceiptKey, SignedReceipts, check_profile
from consent.adapters.receipts.issuer import READER
from consent.adapters.receipts.profile import schema
from consent.adapters.starter_catalogue import starter_catalogue
from consent.domain.attributes import CANONICAL
from consent.domain.errors import ConsentError, Reason
from consent.domain.event import Actor, Assurance, EventKind, Method, NoticeShown
from consent.domain.purpose import LegalBasis, Published
from consent.domain.receipt import Controller, receipt_of
from consent.domain.receipt_terms import BASES, CONTEXT, EXERCISED, STATUSES, category, rights
from consent.domain.signed_receipt import LARGEST, verify_receipt, write_receipt
from services.rpc.caller import NAME
from tests.unit.consent.consenting import A, B, day, event, published, purpose
from tests.vectors.make_receipts import vectors

KEY = ReceiptKey(bytes(range(32)))
OTHER = ReceiptKey(bytes(range(1, 33)))
KEYS = PublicKeySet([KEY.public])
PSEUDONYMS = HmacPseudonyms(b"k" * 32)
US = Controller("Exemple SA, 1 rue des Lilas, 75001 Paris", "dpo@exemple.example", "https://exemple.example/mes-choix")
NOTICE = NoticeShown("offers", 1, "fr", bytes(32))
VECTORS = Path(__file__).parents[2] / "vectors" / "receipts"

EVENTS = st.builds(
    event,
    st.sampled_from(EventKind),
    st.floats(0, 3000, allow_nan=False),
    st.sampled_from([A, B]),
    channel=st.sampled_from([None, "email"]),
    recipient=st.sampled_from([None, "crm"]),
    method=st.sampled_from(Method),
    actor=st.sampled_from(Actor),
    assurance=st.sampled_from(Assurance),
    notice=st.sampled_from([None, NOTICE]),
    valid_until=st.sampled_from([None, day(4000)]),
    evidence=st.just("dossier 4711"),
    concerns=st.sampled_from([None, event(EventKind.GIVEN, 0).event_id]),
)
PURPOSES = st.builds(purpose, st.sampled_from(LegalBasis), valid_days=st.sampled_from([None, 365]), prospecting=st.booleans())


def issued(about=None, versions=None, controller=US):
    about = about or event(EventKind.GIVEN, 1, notice=NOTICE)
    return SignedReceipts(KEY, PSEUDONYMS, controller).issue(about, versions or published()).document


def record_of(about, versions=None, controller=US):
    return verify_receipt(issued(about, versions, controller), KEYS, check_profile).record


def refusal(document, keys=KEYS):
    with pytest.raises(ConsentError) as caught:
        verify_receipt(document, keys, check_profile)
    return str(caught.value)


ALTERED = str(ConsentError(Reason.RECEIPT_INVALID, fault="altered"))


# What a receipt says


@settings(max_examples=200, deadline=None)
@given(EVENTS, PURPOSES, st.booleans(), st.sampled_from([US, Controller()]))
def test_every_event_gives_a_receipt_of_the_profile_that_verifies(about, version, everything, controller):
    if everything:
        about = replace(about, purpose=None, purpose_version=None)
    document = issued(about, Published({"offers": (version,)}), controller)
    assert verify_receipt(document, KEYS, check_profile).record["dct:identifier"] == str(about.event_id)
    assert document == issued(about, Published({"offers": (version,)}), controller)


@pytest.mark.parametrize("version", starter_catalogue().purposes, ids=lambda version: version.purpose_id)
def test_every_purpose_of_the_starter_catalogue_gives_receipts_of_the_profile(version):
    for kind in EventKind:
        about = event(kind, 1, purpose=version.purpose_id, purpose_version=version.version, notice=NOTICE)
        assert record_of(about, Published({version.purpose_id: (version,)}))["ent:event"] == kind.value


def test_a_receipt_says_all_that_27560_asks_of_a_consent():
    record = record_of(event(EventKind.GIVEN, 1, notice=NOTICE, channel="email"), published(purpose(valid_days=365)))
    process = record["dpv:hasProcess"]
    assert process["dpv:hasPurpose"]["dct:title"] == [
        {"@language": "en", "@value": "Offers by e-mail"},
        {"@language": "fr", "@value": "Offres par courriel"},
    ]
    assert process["dpv:hasLegalBasis"] == {"@id": "eu-gdpr:A6-1-a"}
    assert process["dpv:hasPersonalData"] == [
        {"@type": "pd:EmailAddress", "ent:attribute": ["email"]},
        {"@type": "pd:Name", "ent:attribute": ["given_name"]},
    ]
    assert [one["dct:identifier"] for one in process["dpv:hasRecipient"]] == ["crm", "marketing"]
    assert process["dpv:hasStorageCondition"][0]["dpv:hasDuration"]["rdf:value"]["@value"] == "P36M"
    assert process["ent:channel"] == ["email"]
    assert record["dpv:hasNotice"]["ent:sha256"] == "00" * 32
    assert record["dpv:hasNotice"]["dct:language"] == "fr"
    assert {"@id": "eu-gdpr:A7-3"} in record["dpv:hasRight"]
    assert record["dpv:hasConsentControl"]["dpv:isExercisedAt"] == {"@id": "https://exemple.example/mes-choix"}
    status = record["dpv:hasConsentStatus"]
    assert status["@type"] == "dpv:ConsentGiven"
    assert status["dpv:isIndicatedAtTime"]["@value"] == "2026-01-02T00:00:00Z"
    assert status["dpv:hasDuration"]["rdf:value"]["@value"] == "2027-01-02T00:00:00Z"
    assert record["dpv:hasDataController"]["dpv:hasName"].startswith("Exemple SA")


def test_a_receipt_speaks_of_the_version_of_its_time():
    versions = published(purpose(), replace(purpose(version=2), retention="P1Y"))
    assert record_of(event(EventKind.GIVEN, 1), versions)["dpv:hasProcess"]["dpv:hasPurpose"]["ent:version"] == 1
    with pytest.raises(ConsentError) as caught:
        issued(event(EventKind.GIVEN, 1, purpose_version=7), versions)
    assert caught.value.reason is Reason.PURPOSE_NOT_FOUND


@pytest.mark.parametrize("kind", EXERCISED)
def test_a_right_that_is_exercised_is_no_status_of_consent(kind):
    record = record_of(event(kind, 1, purpose=None, purpose_version=None))
    assert record["@type"] == "dpv:RightExerciseRecord"
    assert "dpv:hasConsentStatus" not in record
    assert [right["@id"] for right in record["dct:hasPart"]["dpv:hasRight"]] == list(EXERCISED[kind])


def test_a_time_is_told_in_utc_whatever_zone_it_came_in():
    east = event(EventKind.GIVEN, 1)
    east = replace(east, expressed_at=east.expressed_at.astimezone(timezone(timedelta(hours=2))))
    assert record_of(east)["dpv:hasConsentStatus"]["dpv:isIndicatedAtTime"]["@value"] == "2026-01-02T00:00:00Z"


def test_a_receipt_tells_nothing_of_who_the_person_is():
    about = event(EventKind.GIVEN, 1, evidence="dossier 4711", notice=NOTICE)
    document = issued(about)
    for known in (about.anchor.mac.hex().encode(), urlsafe_b64encode(about.anchor.mac), about.evidence.encode()):
        assert known not in document
    assert record_of(about)["dpv:hasDataSubject"]["@id"] == "ent:subject/" + PSEUDONYMS.pseudonym(READER, A)
    assert not NAME.fullmatch(READER), "a caller of that name could join receipts with its answers"


def test_each_kind_each_ground_and_each_attribute_has_its_term():
    assert STATUSES.keys() | EXERCISED.keys() == set(EventKind)
    assert not STATUSES.keys() & EXERCISED.keys()
    assert set(BASES) == set(LegalBasis)
    assert {name for name in CANONICAL if category(name) == "dpv:PersonalData"} == set()
    assert category("x_shoe_size") == "dpv:PersonalData"
    assert "eu-gdpr:A21" not in rights(LegalBasis.CONSENT)


def test_schema_and_builder_know_the_same_words():
    """The schema is written out, so that others can use it alone; here is what holds the two together."""
    said = set(terms(schema()))
    used = {*STATUSES.values(), *BASES.values(), *rights(None), *(category(name) for name in (*CANONICAL, "x_a"))}
    used |= {right for exercised in EXERCISED.values() for right in exercised}
    assert used <= said
    assert schema()["properties"]["@context"]["const"] == dict(CONTEXT)


# Terms


def terms(node):
    """Every compact name in a document: keys, types and references."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key
            yield from terms(value)
    elif isinstance(node, list):
        for value in node:
            yield from terms(value)
    elif isinstance(node, str):
        yield node


def test_only_terms_that_dpv_has_are_used_under_its_prefixes():
    known = set((VECTORS / "dpv-2.3-terms.txt").read_text("ascii").split())
    prefixes = ("dpv:", "pd:", "eu-gdpr:", "dpv-27560:", "loc:")
    used = {term for term in terms(schema()) if term.startswith(prefixes)}
    assert used
    assert used <= known
    documents = [receipt_of(event(kind, 1, notice=NOTICE), published(), subject="s1_a", controller=US) for kind in EventKind]
    assert {term for document in documents for term in terms(document) if term.startswith(prefixes)} <= known


def test_a_receipt_expands_without_a_network_and_loses_nothing():
    def refuse(url, options):
        raise AssertionError(f"fetches {url}")

    receipt = json.loads(issued())["receipt"]
    (expanded,) = jsonld.expand(receipt, {"documentLoader": refuse})
    assert expanded["@type"] == ["https://w3id.org/dpv#ConsentReceipt"]
    compacted = jsonld.compact(expanded, receipt["@context"], {"documentLoader": refuse})
    assert set(terms(receipt)) <= set(terms(compacted)) | {"@context"}
    quads = jsonld.to_rdf(receipt, {"documentLoader": refuse})["@default"]
    assert len(quads) > 50
    assert all("://" in quad["predicate"]["value"] for quad in quads)


# What passes, and what does not


def test_another_library_verifies_the_signature():
    document = json.loads(issued())
    header, signature = document["jws"].split("..")
    content = urlsafe_b64encode(rfc8785.dumps(document["receipt"])).decode().rstrip("=")
    key = OKPKey.import_key(json.loads(KEYS.jwks())["keys"][0])
    with pytest.warns(SecurityWarning, match="RFC 9864"):  # which names the same algorithm anew
        assert jws.deserialize_compact(f"{header}.{content}.{signature}", key, algorithms=["EdDSA"])


def test_every_flipped_bit_is_refused_with_one_and_the_same_error():
    document = issued()
    for bit in range(len(document) * 8):
        flipped = bytearray(document)
        flipped[bit // 8] ^= 1 << bit % 8
        assert refusal(bytes(flipped)) == ALTERED, f"bit {bit}"


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_what_is_cut_repeated_or_put_in_is_refused_with_the_same_error(data):
    document = issued()
    start, end = sorted((data.draw(st.integers(0, len(document))), data.draw(st.integers(0, len(document)))))
    other = document[:start] + data.draw(st.binary(max_size=8)) + document[end:]
    if other != document:
        assert refusal(other) == ALTERED


@pytest.mark.parametrize(
    "document",
    [b"", b"null", b"[]", b"{}", b"\xff", b'"\\ud800"', b"[" * 100_000, b"NaN", b"1e999", b" " * (LARGEST + 1), b"1" * 5000],
    ids=["empty", "null", "list", "object", "no-utf8", "half-a-character", "deep", "nan", "infinite", "long", "digits"],
)
def test_what_is_no_receipt_at_all_is_refused_with_the_same_error(document):
    assert refusal(document) == ALTERED


def changed(**members):
    return rfc8785.dumps(json.loads(issued()) | members)


@pytest.mark.parametrize(
    "members",
    [
        {"checkpoint": "forged"},
        {"inclusion_proof": {"leaf_index": 0}},
        {"format": "entente receipt 2"},
        {"more": None},
        {"jws": None},
        {"jws": "a..b"},
        {"jws": ".."},
        {"jws": "e30..AAAA"},
        {"receipt": None},
        {"receipt": "\x00"},
    ],
    ids=str,
)
def test_a_canonical_file_with_another_member_is_refused(members):
    assert refusal(changed(**members)) == ALTERED


def with_header(**said):
    """A receipt whose header says something else, signed with our own key over exactly that."""
    header = urlsafe_b64encode(rfc8785.dumps(said)).decode().rstrip("=")
    receipt = json.loads(issued())["receipt"]
    content = urlsafe_b64encode(rfc8785.dumps(receipt)).decode().rstrip("=")
    signature = urlsafe_b64encode(KEY.sign(f"{header}.{content}".encode())).decode().rstrip("=")
    return changed(jws=f"{header}..{signature}")


def test_a_header_that_says_anything_else_is_refused_though_our_key_signed_it():
    ours = {"alg": "EdDSA", "kid": KEY.key_id, "typ": "entente-receipt+jws"}
    assert verify_receipt(with_header(**ours), KEYS, check_profile)
    for other in (
        {"alg": "none"},
        {"alg": "HS256"},
        {"typ": "JWT"},
        {"kid": OTHER.key_id},
        {"kid": None},
        {"kid": "\x00"},
        {"crit": ["b64"]},
    ):
        assert refusal(with_header(**(ours | other))) == ALTERED


@pytest.mark.parametrize(
    "header", [b"3", b'"kid"', b"[]", b'{"kid":"\\ud800"}', b'{"alg":"EdDSA","kid":"\\ud800","typ":"entente-receipt+jws"}', b"[" * 9999]
)
def test_a_header_that_is_none_is_refused_with_the_same_error(header):
    text = urlsafe_b64encode(header).decode().rstrip("=")
    assert refusal(changed(jws=f"{text}..{json.loads(issued())['jws'].split('..')[1]}")) == ALTERED


def test_a_signature_that_carries_the_content_too_is_refused():
    document = json.loads(issued())
    content = urlsafe_b64encode(rfc8785.dumps(document["receipt"])).decode().rstrip("=")
    assert refusal(changed(jws=document["jws"].replace("..", f".{content}."))) == ALTERED


def test_a_signature_is_written_in_one_way_only():
    """The last character of 64 bytes in base64url has four bits that say nothing."""
    document = json.loads(issued())
    jws_text = document["jws"]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for other in (letter for letter in last if letter != jws_text[-1]):
        assert refusal(changed(jws=jws_text[:-1] + other)) == ALTERED
    assert refusal(changed(jws=jws_text + "=")) == ALTERED
    assert refusal(changed(jws=jws_text + "\n")) == ALTERED


def test_a_file_in_another_form_is_refused_though_it_says_the_same():
    document = issued()
    for other in (
        document + b"\n",
        b"\xef\xbb\xbf" + document,
        json.dumps(json.loads(document)).encode(),
        document.decode().encode("utf-16"),
    ):
        assert refusal(other) == ALTERED


def test_another_key_or_none_is_refused_with_the_same_error():
    assert refusal(issued(), PublicKeySet([OTHER.public])) == ALTERED
    assert refusal(issued(), PublicKeySet(())) == ALTERED
    assert verify_receipt(issued(), PublicKeySet([OTHER.public, KEY.public]), check_profile).key_id == KEY.key_id


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda receipt: receipt.pop("dct:created"), "/"),
        (lambda receipt: receipt.update({"@type": "dpv:ConsentRecord"}), "/@type"),
        (lambda receipt: receipt["dpv:hasRecordOfActivity"].update({"email": "zoe@exemple.example"}), "/dpv:hasRecordOfActivity"),
        (
            lambda receipt: receipt["dpv:hasRecordOfActivity"]["dpv:hasConsentStatus"].update({"@type": "dpv:ConsentTerminated"}),
            "/dpv:hasRecordOfActivity/dpv:hasConsentStatus/@type",
        ),
        (lambda receipt: receipt["@context"].update({"dpv": "https://evil.example/#"}), "/@context"),
        (lambda receipt: receipt["dpv:hasRecordOfActivity"].pop("dpv:hasConsentStatus"), "/dpv:hasRecordOfActivity"),
    ],
    ids=["missing", "type", "more", "no-such-status", "context", "no-status"],
)
def test_what_is_signed_and_not_of_the_profile_is_refused_and_told_where(change, at):
    receipt = receipt_of(event(EventKind.GIVEN, 1), published(), subject="s1_a", controller=US)
    check_profile(receipt)
    change(receipt)
    document = write_receipt(receipt, KEY.key_id, KEY.sign)
    assert refusal(document) == str(ConsentError(Reason.RECEIPT_INVALID, fault="profile", at=at))
    assert "zoe" not in refusal(document)


# Key sets


def test_a_key_set_is_read_as_it_was_written():
    both = KEYS.joined(OTHER.public)
    assert PublicKeySet.from_jwks(both.jwks()).key_ids == both.key_ids == tuple(sorted((KEY.key_id, OTHER.key_id)))
    assert b'"d"' not in both.jwks()


def test_a_thumbprint_is_the_one_of_the_standard():
    """RFC 8037, A.1 and A.3."""
    private = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    assert ReceiptKey(bytes.fromhex(private)).key_id == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"


@pytest.mark.parametrize(
    "document",
    [b"", b"{}", b"[]", b'{"keys": []}', b'{"keys": [3]}', b"\xff", b"[" * 100_000, b" " * (1 << 21)],
    ids=["empty", "object", "list", "none", "number", "no-utf8", "deep", "long"],
)
def test_what_is_no_key_set_is_refused(document):
    with pytest.raises(KeySetError):
        PublicKeySet.from_jwks(document)


def test_a_key_that_is_not_the_one_it_is_named_spoils_the_set():
    named = json.loads(KEYS.jwks())
    named["keys"][0]["kid"] = OTHER.key_id
    with pytest.raises(KeySetError):
        PublicKeySet.from_jwks(json.dumps(named).encode())


def test_keys_of_other_kinds_are_passed_over():
    said = json.loads(KEYS.jwks())
    said["keys"].append({"kty": "RSA", "kid": "x", "n": "AQAB", "e": "AQAB"})
    assert PublicKeySet.from_jwks(json.dumps(said).encode()).key_ids == KEYS.key_ids


# Vectors


@pytest.mark.parametrize("path", sorted(VECTORS.glob("valid-*.json")), ids=lambda path: path.stem)
def test_a_receipt_of_an_earlier_version_still_verifies(path):
    keys = PublicKeySet.from_jwks((VECTORS / "keys.json").read_bytes())
    assert verify_receipt(path.read_bytes(), keys, check_profile)


@pytest.mark.parametrize("path", sorted(VECTORS.glob("invalid-*.json")), ids=lambda path: path.stem)
def test_a_receipt_that_never_verified_still_does_not(path):
    keys = PublicKeySet.from_jwks((VECTORS / "keys.json").read_bytes())
    assert refusal(path.read_bytes(), keys).startswith("RECEIPT_INVALID")


def test_the_vectors_are_what_their_script_makes():
    made = vectors()
    assert {path.name for path in VECTORS.glob("*.json")} == set(made)
    for name, content in made.items():
        assert (VECTORS / name).read_bytes() == content, f"{name}: a published form changed; give it a new number instead"
