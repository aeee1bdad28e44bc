"""A compact French phonetic code, for blocking: spellings that sound alike in French share it.

Own rules, applied in this order to a name written in one word of ASCII letters:
 1. Consonant groups: sch, sh and ch are one sound (``c``), but ch before a consonant is k; ph is f; any other h is silent;
    qu, q, ck and hard c are k; soft c and sc are s; z is s; w is v; gu before e, i is g, soft g is j; gn is n; final x is silent, else ks.
 2. y is i, except that ay, ey, oy are read as ai, ei, oi.
 3. Nasal vowels before a consonant or at the end: an, en, ean → ``q``; in, ain, ein, un, ien → ``y``; on → ``w``.
 4. Silent endings: e, es, or a run of s, t, d, x, p; one of them only, so that Denis and Denise differ. A final ez is é, ault is o.
 5. Vowel groups: eau, au → o; ai, ei, eu, oeu → e; ou → u; oi → oa.
 6. Doubled letters are written once; other e's inside are kept.
The letters c, q, w, y stand for sounds above: the code is for equality only, and is not to be read.
"""

from __future__ import annotations

import re
from functools import lru_cache

_NOT_LETTERS = re.compile(r"[^a-z]+")
_NASAL = "(?![aeiou3456nm])"
_SPELLINGS = (
    # what a name must hold for the rule to apply at all, the spelling, the sound
    ("z", r"ez$", "6"),
    ("tz", r"tz", "ts7"),
    ("aul", r"aul[dt]s?$", "o"),
    ("m", r"^(?:mac|mc)(?=[a-z]{3})", "mak"),
    ("h", r"sch|sh", "1"),
    ("ch", r"ch(?=[rlnmtk]|ae)|ch$", "k"),
    ("ch", r"ch", "1"),
    ("ph", r"ph", "f"),
    ("h", r"h", ""),
    ("q", r"c?qu?", "k"),
    ("c", r"cc(?![eiy])|ck", "k"),
    ("c", r"s?c(?=[eiy])", "s"),
    ("ss", r"ss", "s"),
    ("z", r"z", "s"),
    ("c", r"c", "k"),
    ("w", r"w", "v"),
    ("ge", r"ge(?=[aou])", "j"),
    ("gu", r"gu(?=[eiy])", "2"),
    ("g", r"g(?=[eiy])", "j"),
    ("2", r"2", "g"),
    ("gg", r"gg", "g"),
    ("gn", r"gn", "n"),
    ("x", r"x$", ""),
    ("x", r"x", "ks"),
    ("y", r"y", "i"),
    ("nn", r"nn$", "n"),
    ("mm", r"mm$", "m"),
    ("", rf"(?:ai|ei|u|i|(?<=i)e)[nm]{_NASAL}", "3"),
    ("i3", r"i3", "3"),
    ("", rf"e?[ae][nm]{_NASAL}", "4"),
    ("o", rf"o[nm]{_NASAL}", "5"),
    ("", r"(?<=[a-z0-9]{2})(?:es|(?<=[^aeiou])e|(?<=[iu])e|(?:(?<![stdp])|(?<=^..))[stdp]+)$", ""),
    ("au", r"eau|au", "o"),
    ("e", r"oeu|oe|eu|ei|ae", "e"),
    ("ai", r"ai", "e"),
    ("o", r"ou|oo", "u"),
    ("oi", r"oi", "oa"),
    ("", r"(.)\1+", r"\1"),
)
_RULES: tuple[tuple[str, re.Pattern[str] | None, str], ...] = tuple(
    (held, None if spelling == held else re.compile(spelling), heard) for held, spelling, heard in _SPELLINGS
)
_SYMBOLS = str.maketrans("13456", "cyqwe", "7")


@lru_cache(maxsize=32768)
def sound(name: str) -> str | None:
    """The code of a folded name, spaces ignored; None when it has no letters."""
    code = name if name.isalpha() else _NOT_LETTERS.sub("", name)
    if not code:
        return None
    for held, spelling, heard in _RULES:
        if held in code:
            code = spelling.sub(heard, code) if spelling else code.replace(held, heard)
    return code.translate(_SYMBOLS) or name[0]
