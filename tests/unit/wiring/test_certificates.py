"""The development CA: made once, kept private, renewed in time."""

from __future__ import annotations

import stat
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from services.rpc.registry import RegistryError
from services.wiring.callers import add_caller, list_callers, prepare_callers
from services.wiring.certificates import CertificateError, Pki

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def read(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def test_a_fresh_home_gets_private_keys_and_certificates_that_say_who_is_who(tmp_path):
    callers = prepare_callers(tmp_path / "home", NOW)
    pki = tmp_path / "home/pki"
    assert set(callers) == {"crm", "webshop", "callcentre", "chatbot", "marketing", "partner"}
    for folder in (pki, pki / "callers"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not stat.S_IMODE((tmp_path / "home").stat().st_mode) & 0o066  # root's may be passed through, by PostgreSQL's account
    keys = sorted(pki.rglob("*.key"))
    assert len(keys) == 2 + len(callers)
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert stat.S_IMODE((tmp_path / "home/callers.toml").stat().st_mode) == 0o600
    server = read(pki / "server.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert server.get_values_for_type(x509.DNSName) == ["localhost"]
    assert [str(ip) for ip in server.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
    crm = read(pki / "callers/crm.pem")
    names = crm.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://entente/caller/crm"]
    crm.verify_directly_issued_by(read(pki / "ca.pem"))
    assert not list(pki.rglob(".*.key.*")), "no draft is left behind"


def test_starting_again_changes_nothing(tmp_path):
    prepare_callers(tmp_path, NOW)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    prepare_callers(tmp_path, NOW + timedelta(days=40))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before


def test_certificates_near_their_end_are_renewed_under_the_same_ca(tmp_path):
    prepare_callers(tmp_path, NOW)
    ca, crm = (tmp_path / "pki/ca.pem").read_bytes(), read(tmp_path / "pki/callers/crm.pem")
    prepare_callers(tmp_path, NOW + timedelta(days=70))
    assert (tmp_path / "pki/ca.pem").read_bytes() == ca
    assert read(tmp_path / "pki/callers/crm.pem").not_valid_after_utc > crm.not_valid_after_utc


def test_a_new_host_name_gets_a_new_server_certificate(tmp_path):
    prepare_callers(tmp_path, NOW)
    prepare_callers(tmp_path, NOW, ["entente.example", "192.0.2.7"])
    names = read(tmp_path / "pki/server.pem").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert "entente.example" in names.get_values_for_type(x509.DNSName)
    assert "192.0.2.7" in [str(ip) for ip in names.get_values_for_type(x509.IPAddress)]


def test_a_new_ca_signs_everything_anew(tmp_path):
    prepare_callers(tmp_path, NOW)
    (tmp_path / "pki/ca.key").unlink()
    prepare_callers(tmp_path, NOW)
    for leaf in ("server", "callers/crm"):
        read(tmp_path / f"pki/{leaf}.pem").verify_directly_issued_by(read(tmp_path / "pki/ca.pem"))


def test_a_ca_that_is_not_ours_is_left_alone(tmp_path):
    prepare_callers(tmp_path / "theirs", NOW)
    theirs = (tmp_path / "theirs/pki/callers/crm.pem").read_bytes()
    ours = tmp_path / "ours/pki"
    ours.mkdir(parents=True)
    (ours / "ca.pem").write_bytes(theirs)  # any certificate whose key is elsewhere
    prepare_callers(tmp_path / "ours", NOW)
    assert (ours / "ca.pem").read_bytes() == theirs
    assert not list(ours.rglob("*.key"))
    with pytest.raises(CertificateError, match=r"pki/server\.key cannot be read"):
        Pki(tmp_path / "ours").server_credentials(production=False)


@pytest.mark.parametrize("content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_broken_file_is_told_by_its_name(tmp_path, content):
    prepare_callers(tmp_path, NOW)
    (tmp_path / "pki/server.pem").write_bytes(content)
    with pytest.raises(CertificateError, match=r"pki/server\.(key|pem)"):
        prepare_callers(tmp_path, NOW)
    (tmp_path / "pki/ca.key").unlink()
    (tmp_path / "pki/ca.pem").write_bytes(content)
    with pytest.raises(CertificateError, match=r"pki/ca\.pem"):
        prepare_callers(tmp_path, NOW)


@pytest.mark.parametrize("name", ["server", "ca", "callers/crm"])
def test_a_key_that_others_can_read_is_refused(tmp_path, name):
    prepare_callers(tmp_path, NOW)
    (tmp_path / f"pki/{name}.key").chmod(0o640)
    with pytest.raises(CertificateError, match=f"pki/{name}.key can be read by others"):
        prepare_callers(tmp_path, NOW)


def test_the_development_ca_is_refused_in_production(tmp_path):
    prepare_callers(tmp_path, NOW)
    pki = Pki(tmp_path)
    assert pki.server_credentials(production=False).key.startswith(b"-----BEGIN PRIVATE KEY")
    with pytest.raises(CertificateError, match="development CA"):
        pki.server_credentials(production=True)


def test_a_key_never_shows_in_what_is_printed(tmp_path):
    prepare_callers(tmp_path, NOW)
    assert "PRIVATE" not in repr(Pki(tmp_path).server_credentials(production=False))


def test_a_starter_caller_has_the_least_it_needs(tmp_path):
    callers = prepare_callers(tmp_path, NOW)
    short = {name: {method.rsplit("/", 1)[1] for method in caller.methods} for name, caller in callers.items()}
    assert [name for name, methods in short.items() if "IngestRecords" in methods] == ["crm", "webshop"]
    assert not any({"JudgePair", "SplitIdentity", "ListReviewPairs", "GetIdentityHistory"} & methods for methods in short.values())
    assert callers["callcentre"].purposes == {"service"}
    assert callers["partner"].purposes == {"partner-sharing"}
    assert all(caller.recipients == {name} for name, caller in callers.items())
    assert {name: set(caller.sources) for name, caller in callers.items() if caller.sources} == {
        "crm": {"crm"},
        "webshop": {"webshop"},
        "callcentre": {"crm", "webshop", "callcentre", "loyalty"},
        "marketing": {"crm", "webshop", "callcentre", "loyalty"},
    }


def test_whoever_may_name_another_systems_records_may_write_none(tmp_path):
    """A record of one's own making, explained against somebody else's, tells that one's values step by step."""
    for name, caller in prepare_callers(tmp_path, NOW).items():
        writes = any(method.endswith(("/IngestRecords", "/DeleteRecord")) for method in caller.methods)
        assert caller.sources <= {name} or not writes


def test_an_added_caller_is_registered_has_a_certificate_and_disturbs_nobody(tmp_path):
    prepare_callers(tmp_path, NOW)
    before = (tmp_path / "callers.toml").read_text()
    files = add_caller(tmp_path, "steward", methods=["JudgePair"], purposes=["unification"], now=NOW)
    assert files.certificate.exists()
    assert (tmp_path / "callers.toml").read_text().startswith(before.rstrip("\n"))
    steward = list_callers(tmp_path)["steward"]
    assert steward.methods == {"entente.identity.v1.StewardshipService/JudgePair"}
    assert steward.recipients == {"steward"}


@pytest.mark.parametrize(
    ("name", "methods", "purposes"),
    [
        ("crm", ["JudgePair"], []),
        ("St", [], []),
        ("x", ["Nope"], []),
        ("x", [], ["*"]),
        ('x"]\n[callers.evil', [], []),
        ("x", [], ['a"]\nmethods = ["']),
    ],
)
def test_a_caller_that_cannot_be_added_changes_nothing(tmp_path, name, methods, purposes):
    prepare_callers(tmp_path, NOW)
    before = (tmp_path / "callers.toml").read_bytes()
    with pytest.raises(RegistryError):
        add_caller(tmp_path, name, methods=methods, purposes=purposes, now=NOW)
    assert (tmp_path / "callers.toml").read_bytes() == before
    assert len(list((tmp_path / "pki/callers").glob("*.pem"))) == 6
