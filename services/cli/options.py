"""Options and arguments that several commands share."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Annotated, BinaryIO, Final

import typer

from identity.domain.attributes import EXTRA_PREFIX, Attribute
from identity.domain.source_record import IdentityId, RecordId, RecordRef
from services.cli.failing import InputError
from services.consent.parsing import LONGEST_KEY, is_source

Json = Annotated[bool, typer.Option("--json", help="Print the report as JSON on standard output.")]
Caller = Annotated[str, typer.Option(help="Act under this caller's registration.")]
Purpose = Annotated[str, typer.Option(help="What the answer is for; must be registered for the caller.")]

Source = Annotated[str, typer.Option(help="The source system of the record.")]
Key = Annotated[str, typer.Option(help="The record's key there.")]
Channel = Annotated[str | None, typer.Option(help="email, sms, phone, post, …; every one of the purpose's if not said.")]

STANDARD_INPUT: Final = "-"
_MAX_INPUT: Final = 1 << 20
_NO_PAIR: Final = "argument {number} is not NAME=VALUE"
_NO_PAIR_ON_LINE: Final = "line {number} of standard input is not NAME=VALUE"


def record_ref(text: str) -> RecordRef:
    """Read ``crm:42``.

    Raises:
        InputError: if it is not a source and a key.
    """
    source, colon, key = text.partition(":")
    if not (source and colon and key):
        raise InputError("a record is named SOURCE:KEY, such as crm:42", "Where its id is taken too, `entente review` shows it.")
    return RecordRef(source, key)


def record(text: str) -> RecordRef | RecordId:
    """Read a record, named ``crm:42`` or by its id.

    Raises:
        InputError: if it is neither.
    """
    try:
        return RecordId(uuid.UUID(text))
    except ValueError:
        return record_ref(text)


def identity_id(text: str) -> IdentityId:
    """Read an identity's id.

    Raises:
        InputError: if it is not one.
    """
    try:
        return IdentityId(uuid.UUID(text))
    except ValueError:
        raise InputError("an identity is named by its id, such as 0193a1c0-7c1e-7f52-9a44-0b5f6a2d9c11") from None


def attributes(words: list[str], standard_input: BinaryIO) -> dict[str, str]:
    """Read ``given_name=Zoé`` words; a word ``-`` stands for lines of that form on ``standard_input``, which no list of processes shows.

    Raises:
        InputError: naming what is no attribute; never a value.
    """
    known = {attribute.value for attribute in Attribute}
    found: dict[str, str] = {}
    said = [(_NO_PAIR, number, word) for number, word in enumerate(words, 1) if word != STANDARD_INPUT]
    if STANDARD_INPUT in words:
        said += [(_NO_PAIR_ON_LINE, number, line) for number, line in enumerate(_lines(standard_input), 1) if line.strip()]
    for amiss, number, word in said:
        name, equals, value = word.partition("=")
        if not equals:
            raise InputError(amiss, number=number)
        if name not in known and not name.startswith(EXTRA_PREFIX):
            raise InputError("'{name}' is no attribute", "Known are {known}; extras are x_NAME.", name=name, known=", ".join(sorted(known)))
        if name in found:
            raise InputError("'{name}' is given twice", name=name)
        found[name] = value
    return found


def _lines(stream: BinaryIO) -> list[str]:
    read = stream.read(_MAX_INPUT + 1)
    if len(read) > _MAX_INPUT:
        raise InputError("standard input is longer than {limit} bytes", limit=_MAX_INPUT)
    try:
        return read.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except UnicodeDecodeError:
        raise InputError("standard input is not UTF-8 text") from None


def instant(text: str) -> datetime:
    """Read an ISO 8601 time; without a zone it is UTC.

    Raises:
        InputError: if it is none.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise InputError("a time is written as in 2026-03-01T12:00:00+01:00") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def require_name(source: str, key: str) -> None:
    """Make sure that a record can have this name.

    Raises:
        InputError: if not.
    """
    if not is_source(source):
        raise InputError("--source takes lower-case letters, digits, - and _, starting with a letter")
    if not (0 < len(key) <= LONGEST_KEY and key.isprintable()):
        raise InputError("--key takes at most {most} characters, and no control characters", most=LONGEST_KEY)


def attribute_names(text: str) -> tuple[str, ...]:
    """Read ``email,phone``: each name once."""
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
