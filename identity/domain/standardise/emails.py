"""E-mail addresses: as written, and as the mailbox that they reach.

Rules
- Lower case; syntax by ``email-validator`` without DNS, with a short road for the plain form. Reserved names
  (``.example``, ``.test``) pass: whether mail arrives is not our question.
- Accents in the part before the @ are typing habits and are folded; an accented domain is written in its ASCII (IDNA) form.
- ``email_canonical`` drops a plus-tag, the dots that Gmail ignores, and the misspellings of large providers.
- Addresses that people type to get past a form (test@test…, noreply@…, inconnu@…) are absent.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from email_validator import EmailNotValidError, validate_email

from identity.domain.standardise.folding import fold

_PLAIN_LOCAL = re.compile(r"[a-z0-9_%+-]+(?:\.[a-z0-9_%+-]+)*")
_PLAIN_DOMAIN = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,24}")
_BETWEEN = re.compile(r"[\s<>()\[\],;:\"/|]+")
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\(a\)|\(arobase\)|\barobase\b)\s*")
_AROUND_AT = re.compile(r"\s*@\s*")
_DOTS = re.compile(r"\.{2,}")
_OTHER_WORDS = re.compile(r"[<>()\[\],;:\"/|]")
_AROUND_DOT = re.compile(r"\s*\.\s+|\s+\.\s*")
_LOCAL_LIMIT = 64
_LIMIT = 254
_MASHED = 3
_NOBODY_WORDS = """
    test tests teste testing toto tata titi inconnu inconnue unknown anonyme anonymous none null nomail no-mail noemail no-email
    no.email noreply no-reply no_reply donotreply do-not-reply ne-pas-repondre nepasrepondre sansmail sans-mail sans.mail sansemail
    pasdemail pas-de-mail pas.de.mail pasdadresse pasdemails pas_de_mail aucun aucune aucunmail aucunemail refus refuse xxx xxxx xxxxx
    aaa aaaa azerty qwerty zzz email mail adresse exemple example client clients user utilisateur nomprenom prenom.nom nom.prenom asdf
    qsdf qsd faux bidon
"""
_NOBODY = frozenset(_NOBODY_WORDS.split())
_NOWHERE_WORDS = (
    "test.test test.com test.fr mail.mail email.email xxx.xxx xx.xx aaa.aaa nomail.com nomail.fr noemail.com sansmail.fr none.com null.com"
)
_NOWHERE = frozenset(_NOWHERE_WORDS.split())
_PROVIDERS = {
    "googlemail.com": "gmail.com",
    "gmial.com": "gmail.com",
    "gmai.com": "gmail.com",
    "gamil.com": "gmail.com",
    "gmail.co": "gmail.com",
    "gmail.con": "gmail.com",
    "gmail.cm": "gmail.com",
    "gmail.fr": "gmail.com",
    "gmaill.com": "gmail.com",
    "gmal.com": "gmail.com",
    "gnail.com": "gmail.com",
    "hotmial.com": "hotmail.com",
    "hotmial.fr": "hotmail.fr",
    "hotmai.fr": "hotmail.fr",
    "hotmai.com": "hotmail.com",
    "homail.fr": "hotmail.fr",
    "homail.com": "hotmail.com",
    "hotmail.con": "hotmail.com",
    "outlok.fr": "outlook.fr",
    "outlok.com": "outlook.com",
    "yaho.fr": "yahoo.fr",
    "yaho.com": "yahoo.com",
    "yahou.fr": "yahoo.fr",
    "orang.fr": "orange.fr",
    "oragne.fr": "orange.fr",
    "wanado.fr": "wanadoo.fr",
    "wandoo.fr": "wanadoo.fr",
    "lapost.net": "laposte.net",
    "laposte.fr": "laposte.net",
    "fre.fr": "free.fr",
}


class Email(NamedTuple):
    """An address as written and the mailbox it reaches; both absent when it is no address."""

    address: str | None
    canonical: str | None


NO_EMAIL = Email(None, None)


def email(raw: str) -> Email:
    """Both forms of the first valid address in the field."""
    text = raw.strip().lower()
    local, _, domain = text.rpartition("@")
    if not _is_plain(local, domain):
        text = _slow(raw)
        local, _, domain = text.rpartition("@")
    if not text or len(local) > _LOCAL_LIMIT or len(text) > _LIMIT or local in _NOBODY or domain in _NOWHERE:
        return NO_EMAIL
    if len(local) <= _MASHED and domain.startswith(f"{local}."):
        return NO_EMAIL  # a few letters typed twice to get past a form: a@a.fr, nc@nc.fr
    return Email(text, _canonical(local, domain))


def _is_plain(local: str, domain: str) -> bool:
    return ((local.isalnum() and local.isascii()) or _PLAIN_LOCAL.fullmatch(local) is not None) and _is_plain_domain(domain)


@lru_cache(maxsize=8192)
def _is_plain_domain(domain: str) -> bool:
    return _PLAIN_DOMAIN.fullmatch(domain) is not None


def _canonical(local: str, domain: str) -> str:
    domain = _PROVIDERS.get(domain, domain)
    plus = local.find("+")
    if plus > 0:
        local = local[:plus].rstrip(".")
    if domain == "gmail.com":
        local = local.replace(".", "")
    return f"{local}@{domain}"


def _slow(raw: str) -> str:
    """The first address in the field, cleaned; empty when there is none."""
    # Single spaces first: a long run of them would be gone through again from each of its places.
    text = " ".join(raw.lower().replace("mailto:", "").split())
    text = _AROUND_AT.sub("@", _AT.sub("@", text))
    text = _AROUND_DOT.sub(".", text)
    if text.count("@") == 1 and not _OTHER_WORDS.search(text):
        text = "".join(text.split())  # one address, in which somebody typed a space
    for piece in _BETWEEN.split(text):
        if "@" in piece[1:-1] and (candidate := _validated(piece.strip(".'\"`*"))):
            return candidate
    return ""


def _validated(candidate: str) -> str:
    local, _, domain = (part.strip(".") for part in _DOTS.sub(".", candidate).rpartition("@"))
    plain = fold(local).replace(" ", "")
    folded = f"{plain}@{domain}"
    if _is_plain(plain, domain):
        return folded
    try:
        valid = validate_email(folded, check_deliverability=False, test_environment=True, allow_smtputf8=False)
    except (EmailNotValidError, UnicodeError, ValueError):
        return ""
    return (valid.ascii_email or "").lower()
