"""Which blocking rules may look for candidates: complementary ones, each needing evidence from two sides or one identifier.

Rules
- Candidates only: ``selection`` keeps those that stay within the comparison budget and find matches that the others miss.
- No rule stands on a household's fields alone unless the field is an identifier (e-mail, phone, full address).
- A rule whose columns are absent is not proposed.
"""

from __future__ import annotations

from identity.domain.model.blocking import BlockingRule, KeyPart, Take, part
from identity.domain.training.statistics import Columns, has


def propose_rules(columns: Columns) -> tuple[BlockingRule, ...]:
    """Return every rule that these columns allow, the most telling first."""
    return tuple(rule for rule in _CANDIDATES if has(columns, *(_needed(rule, columns))))


def _needed(rule: BlockingRule, columns: Columns) -> list[str]:
    """Name one present column of each part, or the first if none is."""
    return [next((column for column in piece.columns if has(columns, column)), piece.columns[0]) for piece in rule.parts]


def _rule(name: str, *parts: KeyPart, unordered: bool = False) -> BlockingRule:
    return BlockingRule(name, parts, unordered)


_GIVEN = part("given_root")
_GIVEN_SOUND = part("given_sound")
_GIVEN_3 = part("given_name", Take.FIRST, 3)
_GIVEN_1 = part("given_name", Take.FIRST, 1)
_SURNAME = part("surnames", Take.EACH_WORD)
_SURNAME_4 = part("family_name", Take.FIRST, 4)
_SURNAME_1 = part("family_name", Take.FIRST, 1)
_SOUND = part("family_sound")
_BORN = part("birth_date")
_YEAR = part("birth_date", Take.YEAR)
_DAY = part("birth_date", Take.MONTH_DAY)
_CODE = part("postal_code")
_AREA = part("postal_code", Take.FIRST, 3)
_CITY = part("city")
_PLACE = part("birth_place")
_MAIL = part("email_canonical")
_PHONE = part("phone")
_LINE = part("address_line")
_STREET = part("address_street")

_CANDIDATES: tuple[BlockingRule, ...] = (
    _rule("national_id", part("national_id")),
    _rule("loyalty_id", part("loyalty_id")),
    _rule("email", _MAIL),
    _rule("phone", _PHONE),
    _rule("given_surname_born", _GIVEN, _SURNAME, _YEAR),
    _rule("surname_born", _SURNAME, _BORN),
    _rule("given_born", _GIVEN, _BORN),
    _rule("given_surname", _GIVEN, _SURNAME),
    _rule("names_unordered", part("given_name"), part("family_name"), unordered=True),
    _rule("line_given", _LINE, _GIVEN_1),
    _rule("line_code", _LINE, _CODE),
    _rule("line_city", _LINE, _CITY),
    _rule("surname_code", _SURNAME, _CODE),
    _rule("surname_street", _SURNAME, _STREET),
    _rule("given_code", _GIVEN, _CODE),
    _rule("given_street", _GIVEN, _STREET),
    _rule("surname_sound_given", _SOUND, _GIVEN_1),
    _rule("sounds", _SOUND, _GIVEN_SOUND),
    _rule("starts", _GIVEN_3, _SURNAME_4),
    _rule("starts_born", part("given_name", Take.FIRST, 2), part("family_name", Take.FIRST, 2), _YEAR),
    _rule("born_place", _BORN, _PLACE),
    _rule("born_code", _BORN, _CODE),
    _rule("born_city", _BORN, _CITY),
    _rule("born_surname_start", _BORN, _SURNAME_1),
    _rule("born_given_start", _BORN, _GIVEN_1),
    _rule("born", _BORN),
    _rule("surname_area", _SURNAME, _AREA),
    _rule("given_area", _GIVEN, _AREA),
    _rule("surname_city", _SURNAME, _CITY),
    _rule("given_city", _GIVEN, _CITY),
    _rule("surname_place", _SURNAME, _PLACE),
    _rule("given_place", _GIVEN, _PLACE),
    _rule("surname_day", _SURNAME, _DAY),
    _rule("given_day", _GIVEN, _DAY),
    _rule("surname_year", _SURNAME, _YEAR),
    _rule("given_year_code", _GIVEN, _YEAR, _AREA),
    _rule("code_place", _CODE, _PLACE),
    _rule("email_start", part("email_canonical", Take.FIRST, 8)),
    _rule("phone_given", _PHONE, _GIVEN_1),
    _rule("code", _CODE),
)
