"""One field that holds a whole name, in either order.

Rules, first that applies
1. A comma: what stands before it is the family name ("Dupont, Jean").
2. Some words are upper case and some are not: the upper-case ones are the family name ("DUPONT Jean", "Jean DUPONT"), unless
   they are given names and the others are not ("AURÉLIE Potier", "JP Potier").
3. One end is a known given name and the other is not: that end is the given name. A given name that is also a common
   surname (Martin, Bernard, Thomas) counts for less than one that is not (Jean, Zoé).
4. All upper case: family name first, as in administrative lists. Otherwise given name first, as people write.
The model has a level for swapped names, since no rule is right always.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from identity.domain.standardise.compounds import ABBREVIATED
from identity.domain.standardise.folding import fold
from identity.domain.standardise.given_names import ALSO_SURNAMES, GIVEN_NAMES
from identity.domain.standardise.names import ALSO, NO_FAMILY_NAME, NO_GIVEN_NAME, PARTICLES, FamilyName, GivenName, family_name, given_name
from identity.domain.standardise.nicknames import ROOTS
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.titles import TITLES

_WORD = re.compile(r"[^\s]+")
_INITIALS = re.compile(r"[a-z]?(?:[^a-z]+[a-z]?)*")
_DIGIT = re.compile(r"\d")
_SURELY = 2
_HINTS = frozenset(["ne", "nee", "ep", "epouse", "epse", "eps", "veuve", "vve", "dit", "dite", "alias", "divorcee"])
_JOINERS = frozenset({"et", "ou", "and", "&"})


class FullName(NamedTuple):
    """A whole name taken apart; either half may be absent."""

    given: GivenName
    family: FamilyName
    sex: str | None


NO_FULL_NAME = FullName(NO_GIVEN_NAME, NO_FAMILY_NAME, None)


def full_name(raw: str) -> FullName:
    """Given and family name of one field; what cannot be told apart follows the rules of this module."""
    folded = fold(raw)
    if is_placeholder(folded):
        return NO_FULL_NAME
    words = [word.strip(".;:") for word in raw.split()]
    words = [word for word in words if _folded(word)]
    words, sex = _without_titles(words)
    if not words:
        return NO_FULL_NAME
    given, family = _halves(words)
    told_given, told_family = given_name(" ".join(given)), family_name(" ".join(family))
    return FullName(told_given, told_family, sex or told_given.sex or told_family.sex)


def _without_titles(words: list[str]) -> tuple[list[str], str | None]:
    told: set[str] = set()
    kept = list(words)
    while len(kept) > 1:
        first = _folded(kept[0]).strip(".,")
        if first not in TITLES and not (len(kept) < len(words) and first in _JOINERS):
            break
        sex = TITLES.get(first)
        if sex:
            told.add(sex)
        kept.pop(0)
    return kept, told.pop() if len(told) == 1 else None


def _halves(words: list[str]) -> tuple[list[str], list[str]]:
    """Words of the given names and words of the family name."""
    text = " ".join(words)
    before, comma, after = text.partition(",")
    if comma and before.strip() and after.strip():
        if digit := _DIGIT.search(after):
            after = after[: digit.start()].rpartition(" ")[0]
        return after.replace(",", " ").split(), before.split()
    words = text.replace(",", " ").split()
    if len(words) == 1:
        return ([], words) if not _is_given(words[0]) else (words, [])
    upper = [word.isupper() and _INITIALS.fullmatch(_folded(word)) is None for word in words]
    if any(upper) and not all(upper):
        return _by_case(words, upper)
    return _by_words(words, all_upper=all(upper))


def _by_case(words: list[str], upper: list[bool]) -> tuple[list[str], list[str]]:
    """The run from the first to the last upper-case word is the family name, with particles before it and hints after."""
    start = upper.index(True)
    end = len(upper) - upper[::-1].index(True)
    while start and _folded(words[start - 1]).rstrip("'") in PARTICLES:
        start -= 1
    capitals, others = words[start:end], words[:start] + words[end:]
    if _weight(capitals[0]) == _SURELY and not any(_weight(word) for word in others):
        return capitals, others
    return others, capitals


def _by_words(words: list[str], *, all_upper: bool) -> tuple[list[str], list[str]]:
    for position, word in enumerate(words):
        hint = _folded(word).strip("().") if position else ""
        if hint in ALSO and position == 1 and _is_given(words[0]):
            # "Jean dit Jojo Dupont": the name by which he goes stands between his given and his family name.
            return words[:1], words[3:]
        if hint in _HINTS:
            given, family = _by_words(words[:position], all_upper=all_upper) if position > 1 else ([], words[:position])
            return given, family + words[position:]
    first, last = _weight(words[0]), _weight(words[-1])
    given_first = first > last or (first == last and not all_upper)
    if _folded(words[0]).rstrip("'") in PARTICLES and last:
        given_first = False
    if given_first:
        split = _given_run(words)
        return words[:split], words[split:]
    split = _given_run(words[::-1])
    return words[len(words) - split :], words[: len(words) - split]


def _given_run(words: list[str]) -> int:
    """How many words, from the first on, are given names; at least one, and one word is left."""
    run = 1
    while run < len(words) - 1 and _weight(words[run]):
        run += 1
    return run


@lru_cache(maxsize=16384)
def _weight(word: str) -> int:
    """2 for a word that is a given name, 1 for one that may as well be a surname, 0 for any other."""
    parts = [part for part in _folded(word).replace("'", "").replace(".", "-").split("-") if part]
    if not parts or not (_is_given(parts[0]) or all(len(part) == 1 for part in parts)):
        return 0
    return 1 if parts[0] in ALSO_SURNAMES and len(parts) == 1 else _SURELY


def _is_given(word: str) -> bool:
    folded = _folded(word)
    return folded in GIVEN_NAMES or folded in ROOTS or folded in ABBREVIATED


_folded = lru_cache(maxsize=16384)(fold)
"""Folding of single words, which repeat where whole names do not."""
