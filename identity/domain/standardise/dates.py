"""Dates of birth, from whatever a silo writes.

Rules
- A declared format is tried first, and besides it only ISO: a declared column holds no surprises that a guess should settle.
- Undeclared, in this order: ISO (yyyy-mm-dd, any separator), day first (dd/mm/yyyy, as in France), month first only where day first is
  impossible, yyyymmdd then ddmmyyyy, day and French or English month name in either order. A time of day after the date is ignored.
- Two-digit years up to ``PIVOT`` are 20yy, later ones 19yy.
- A declared format is short and says each thing once: repeated, parts of any width would make matching take for ever.
- A date that does not exist (31/02), one before ``EARLIEST_YEAR`` or after ``LATEST_YEAR``, and the well-known
  defaults (1900-01-01, 1970-01-01 …) are absent. The years are constants of this version: no clock is read.
"""

from __future__ import annotations

import re
from functools import lru_cache

from identity.domain.standardise.folding import fold

EARLIEST_YEAR = 1000
"""Archives are sources too, and a year that is typed wrong (1198 for 1998) is still evidence beside the right one."""
LATEST_YEAR = 2035
"""Some years after this version was written: it must not refuse those who are born while it is in use."""
PIVOT = 27
MAX_FORMAT = 64
"""Longest declared format, in characters."""

_DEFAULTS = frozenset(
    {
        (1900, 1, 1),
        (1901, 1, 1),
        (1899, 12, 30),
        (1899, 12, 31),
        (1753, 1, 1),
        (1970, 1, 1),
        (1904, 1, 1),
    }
)
_MONTHS: dict[str, int] = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars mar march",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil jul july",
            "aout aou august aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_TIME = r"(?:[t ,]+\d{1,2}[:h].*|t\d{6}.*)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})[-/. ](\d{{1,2}})[-/. ](\d{{1,2}}){_TIME}")
_DAY_FIRST = re.compile(rf"(\d{{1,2}})\s?[-/. _,]\s?(\d{{1,2}})\s?[-/. _,]\s?(\d{{4}}|\d{{2}}){_TIME}")
_COMPACT = re.compile(rf"(\d{{8}}|\d{{6}}|\d{{14}})(?:\.0)?{_TIME}")
_DAY_NAMED = re.compile(rf"(\d{{1,2}})(?:er|st|nd|rd|th|e)?[-/. ]*(?:of )?({_MONTH})[-/.,' ]*(\d{{4}}|\d{{2}}){_TIME}")
_MONTH_NAMED = re.compile(rf"({_MONTH})[-/. ]*(\d{{1,2}})(?:er|st|nd|rd|th)?[-/., ]+(\d{{4}}|\d{{2}}){_TIME}")
_YEAR_NAMED = re.compile(rf"(\d{{4}})[-/., ]*({_MONTH})[-/. ]*(\d{{1,2}}){_TIME}")
_LEADING_WORDS = re.compile(
    r"^(?:(?:nee?|born|date|de|naissance|du|on|le|the|dob|ddn|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mer|jeu|ven|sam|dim|"
    r"mon|tue|wed|thu|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)\s*[.,:]*\s+)+"
)
_LENGTHS = (0, 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@lru_cache(maxsize=32768)
def date(raw: str, declared: str | None = None) -> str | None:
    """ISO yyyy-mm-dd, or None when the value is no date, an impossible one or a default."""
    text = fold(raw)
    found = _declared(text, declared) if declared else _guessed(_LEADING_WORDS.sub("", text))
    if found is None or found in _DEFAULTS:
        return None
    return f"{found[0]:04d}-{found[1]:02d}-{found[2]:02d}"


def _existing(year: str | int, month: str | int, day: str | int) -> tuple[int, int, int] | None:
    """The date as numbers if the calendar has it and a living or archived person can be born on it."""
    years, months, days = int(year), int(month), int(day)
    if isinstance(year, str) and len(year) == len("yy"):
        years += 2000 if years <= PIVOT else 1900
    if not (EARLIEST_YEAR <= years <= LATEST_YEAR and 1 <= months < len(_LENGTHS) and 1 <= days <= _LENGTHS[months]):
        return None
    leap = years % 4 == 0 and (years % 100 != 0 or years % 400 == 0)
    return None if (months, days) == (2, 29) and not leap else (years, months, days)


def _guessed(text: str) -> tuple[int, int, int] | None:
    if match := _YEAR_FIRST.fullmatch(text):
        return _existing(match[1], match[2], match[3])
    if match := _DAY_FIRST.fullmatch(text):
        return _existing(match[3], match[2], match[1]) or _existing(match[3], match[1], match[2])
    if match := _COMPACT.fullmatch(text):
        return _compact(match[1])
    return _named(text)


def _named(text: str) -> tuple[int, int, int] | None:
    """A date whose month is a French or English word."""
    if match := _DAY_NAMED.fullmatch(text):
        return _existing(match[3], _MONTHS[match[2]], match[1])
    if match := _MONTH_NAMED.fullmatch(text):
        return _existing(match[3], _MONTHS[match[1]], match[2])
    if match := _YEAR_NAMED.fullmatch(text):
        return _existing(match[1], _MONTHS[match[2]], match[3])
    return None


def _compact(digits: str) -> tuple[int, int, int] | None:
    if len(digits) == len("ddmmyy"):
        return _existing(digits[4:], digits[2:4], digits[:2])
    return _existing(digits[:4], digits[4:6], digits[6:8]) or (
        _existing(digits[4:8], digits[2:4], digits[:2]) if len(digits) == len("ddmmyyyy") else None
    )


def _declared(text: str, declared: str) -> tuple[int, int, int] | None:
    pattern = _pattern(declared)
    if pattern is None:
        return None
    match = pattern.fullmatch(text)
    if match is None:
        iso = _YEAR_FIRST.fullmatch(text)
        return _existing(iso[1], iso[2], iso[3]) if iso else None
    told = match.groupdict()
    if not {"y", "d"} <= told.keys() or not ("m" in told or "b" in told):
        return None
    month: str | int | None = told["m"] if "m" in told else _MONTHS.get(told["b"])
    return _existing(told["y"], month, told["d"]) if month else None


_DIRECTIVES = {
    "%d": r"(?P<d>\d{1,2})",
    "%m": r"(?P<m>\d{1,2})",
    "%Y": r"(?P<y>\d{4})",
    "%y": r"(?P<y>\d{2})",
    "%b": r"(?P<b>[a-z]{1,12})\.?",
    "%B": r"(?P<b>[a-z]{1,12})\.?",
    "%h": r"(?P<b>[a-z]{1,12})\.?",
    "%a": r"[a-z]{1,12}\.?",
    "%A": r"[a-z]{1,12}",
    "%H": r"\d{1,2}",
    "%I": r"\d{1,2}",
    "%M": r"\d{1,2}",
    "%S": r"\d{1,2}",
    "%f": r"\d{1,6}",
    "%p": r"[ap]m",
    "%z": r"(?:z|[+-]\d\d:?\d\d)",
    "%F": r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})",
    "%T": r"\d{1,2}:\d{1,2}:\d{1,2}",
    "%%": "%",
}
_TOKEN = re.compile(r"%.|[^%]+|%", re.DOTALL)
_SAME = str.maketrans("yBhA", "Ybba")
_WHOLE = {"%F": "%Y%m%d", "%T": "%H%M%S"}
_ADJOINING_WORDS = re.compile(r"%[aAbBhp]%[aAbBhp]")
_SPELLED = (("yyyy", "%Y"), ("aaaa", "%Y"), ("yy", "%y"), ("aa", "%y"), ("mm", "%m"), ("dd", "%d"), ("jj", "%d"))
_NAMED_FORMATS = {"iso": "%Y-%m-%d", "dmy": "%d/%m/%Y", "mdy": "%m/%d/%Y", "ymd": "%Y/%m/%d"}


def _literal(token: str) -> str:
    """What stands between directives, over folded text: spaces are optional, for folding has moved some."""
    words = r"\s*".join(re.escape(folded) for word in token.split() if (folded := fold(word)))
    if not words:
        return r"\s*"
    return (r"\s*" if token[0].isspace() else "") + words + (r"\s*" if token[-1].isspace() else "")


def format_fault(declared: str) -> str | None:
    """What would make matching a strptime format slow or meaningless, if anything: its length, something said twice, words that run on."""
    if len(declared) > MAX_FORMAT:
        return f"is longer than {MAX_FORMAT} characters"
    directives = [token for token in _TOKEN.findall(declared) if token[0] == "%"]
    if any(token not in _DIRECTIVES for token in directives):
        return "has an unknown directive"
    said = "".join(_WHOLE.get(token, token) for token in directives).replace("%", "").translate(_SAME)
    if len(set(said)) < len(said) or directives.count("%%") > 1:
        return "says something twice"
    return "has two words in a row" if _ADJOINING_WORDS.search(declared) else None


@lru_cache(maxsize=256)
def _pattern(declared: str) -> re.Pattern[str] | None:
    """A strptime format, "jj/mm/aaaa" or "iso|dmy|mdy|ymd" as an expression over folded text; months are ours, not the locale's.

    None for a format with a fault.
    """
    if len(declared) > MAX_FORMAT:
        return None
    spelled = _NAMED_FORMATS.get(declared.lower(), declared)
    if "%" not in spelled:
        spelled = spelled.lower()
        for word, directive in _SPELLED:
            spelled = spelled.replace(word, directive)
    if format_fault(spelled):
        return None
    return re.compile("".join(_DIRECTIVES.get(token) or _literal(token) for token in _TOKEN.findall(spelled)) + _TIME)
