"""Titles before a name, and the sex that some of them tell.

Rules
- A title is taken off only where a name is left after it.
- "M. et Mme" announces two people: it is taken off and tells no sex.
- ISO/IEC 5218 and French administration write 1 for men and 2 for women.
"""

from __future__ import annotations

import re

_MALE = "m mr monsieur mons mister messieurs mm sieur sir lord abbe frere pere herr senor"
_FEMALE = "mme mmes madame mlle mles mlles melle mademoiselle mrs ms miss mistress veuve vve dame lady soeur mere frau sra senora"
_EITHER = (
    "dr docteur drs pr prof professeur me maitre mtre mgr rev reverend hon rt general colonel capitaine cne commandant cdt lieutenant lt mx"
)
TITLES: dict[str, str | None] = (
    dict.fromkeys(_EITHER.split(), None) | dict.fromkeys(_MALE.split(), "m") | dict.fromkeys(_FEMALE.split(), "f")
)
SEXES: dict[str, str] = (
    dict.fromkeys(["m", "h", "1", "homme", "masculin", "masc", "male", "man", "boy", "garcon", "hommes", "xy"], "m")
    | dict.fromkeys(["f", "2", "femme", "feminin", "fem", "female", "woman", "girl", "fille", "w", "femmes", "xx"], "f")
    | {title: sex for title, sex in TITLES.items() if sex}
)
_JOINERS = frozenset({"et", "ou", "and", "&"})
_WORD = re.compile(r"[a-z0-9]+")


def sex_of(folded: str) -> str | None:
    """``m`` or ``f`` from a sex or a title, or None when it tells neither (or both)."""
    told = {SEXES[word] for word in _WORD.findall(folded) if word in SEXES}
    return told.pop() if len(told) == 1 else None


def without_titles(words: list[str]) -> tuple[list[str], str | None]:
    """The words after any leading titles, and the sex those titles tell."""
    told: set[str] = set()
    start = 0
    while start < len(words) - 1 and (words[start] in TITLES or (start and words[start] in _JOINERS)):
        sex = TITLES.get(words[start])
        if sex:
            told.add(sex)
        start += 1
    return words[start:], told.pop() if len(told) == 1 else None
