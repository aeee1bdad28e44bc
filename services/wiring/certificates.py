"""The development CA and the certificates it signs, made under ``<home>/pki`` on first start.

Rules
- ECDSA P-256 throughout: gRPC's TLS library does not take Ed25519 certificates (measured: NO_COMMON_SIGNATURE_ALGORITHMS).
- A private key is written 0600 into a folder that is 0700, whole or not at all; one that others can read is refused.
- A caller's certificate says who it is in one URI SAN and may only be used by clients; the server's may only be used by servers.
- What nears its end is renewed at start; the names on a certificate are checked as well, so that a new host name gets a new certificate.
- In production the development CA is refused: its key lies beside the server.
- A CA that is not ours (``ca.pem`` is there, its key is not) is left alone, and so is everything beside it.
"""

from __future__ import annotations

import fcntl
import ipaddress
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.rpc.caller import caller_uri
from services.rpc.credentials import Credentials

DEVELOPMENT = "Entente development CA"
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")
_AUTHORITY_LIFE = timedelta(days=3650)
_LEAF_LIFE = timedelta(days=90)
_RENEW_WITHIN = timedelta(days=30)
_SKEW = timedelta(minutes=5)


class CertificateError(Exception):
    """Keys or certificates cannot be used; the text names the file and what to do, nothing of its content."""


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Where a caller's key and certificate lie, and the CA that signed the server's."""

    key: Path
    certificate: Path
    authority: Path


@dataclass(frozen=True, slots=True)
class _Pair:
    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate


class Pki:
    """The keys and certificates under one home."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "pki"

    def prepare(self, callers: Collection[str], now: datetime, hosts: Sequence[str] = LOCAL_NAMES) -> None:
        """Make what is missing or nears its end: CA, server certificate for ``hosts``, one client certificate for each caller.

        Raises:
            CertificateError: if a key is there that others can read, or that cannot be used.
        """
        with self._locked():
            if self._is_foreign():
                return
            authority = self._authority(now)
            self._leaf(authority, "server", _host_names(hosts), ExtendedKeyUsageOID.SERVER_AUTH, now)
            for name in callers:
                san = [x509.UniformResourceIdentifier(caller_uri(name))]
                self._leaf(authority, f"callers/{name}", san, ExtendedKeyUsageOID.CLIENT_AUTH, now)

    def server_credentials(self, *, production: bool) -> Credentials:
        """Return the server's key and certificate and the CA of the callers.

        Raises:
            CertificateError: if one is missing, or readable by others, or if the development CA is to serve in production.
        """
        authority = self._read("ca.pem")
        if production and DEVELOPMENT in _subject(authority):
            raise CertificateError("pki/ca.pem is the development CA: put your own ca.pem, server.pem and server.key there for production")
        return Credentials(self._read_key("server"), self._read("server.pem"), authority)

    def client_files(self, caller: str) -> ClientFiles:
        """Return where a caller's key and certificate lie.

        Raises:
            CertificateError: if it has none.
        """
        files = ClientFiles(self._key_path(f"callers/{caller}"), self._folder / f"callers/{caller}.pem", self._folder / "ca.pem")
        if not files.key.exists() or not files.certificate.exists():
            raise CertificateError(f"caller {caller} has no certificate here; `entente caller add` makes one")
        return files

    def _is_foreign(self) -> bool:
        there = (self._folder / "ca.pem").exists() and not self._key_path("ca").exists()
        return there and DEVELOPMENT not in _subject(self._read("ca.pem"))

    def _authority(self, now: datetime) -> _Pair:
        found = self._load("ca")
        if found is not None and not _ends_soon(found.certificate, now):
            return found
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT)])
        usage = x509.KeyUsage(
            key_cert_sign=True, crl_sign=True, digital_signature=False, content_commitment=False, key_encipherment=False,
            data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        certificate = (
            _builder(name, name, key, now, _AUTHORITY_LIFE)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(usage, critical=True)
            .sign(key, hashes.SHA256())
        )
        return self._store("ca", _Pair(key, certificate))

    def _leaf(self, authority: _Pair, name: str, san: Sequence[x509.GeneralName], usage: x509.ObjectIdentifier, now: datetime) -> None:
        found = self._load(name)
        if found is not None and _still_good(found.certificate, authority.certificate, san, now):
            return
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name.rsplit("/", 1)[-1])])
        certificate = (
            _builder(subject, authority.certificate.subject, key, now, _LEAF_LIFE)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(san), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.key.public_key()), critical=False)
            .sign(authority.key, hashes.SHA256())
        )
        self._store(name, _Pair(key, certificate))

    def _load(self, name: str) -> _Pair | None:
        if not self._key_path(name).exists() or not (self._folder / f"{name}.pem").exists():
            return None
        try:
            key = serialization.load_pem_private_key(self._read_key(name), password=None)
            certificate = x509.load_pem_x509_certificate(self._read(f"{name}.pem"))
        except (ValueError, TypeError):
            raise CertificateError(f"pki/{name}.key or pki/{name}.pem cannot be read as PEM") from None
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise CertificateError(f"pki/{name}.key is not an elliptic-curve key: this CA is not ours to renew")
        return _Pair(key, certificate)

    def _store(self, name: str, pair: _Pair) -> _Pair:
        pem = serialization.Encoding.PEM
        key = pair.key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        _write(self._key_path(name), key, 0o600)
        _write(self._folder / f"{name}.pem", pair.certificate.public_bytes(pem), 0o644)
        return pair

    def _key_path(self, name: str) -> Path:
        return self._folder / f"{name}.key"

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:
            raise CertificateError(f"pki/{name} cannot be read") from None

    def _read_key(self, name: str) -> bytes:
        path = self._key_path(name)
        if path.exists() and path.stat().st_mode & 0o077:
            raise CertificateError(f"pki/{name}.key can be read by others: make it 0600, and think of it as known")
        return self._read(f"{name}.key")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep two processes that start at once from making two CAs."""
        for folder in (self._folder, self._folder / "callers"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _host_names(hosts: Sequence[str]) -> list[x509.GeneralName]:
    names: list[x509.GeneralName] = []
    for host in dict.fromkeys((*LOCAL_NAMES, *hosts)):
        try:
            names.append(x509.IPAddress(ipaddress.ip_address(host.strip("[]"))))
        except ValueError:
            names.append(x509.DNSName(host))
    return names


def _subject(pem: bytes) -> str:
    try:
        return x509.load_pem_x509_certificate(pem).subject.rfc4514_string()
    except ValueError:
        raise CertificateError("pki/ca.pem cannot be read as PEM") from None


def _ends_soon(certificate: x509.Certificate, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < _RENEW_WITHIN


def _still_good(certificate: x509.Certificate, authority: x509.Certificate, san: Sequence[x509.GeneralName], now: datetime) -> bool:
    if _ends_soon(certificate, now):
        return False
    try:
        certificate.verify_directly_issued_by(authority)
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except Exception:  # noqa: BLE001 - whatever is wrong with it, a new one is made
        return False
    return set(san) <= set(names)


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write a file whole or not at all, never readable by others meanwhile."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
