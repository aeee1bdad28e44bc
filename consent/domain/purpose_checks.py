"""What a purpose or notice must be to be published at all, whichever way it comes.

Rules
- French and English are always there (the portal's languages); names and numbers are of a known shape.
- A purpose whose ground is consent says what people are shown (GDPR Art. 7(1), 13); only such a one has a term for permissions.
- A first version is compatible with nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from typing import Final

from consent.domain.attributes import CANONICAL, is_attribute
from consent.domain.catalogue import Catalogue, Fault, Place
from consent.domain.duration import parse_duration
from consent.domain.purpose import CHANNELS, LegalBasis, Notice, Obligation, Purpose, Wording

LANGUAGES: Final = ("fr", "en")
LONGEST_VALID_DAYS: Final = 3653
"""Ten years: a permission that lasts longer was forgotten by everybody."""
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,62}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}")
_LONGEST_TEXT: Final = 20_000


def nearest(name: str, known: Iterable[str]) -> str:
    """Return `` (did you mean "…"?)`` with the nearest known names, or nothing."""
    folded = {candidate.lower(): candidate for candidate in known}
    found = get_close_matches(name.lower(), sorted(folded), n=2, cutoff=0.6)
    return " (did you mean " + " or ".join(f'"{folded[candidate]}"' for candidate in found) + "?)" if found else ""


def catalogue_faults(catalogue: Catalogue, published_notices: Collection[str] = ()) -> list[Fault]:
    """Return everything that is wrong with a catalogue in itself. ``published_notices``: ids of notices that were published before."""
    notices = {notice.notice_id for notice in catalogue.notices} | set(published_notices)
    faults = [fault for notice in catalogue.notices for fault in notice_faults(notice)]
    for purpose in catalogue.purposes:
        faults += [*purpose_faults(purpose), *ground_faults(purpose, notices)]
    return faults


def notice_faults(notice: Notice) -> Iterator[Fault]:
    """Yield what is wrong with a notice in itself."""
    place = ("notices", notice.notice_id)
    yield from _name(place, "a notice", notice.notice_id)
    yield from _version(place, notice.version, compatible=notice.compatible)
    yield from wording_faults((*place, "text"), notice.text)


def purpose_faults(purpose: Purpose) -> Iterator[Fault]:
    """Yield what is wrong with a purpose in itself, whatever its ground."""
    place = ("purposes", purpose.purpose_id)
    yield from _name(place, "a purpose", purpose.purpose_id)
    yield from _version(place, purpose.version, compatible=purpose.compatible)
    yield from wording_faults((*place, "title"), purpose.title)
    yield from wording_faults((*place, "description"), purpose.description)
    yield from _lists(place, purpose)
    if parse_duration(purpose.retention) is None:
        yield Fault((*place, "retention"), f'retention is a duration in ISO 8601, such as "P3Y" or "P25M", not {shown(purpose.retention)}')
    if not purpose.law.strip():
        yield Fault((*place, "law"), "law is missing: name the article that the purpose rests on")
    if purpose.valid_days is not None and not 1 <= purpose.valid_days <= LONGEST_VALID_DAYS:
        yield Fault((*place, "valid_days"), f"valid_days is a number from 1 to {LONGEST_VALID_DAYS}, not {purpose.valid_days}")


def ground_faults(purpose: Purpose, notices: Collection[str]) -> Iterator[Fault]:
    """Yield what does not go together with a purpose's ground. ``notices``: ids of those it may name."""
    place = ("purposes", purpose.purpose_id)
    if purpose.notice and purpose.notice not in notices:
        hint = nearest(purpose.notice, notices) or f": add [notices.{purpose.notice}]"
        yield Fault((*place, "notice"), f"notice {shown(purpose.notice)} is not declared{hint}")
    if purpose.basis is LegalBasis.CONSENT:
        if not purpose.notice:
            yield Fault(place, "a purpose whose basis is consent needs a notice: what people are shown before they choose (GDPR Art. 7(1))")
        if purpose.soft_opt_in:
            yield Fault((*place, "soft_opt_in"), "soft_opt_in is a ground of its own, without consent: basis is legitimate-interest then")
    elif purpose.valid_days is not None:
        yield Fault((*place, "valid_days"), "valid_days is the term of a permission: only a purpose whose basis is consent has one")


def _lists(place: Place, purpose: Purpose) -> Iterator[Fault]:
    for name in sorted(purpose.attributes):
        if not is_attribute(name):
            hint = nearest(name, CANONICAL) or "; an extra one is written x_<name>"
            yield Fault((*place, "attributes"), f"unknown attribute {shown(name)}{hint}")
    for name in sorted(purpose.recipients):
        if not _NAME.fullmatch(name):
            yield Fault((*place, "recipients"), f"{shown(name)} cannot name a recipient: lower-case letters, digits and dashes")
    for name in sorted(purpose.channels - CHANNELS):
        hint = nearest(name, CHANNELS) or f"; known are {', '.join(sorted(CHANNELS))}"
        yield Fault((*place, "channels"), f"unknown channel {shown(name)}{hint}")
    for name in purpose.obligations:
        if name not in set(Obligation):
            hint = nearest(name, Obligation) or f"; known are {', '.join(Obligation)}"
            yield Fault((*place, "obligations"), f"unknown obligation {shown(name)}{hint}")
    if not purpose.attributes:
        yield Fault((*place, "attributes"), "attributes is empty: name what the purpose needs")
    if not purpose.recipients:
        yield Fault((*place, "recipients"), "recipients is empty: name who receives the data")


def wording_faults(place: Place, wording: Wording) -> Iterator[Fault]:
    """Yield the languages that are missing from a text, or that are none."""
    for language in LANGUAGES:
        if not wording.texts.get(language, "").strip():
            yield Fault(place, f"{place[-1]} has no text in {'French (fr)' if language == 'fr' else 'English (en)'}")
    for language, text in wording.texts.items():
        if not _LANGUAGE.fullmatch(language):
            yield Fault((*place, language), f"{shown(language)} is not a language code of two letters")
        if len(text) > _LONGEST_TEXT:
            yield Fault((*place, language), f"a text has at most {_LONGEST_TEXT} characters, not {len(text)}")


def _name(place: Place, what: str, name: str) -> Iterator[Fault]:
    if not _NAME.fullmatch(name):
        yield Fault(place, f"{shown(name)} cannot name {what}: lower-case letters, digits and dashes, beginning with a letter")


def _version(place: Place, version: int, *, compatible: bool) -> Iterator[Fault]:
    if version < 1:
        yield Fault((*place, "version"), f"version is a whole number from 1, not {version}")
    elif version == 1 and compatible:
        yield Fault((*place, "compatible"), "version 1 is compatible with nothing: there is no version before it")


def shown(value: object) -> str:
    """Return a value as a message shows it: short, in quotes if it is a text."""
    return f'"{value}"'.replace("\n", "\\n").replace("\t", "\\t")[:80] if isinstance(value, str) else repr(value)[:80]
