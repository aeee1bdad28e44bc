"""Blocking: which pairs are looked at, by keys that both records share.

Rules
- A blocking key is computed here and nowhere else; the database and the batch frame see only its keyed tag, so that batch and
  real time look at the same pairs (DESIGN §4.4).
- A rule is a tuple of parts, each taking something from a column; a record without one of them has no key under the rule.
- A part that takes several values (each token, several columns) gives the rule several keys per record, at most ``MAX_KEYS``.
- A block larger than ``Blocking.cap`` records contributes no pairs at all, in batch and in real time, and is reported.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from itertools import product

from identity.domain.attributes import StandardAttributes

MAX_KEYS = 8
_JOINT = "\x1f"


class Take(StrEnum):
    """What a key part takes from a value."""

    WHOLE = "whole"
    FIRST = "first"  # the first ``length`` characters
    LAST = "last"  # the last ``length`` characters
    FIRST_WORD = "first-word"
    EACH_WORD = "each-word"
    SORTED_WORDS = "sorted-words"
    YEAR = "year"
    MONTH_DAY = "month-day"  # in either order, so that a day/month swap stays in the block


@dataclass(frozen=True, slots=True)
class KeyPart:
    """What one part of a key takes; of several ``columns``, the values of each (any of them may be missing)."""

    columns: tuple[str, ...]
    take: Take = Take.WHOLE
    length: int = 0


@dataclass(frozen=True, slots=True)
class BlockingRule:
    """A named way to make keys. ``unordered`` sorts the parts' values, so that exchanged columns meet."""

    name: str
    parts: tuple[KeyPart, ...]
    unordered: bool = False


@dataclass(frozen=True, slots=True)
class Blocking:
    """The rules, and the largest block that is still looked at (records)."""

    rules: tuple[BlockingRule, ...]
    cap: int = 100


def part(column: str, take: Take = Take.WHOLE, length: int = 0) -> KeyPart:
    """Return the usual part: one column."""
    return KeyPart((column,), take, length)


def block_keys(blocking: Blocking, standard: StandardAttributes) -> list[tuple[str, str]]:
    """Return the (rule name, key) of a record, in the order of the rules, without repetition."""
    return [(rule.name, key) for rule in blocking.rules for key in rule_keys(rule, standard)]


class CompiledBlocking:
    """``block_keys`` for many records under the same rules: the same keys, in a fraction of the time."""

    def __init__(self, blocking: Blocking) -> None:
        self._rules = [(rule.name, rule, _plain_parts(rule)) for rule in blocking.rules]

    def keys(self, standard: StandardAttributes) -> list[tuple[str, str]]:
        """Return what ``block_keys`` returns."""
        found: list[tuple[str, str]] = []
        for name, rule, parts in self._rules:
            if not parts:
                found += [(name, key) for key in rule_keys(rule, standard)]
                continue
            values: list[str] = []
            for column, take, length in parts:
                value = standard.get(column)
                if not value:
                    break
                if take:
                    taken = take(value, length)
                    if len(taken) != 1:
                        found += [(name, key) for key in rule_keys(rule, standard)]
                        break
                    value = taken[0]
                values.append(value)
            else:
                if rule.unordered:
                    values.sort()
                found.append((name, _JOINT.join(values)))
        return found


def _plain_parts(rule: BlockingRule) -> list[tuple[str, Callable[[str, int], list[str]] | None, int]]:
    """Return (column, take or None for the whole value, length) of each part; nothing if a part has several columns."""
    if any(len(key_part.columns) != 1 for key_part in rule.parts):
        return []
    return [
        (key_part.columns[0], None if key_part.take is Take.WHOLE else _TAKES[key_part.take], key_part.length) for key_part in rule.parts
    ]


def rule_keys(rule: BlockingRule, standard: StandardAttributes) -> list[str]:
    """Return the record's keys under one rule: none if a part is missing, sorted and cut to ``MAX_KEYS`` if many."""
    values: list[list[str]] = []
    for key_part in rule.parts:
        taken = _values(key_part, standard)
        if not taken:
            return []
        values.append(taken)
    if all(len(taken) == 1 for taken in values):
        return [_join([taken[0] for taken in values], unordered=rule.unordered)]
    return _combined(values, unordered=rule.unordered)


def _combined(values: list[list[str]], *, unordered: bool) -> list[str]:
    return sorted({_join(list(combination), unordered=unordered) for combination in product(*values)})[:MAX_KEYS]


def _join(values: list[str], *, unordered: bool) -> str:
    return _JOINT.join(sorted(values) if unordered else values)


def _values(key_part: KeyPart, standard: StandardAttributes) -> list[str]:
    """Return the distinct values a part takes from a record."""
    taken: list[str] = []
    for column in key_part.columns:
        value = standard.get(column)
        if value:
            taken.extend(_take(key_part, value))
    return taken if len(taken) < 2 else sorted(set(taken))  # noqa: PLR2004 - one value needs no sorting


def _take(key_part: KeyPart, value: str) -> list[str]:
    return _TAKES[key_part.take](value, key_part.length)


_TAKES: dict[Take, Callable[[str, int], list[str]]] = {
    Take.WHOLE: lambda value, _: [value],
    Take.FIRST: lambda value, length: [value[:length]] if len(value) >= length else [],
    Take.LAST: lambda value, length: [value[-length:]] if len(value) >= length else [],
    Take.FIRST_WORD: lambda value, _: [value.split(" ", 1)[0]],
    Take.EACH_WORD: lambda value, _: value.split(" "),
    Take.SORTED_WORDS: lambda value, _: [" ".join(sorted(value.split(" ")))],
    Take.YEAR: lambda value, _: [value[:4]],
    Take.MONTH_DAY: lambda value, _: ["-".join(sorted((value[5:7], value[8:10])))],
}
