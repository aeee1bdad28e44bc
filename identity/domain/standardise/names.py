"""Given names and family names.

Rules
- Apostrophes join (D'ORMESSON, D’Ormesson and DORMESSON are one name); hyphens are spaces.
- Particles and articles join the word they stand before (Le Goff = LEGOFF, de la Tour = DELATOUR, El Amrani = ELAMRANI), also when
  a list writes them behind: "Villepin (de)".
- ``surnames`` are the words of all surnames a record knows, sorted, without the particle "de".
- A married woman's two names are told apart by née, épouse, veuve; the one she was born with is the birth name.
- The root of a given name is its first name, or its first compound in one word, after pet forms.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from identity.domain.standardise.compounds import COMPOUNDS, GLUED
from identity.domain.standardise.folding import fold
from identity.domain.standardise.nicknames import ROOTS
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.titles import without_titles

_PARTICLE_WORDS = (
    "de du des d l le la las los les ben bin bint bel el al ait ould bou abou abu da do dos das di del della dello degli delle dal dalla "
    "van von vom den der vander vanden ter ten te zu zum zur mac mc fitz o af av"
)
PARTICLES = frozenset(_PARTICLE_WORDS.split())
"""Articles and particles that one silo writes apart and another does not."""

_DROPPED_PARTICLES = frozenset({"de", "von", "of"})
_SAINTS = {"st": "saint", "ste": "sainte"}
_SUFFIXES = frozenset(["jr", "junior", "sr", "senior", "ii", "iii", "iv", "esq", "esquire", "phd", "md", "fils", "pere"])
_BORN = frozenset(["ne", "nee", "born", "ndjf"])
_MARRIED = frozenset(["ep", "epouse", "epse", "eps", "mariee", "usage", "veuve", "vve", "veuf", "div", "divorcee", "divorce"])
ALSO = frozenset(["dit", "dite", "alias", "aka", "surnomme", "surnommee"])
_NO_PLAIN_NAMES = _BORN | _MARRIED | frozenset(_SAINTS)
_QUOTED = re.compile(r"""(?:^|(?<=\s))(?:"[^"]*"|'[^']*'|\([^)]*\))(?=\s|$)""")
_TRAILING_PARTICLE = re.compile(r"\(\s*((?:de|du|des|d'|le|la|les|l'|el|ben|van|von)(?:\s+(?:la|l'|les))?)\s*\)\s*$")
_PARENTHESIS = re.compile(r"[()\[\]]")
_APOSTROPHE = re.compile(r"\s?'\s*")
_NOT_LETTERS = re.compile(r"[^a-z]+")
_ORDINAL = re.compile(r"\b\d+(?:st|nd|rd|th|er|eme|e)?\b")
_MISREAD = re.compile(r"(?<=[a-z])[01345](?=[a-z])|\b0(?=[a-z])")
_MEANT = {"0": "o", "1": "i", "3": "e", "4": "a", "5": "s"}
_DIGITS = re.compile(r"\d+")
_ENTRIES = 32768
"""Results kept per function: fragments of names only, never a whole record, and bounded, so that they hold a few megabytes."""


class FamilyName(NamedTuple):
    """What one family-name field says: the name in use, the name at birth, every surname word, and a title's sex."""

    family: str | None
    birth: str | None
    surnames: tuple[str, ...]
    sex: str | None


class GivenName(NamedTuple):
    """What one given-name field says: all given names, the root of the first, and a title's sex."""

    given: str | None
    root: str | None
    sex: str | None


NO_FAMILY_NAME = FamilyName(None, None, (), None)
NO_GIVEN_NAME = GivenName(None, None, None)


def name_words(folded: str) -> list[str]:
    """The words of a folded name: apostrophes join, digits are misread letters ("th0mas") or vanish, all else is a space."""
    if folded.isalpha():
        return [folded]
    if _DIGITS.search(folded):
        folded = _DIGITS.sub("", _MISREAD.sub(lambda digit: _MEANT[digit[0]], _ORDINAL.sub(" ", folded)))
    return _NOT_LETTERS.sub(" ", _APOSTROPHE.sub("", folded) if "'" in folded else folded).split()


@lru_cache(maxsize=_ENTRIES)
def family_name(raw: str) -> FamilyName:
    """Family and birth name from one field: "Mme DUPONT née MARTIN", "d'Ormesson", "ST-MARTIN", "Villepin (de)"."""
    folded = fold(raw)
    if is_placeholder(folded):
        return NO_FAMILY_NAME
    if folded.isalpha() and folded not in _NO_PLAIN_NAMES:
        return FamilyName(folded, None, (folded,), None)
    moved = _TRAILING_PARTICLE.search(folded)
    if moved:
        folded = f"{moved[1]} {folded[: moved.start()]}"
    parenthesis = "(" in folded
    words, sex = without_titles(name_words(_PARENTHESIS.sub(" ne " if parenthesis else " ", folded) if parenthesis else folded))
    while len(words) > 1 and words[-1] in _SUFFIXES | _BORN:
        words.pop()
    used, born, also = _told_apart(words)
    used, born, also = ([] if is_placeholder(" ".join(name)) else name for name in (used, born, also))
    if not used and not born:
        return NO_FAMILY_NAME
    surnames = {*_glued(used, surnames=True), *_glued(born, surnames=True), *_glued(also, surnames=True)}
    family, birth = " ".join(_glued(used)) or None, " ".join(_glued(born)) or None
    return FamilyName(_settled(family, folded), _settled(birth, folded), tuple(sorted(surnames)), sex)


def _settled(name: str | None, folded: str) -> str | None:
    """The name as it comes out when it comes in again: joined particles can spell a title or a hint ("d r martin", "n e")."""
    return family_name(name).family if name and name != folded else name


def _told_apart(words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Words of the name in use, of the name at birth, and of a name also known by."""
    used: list[str] = []
    born: list[str] = []
    also: list[str] = []
    current = used
    for position, word in enumerate(words):
        if position and word in _BORN:
            current = born
        elif position and word in _MARRIED:
            # "MARTIN épouse DUPONT": what stood before is the name at birth.
            if not born:
                born, used = used, []
            current = used
        elif position and word in ALSO:
            current = also
        elif not (word in _BORN or word in _MARRIED):
            current.append(word)
    return used, born, also


def _glued(words: list[str], *, surnames: bool = False) -> list[str]:
    """Words with particles joined to what follows; for ``surnames`` saints too, and without the particle "de"."""
    glued: list[str] = []
    pending = ""
    last = len(words) - 1
    for position, word in enumerate(words):
        spelled = _SAINTS.get(word, word)
        if position < last and (word in PARTICLES or (len(word) == 1 and word in "dlno")):
            if not (surnames and not pending and word in _DROPPED_PARTICLES):
                pending += word
        elif position < last and surnames and spelled in {"saint", "sainte"}:
            pending += spelled
        else:
            glued.append(pending + spelled)
            pending = ""
    return glued


@lru_cache(maxsize=_ENTRIES)
def given_name(raw: str) -> GivenName:
    """Given names from one field: "J.-P." → jp, "Jean-Mi" → root jeanmichel, "M. Paul" → paul and a sex."""
    folded = fold(raw)
    if is_placeholder(folded):
        return NO_GIVEN_NAME
    if folded.isalpha() and folded not in GLUED:
        return GivenName(folded, ROOTS.get(folded, folded), None)
    bare = _QUOTED.sub(" ", folded) if ("(" in folded or '"' in folded or "'" in folded) else folded
    words, sex = without_titles(name_words(bare))
    words = [word for word in words if word not in {"et", "and"}] or words
    for position, word in enumerate(words):
        if position and word in ALSO:
            words = words[:position]
            break
    words = _spelled_out(words)
    given = " ".join(words)
    if not words or is_placeholder(given):
        return NO_GIVEN_NAME
    if " " in given and given != folded:
        # Joined initials can spell a title ("m r jean"): what comes out must stay as it is when it comes in.
        return given_name(given)._replace(sex=sex)
    return GivenName(given, given_root(given), sex)


def _spelled_out(words: list[str]) -> list[str]:
    """Initials that follow each other become one abbreviation (j p → jp); compounds written as one word are set apart."""
    spelled: list[str] = []
    initials = ""
    for word in words:
        if len(word) == 1:
            initials += word
            continue
        if initials:
            spelled.append(initials)
            initials = ""
        spelled.extend(GLUED.get(word, (word,)))
    if initials:
        spelled.append(initials)
    return spelled


def given_root(given: str) -> str | None:
    """The first given name, or first compound in one word, with pet forms resolved; of its own output, itself."""
    words = given.split()
    if not words:
        return None
    first = words[0]
    if len(words) > 1 and ((first, words[1]) in COMPOUNDS or first + words[1] in ROOTS):
        first += words[1]
    return ROOTS.get(first, first)
