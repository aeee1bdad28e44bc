"""Certificates good and bad, signed by the development CA of a test's home or by a stranger's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.identity.client import ClientIdentity

PEM = serialization.Encoding.PEM


def issue(
    authority_home: Path,
    *,
    common_name: str = "crm",
    uris: Sequence[str] = (),
    dns: Sequence[str] = (),
    ends: timedelta = timedelta(days=1),
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
    trusts: Path | None = None,
) -> ClientIdentity:
    """A client identity signed by the CA under ``authority_home``, that trusts the server of ``trusts`` (default: the same)."""
    ca_key = serialization.load_pem_private_key((authority_home / "pki/ca.key").read_bytes(), None)
    assert isinstance(ca_key, ec.EllipticCurvePrivateKey)
    ca = x509.load_pem_x509_certificate((authority_home / "pki/ca.pem").read_bytes())
    key = ec.generate_private_key(ec.SECP256R1())
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)]))
        .issuer_name(ca.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=10))
        .not_valid_after(now + ends)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    )
    names = [*(x509.UniformResourceIdentifier(uri) for uri in uris), *(x509.DNSName(name) for name in dns)]
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    return ClientIdentity(
        key=key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        certificate=builder.sign(ca_key, hashes.SHA256()).public_bytes(PEM),
        authority=((trusts or authority_home) / "pki/ca.pem").read_bytes(),
    )
