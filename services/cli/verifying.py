"""Commands that verify what Entente gave out, without asking it: no database, no server, no network, and no secret key."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from consent.domain.errors import ConsentError, Reason
from services.cli.failing import CHECK_FAILED, DONE, InputError
from services.cli.options import Json
from services.cli.running import Session, run_plain
from services.cli.screen import Screen, literal
from services.wiring.receipts import KEY_SET, ReceiptSummary, UnreadableKeySetError, summary_of, verify_receipt_file

_LARGEST: Final = 1 << 20
_UNREADABLE: Final = "{file} cannot be read: {why}"
_TOO_LONG: Final = "{file} is longer than any receipt or key set"

verify = typer.Typer(help="Verify what Entente gave out, without asking it.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The receipt.")]
Keys = Annotated[Path | None, typer.Option("--keys", help="The published keys (JWKS); those in the home if not said.")]


@verify.command()
def receipt(file: File, keys: Keys = None, json: Json = False) -> None:
    """Verify a receipt: that one of the keys signed exactly this, and what it says. Exit code 1 if not."""

    def command(session: Session) -> int:
        document = _read(file)
        key_set = keys or session.settings.home / KEY_SET
        try:
            verified = summary_of(verify_receipt_file(document, _read(key_set)))
        except UnreadableKeySetError:
            raise InputError("{file} is no set of published keys", "The keys are those of who issued the receipt.", file=key_set) from None
        except ConsentError as error:
            if error.reason is not Reason.RECEIPT_INVALID:
                raise
            return _refuse(session.screen, error)
        if json:
            session.screen.report({"valid": True, **asdict(verified)})
        else:
            _show(session.screen, verified)
        return DONE

    run_plain(command, json_output=json)


def _read(file: Path) -> bytes:
    """Return the content of a file, never more than the largest there is.

    Raises:
        InputError: if it cannot be read, or is longer.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
    except OSError as error:
        raise InputError(_UNREADABLE, file=file, why=error.strerror or type(error).__name__) from None
    if len(content) > _LARGEST:
        raise InputError(_TOO_LONG, file=file)
    return content


def _refuse(screen: Screen, error: ConsentError) -> int:
    """Tell what is wrong, and as JSON: a script that reads the report must not take silence for an answer."""
    language = screen.language
    if error.facts["fault"] == "profile":
        what = language.say("Not valid: it was signed, but is no receipt as Entente writes them, at {at}.", at=error.facts["at"])
        hint = language.say("It may be of a newer version: verify it with that one.")
    else:
        what = language.say("Not valid: it was altered, or none of these keys signed it.")
        hint = language.say("Are these the keys of who issued it? If they are, this is not what was issued.")
    if screen.json_output:
        screen.report({"valid": False, **error.facts})
    screen.fail(what, hint=hint)
    return CHECK_FAILED


def _show(screen: Screen, verified: ReceiptSummary) -> None:
    say, term = screen.say, screen.term
    screen.out.print(say("[bold green]Valid[/]: signed with key {key}, and not altered since.", key=verified.key_id))
    language = screen.language.code
    purpose = literal(verified.purpose.get(language, "")) if verified.purpose else say("every purpose")
    table = Table(show_header=False, box=None)
    table.add_row(say("said"), term(verified.event))
    table.add_row(say("purpose"), purpose)
    if verified.channels:
        table.add_row(say("channels"), ", ".join(term(channel) for channel in verified.channels))
    table.add_row(say("expressed"), literal(verified.expressed_at))
    table.add_row(say("recorded at"), literal(verified.recorded_at))
    if verified.valid_until:
        table.add_row(say("valid until"), literal(verified.valid_until))
    table.add_row(say("source"), literal(verified.source))
    table.add_row(say("subject"), literal(verified.subject))
    screen.out.print(table)
    screen.note(say("It proves what was recorded then. Whether it still holds: entente decide."))
