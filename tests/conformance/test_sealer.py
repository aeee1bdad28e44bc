"""What every sealer promises; run over the real one and over the fake that tests use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import pytest

from identity.adapters.keyring import open_key_file
from identity.adapters.sealing import AesGcmSealer, mint_keys, open_keys
from identity.domain.attributes import Assurance, Attributes, ComparisonKind, StandardAttributes
from identity.domain.errors import IdentityError, Reason
from identity.domain.personal import Access, Personal
from identity.domain.source_record import IdentityId, RecordId, RecordRef, SealedVersion
from identity.domain.standardise import Standardiser
from identity.ports.sealer import RecordContent, Sealer
from tests.fakes.plain_sealer import PlainSealer

ACCESS = Access("tests")
ONE, OTHER = RecordId(UUID("01890000-0000-7000-8000-000000000001")), RecordId(UUID("01890000-0000-7000-8000-000000000101"))
ZOE = RecordContent(
    RecordRef("crm", "zoe@ente.example"),
    {"given_name": "Zoé", "family_name": "Œuvrard", "x_job": "Soudeuse\x00 \U0001f600"},
    {"given_name": "zoe", "family_name": "oeuvrard", "birth_date": None, "x_job": "soudeuse"},
    3,
    {"x_job": ComparisonKind.NAME},
    {"given_name": Assurance.VERIFIED},
    {"birth_date": "%d,%m;%Y\x1f"},
)


def upper(raw: Attributes, extras: Mapping[str, ComparisonKind], formats: Mapping[str, str]) -> StandardAttributes:
    """Shows what it was given."""
    return {name: f"{value.upper()} {extras.get(name)} {formats.get('birth_date')}" for name, value in raw.items()}


RUNNING = Standardiser(3, lambda records: [upper(*given) for given in records])
TAGS = (1, -(2**63), 2**63 - 1)


@pytest.fixture(params=["real", "fake"])
def sealer(request: pytest.FixtureRequest, tmp_path) -> Sealer:
    if request.param == "fake":
        return PlainSealer(ACCESS, RUNNING)
    ring = open_key_file(tmp_path / "keys")
    return AesGcmSealer(open_keys(ring, mint_keys(ring)), ACCESS, RUNNING)


def sealed(sealer: Sealer, record_id: RecordId = ONE, version: int = 1, content: RecordContent = ZOE) -> SealedVersion:
    return sealer.seal(record_id, version, Personal(content), TAGS)


def test_what_is_sealed_unseals_in_order_and_without_the_empty_standard_values(sealer: Sealer) -> None:
    bare = RecordContent(RecordRef("web", ""), {}, {}, 3)
    opened = [content.reveal(ACCESS) for content in sealer.unseal([sealed(sealer), sealed(sealer, OTHER, 2, bare)])]
    assert opened[1] == bare
    assert opened[0].ref == ZOE.ref
    assert opened[0].raw == ZOE.raw
    assert {name: value for name, value in opened[0].standard.items() if value} == {n: v for n, v in ZOE.standard.items() if v}
    assert (opened[0].extras, opened[0].assurance, opened[0].formats) == (ZOE.extras, ZOE.assurance, ZOE.formats)
    assert opened[0].standardiser == 3


@pytest.mark.parametrize("version", [1, 2, 4])
def test_what_an_older_or_newer_standardiser_made_is_made_anew_from_what_was_given(sealer: Sealer, version: int) -> None:
    made = ZOE._replace(raw={"given_name": "Zoé", "x_job": "ß"}, standardiser=version)
    held = sealed(sealer, content=made)
    [opened] = [content.reveal(ACCESS) for content in sealer.unseal([held])]
    assert held.standardiser == version
    form = ZOE.formats["birth_date"]
    assert opened == made._replace(standardiser=3, standard={"given_name": f"ZOÉ None {form}", "x_job": f"SS name {form}"})


def test_a_sealed_version_carries_its_place_and_tags(sealer: Sealer) -> None:
    version = sealed(sealer, version=7)
    assert (version.record_id, version.version, version.standardiser, version.block_keys) == (ONE, 7, 3, TAGS)
    assert version.address == sealer.address(ZOE.ref)
    assert version.content_mac == sealer.content_mac(ZOE.ref, ZOE.raw)
    assert len(version.address.key_mac) == len(version.content_mac) == 16


def test_the_same_record_sealed_twice_looks_different(sealer: Sealer) -> None:
    first, second = sealed(sealer), sealed(sealer)
    assert first.sealed != second.sealed
    assert first.wrapped_key != second.wrapped_key


FORGERIES: dict[str, Callable[[SealedVersion, SealedVersion], SealedVersion]] = {
    "another record's id": lambda version, other: version._replace(record_id=other.record_id),
    "another version number": lambda version, _: version._replace(version=2),
    "another source": lambda version, _: version._replace(address=version.address._replace(source="web")),
    "another key": lambda version, other: version._replace(address=other.address),
    "another content MAC": lambda version, other: version._replace(content_mac=other.content_mac),
    "another standardiser": lambda version, _: version._replace(standardiser=9),
    "another record's payload": lambda version, other: version._replace(sealed=other.sealed),
    "another record's wrapped key": lambda version, other: version._replace(wrapped_key=other.wrapped_key),
    "another record's payload and key": lambda version, other: version._replace(sealed=other.sealed, wrapped_key=other.wrapped_key),
    "wrapped key in place of the payload": lambda version, _: version._replace(sealed=version.wrapped_key),
    "another bucket": lambda version, _: version._replace(bucket=(version.bucket + 1) % 256),
    "another epoch": lambda version, _: version._replace(epoch=2),
    "a truncated payload": lambda version, _: version._replace(sealed=version.sealed[:-1]),
    "no payload": lambda version, _: version._replace(sealed=b""),
    "no wrapped key": lambda version, _: version._replace(wrapped_key=b""),
    "a lengthened payload": lambda version, _: version._replace(sealed=version.sealed + b"\x00"),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_whatever_is_moved_or_altered_is_refused_in_the_same_words(sealer: Sealer, forgery: str) -> None:
    other = sealed(sealer, OTHER, 1, ZOE._replace(ref=RecordRef("crm", "other"), raw={"city": "Lyon"}))
    with pytest.raises(IdentityError) as caught:
        sealer.unseal([FORGERIES[forgery](sealed(sealer), other)])
    assert caught.value.reason is Reason.SEAL_BROKEN
    assert caught.value.facts == {}
    assert caught.value.__cause__ is None


def test_every_single_bit_of_the_payload_and_the_wrapped_key_counts(sealer: Sealer) -> None:
    version = sealed(sealer, content=RecordContent(RecordRef("crm", "1"), {"city": "Lyon"}, {}, 1))
    for name in ("sealed", "wrapped_key"):
        whole: bytes = getattr(version, name)
        for bit in range(0, len(whole) * 8, 3):
            flipped = bytearray(whole)
            flipped[bit // 8] ^= 1 << bit % 8
            with pytest.raises(IdentityError, match="SEAL_BROKEN"):
                sealer.unseal([version._replace(**{name: bytes(flipped)})])


def test_addresses_and_macs_are_deterministic_and_tell_records_apart(sealer: Sealer) -> None:
    refs = [RecordRef("crm", "1"), RecordRef("crm", "11"), RecordRef("crm1", "1"), RecordRef("crm", "")]
    assert len({sealer.address(ref).key_mac for ref in refs}) == len(refs)
    assert sealer.address(RecordRef("crm", "1")) == sealer.address(RecordRef("crm", "1"))
    raws = [{}, {"city": "Lyon"}, {"city": "lyon"}, {"city": "Lyon", "email": ""}, {"cit": "yLyon"}]
    assert len({sealer.content_mac(refs[0], raw) for raw in raws} | {sealer.content_mac(refs[1], raws[0])}) == len(raws) + 1
    assert sealer.content_mac(refs[0], {"city": "a", "email": "b"}) == sealer.content_mac(refs[0], {"email": "b", "city": "a"})


def test_a_changed_treatment_changes_the_content_mac(sealer: Sealer) -> None:
    assert sealer.content_mac(ZOE.ref, ZOE.raw, "%d/%m/%Y") != sealer.content_mac(ZOE.ref, ZOE.raw, "%m/%d/%Y")


def test_blocking_tags_are_signed_64_bit_deterministic_and_depend_on_the_rule(sealer: Sealer) -> None:
    keys = [("name", "dupont|1980"), ("name", "dupont|1981"), ("phone", "dupont|1980"), ("nam", "edupont|1980")]
    tags = sealer.block_tags(keys)
    assert tags == sealer.block_tags(keys)
    assert len(set(tags)) == len(keys)
    assert all(-(2**63) <= tag < 2**63 for tag in sealer.block_tags([("r", str(n)) for n in range(200)]))
    assert any(tag < 0 for tag in sealer.block_tags([("r", str(n)) for n in range(200)]))


def test_pseudonyms_are_stable_for_a_recipient_and_share_nothing_between_recipients(sealer: Sealer) -> None:
    people = [IdentityId(UUID(int=n)) for n in range(1, 200)]
    ours, theirs = ([sealer.pseudonym(recipient, person) for person in people] for recipient in ("marketing", "partner"))
    assert ours == [sealer.pseudonym("marketing", person) for person in people]
    assert len({*ours, *theirs}) == 2 * len(people)
    assert all(name.startswith("p1_") and name[3:].isalnum() and name == name.lower() for name in ours + theirs)
    order = {name: rank for rank, name in enumerate(sorted(theirs))}
    agreeing = sum(
        (sorted(ours).index(one) < len(people) // 2) == (order[other] < len(people) // 2) for one, other in zip(ours, theirs, strict=True)
    )
    assert 0.3 < agreeing / len(people) < 0.7


def test_blobs_unseal_only_as_the_kind_they_were_sealed_as(sealer: Sealer) -> None:
    blob = sealer.seal_blob("bundle", b"\x00model")
    assert sealer.unseal_blob("bundle", blob) == b"\x00model"
    for forged, kind in ((blob, "report"), (blob[:-1], "bundle"), (b"", "bundle"), (bytes([blob[0] ^ 1]) + blob[1:], "bundle")):
        with pytest.raises(IdentityError) as caught:
            sealer.unseal_blob(kind, forged)
        assert (caught.value.reason, caught.value.facts) == (Reason.SEAL_BROKEN, {})


def test_request_macs_tell_bodies_apart(sealer: Sealer) -> None:
    assert sealer.request_mac(b"a") == sealer.request_mac(b"a") != sealer.request_mac(b"b")
    assert len(sealer.request_mac(b"")) == 32
