"""Commands about source records: ingest, delete, export, evaluate."""

from __future__ import annotations

import csv
import os
import secrets
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Annotated, Self, TextIO

import typer
from rich.table import Table

from identity.domain.evaluation import evaluate as measure
from identity.domain.source_record import RecordRef
from identity.ports.record_source import SourceTraits
from identity.usecases.delete_record import DeleteRecord
from identity.usecases.export_memberships import Membership
from identity.usecases.ingest_file import IngestProgress, IngestSummary
from services.cli.failing import DONE, InputError
from services.cli.options import Json, record_ref
from services.cli.running import Session, run
from services.cli.screen import Screen, Ticker, literal
from services.wiring.database import Database, open_database
from services.wiring.identity import open_identity, open_identity_on
from services.wiring.ingest import Lanes, ingest_file, rejects_path, start_lanes

Mapping = Annotated[Path, typer.Option(help="TOML file that says how the file's columns become attributes.")]
FullFile = Annotated[bool, typer.Option("--full", help="The file is the whole source: records that it lacks are deleted.")]
UNREAD_SHARE = 0.2
"""Share of records with a value that was not understood from which an attribute is worth a warning."""

StoreOnly = Annotated[bool, typer.Option("--store-only", help="Only store: the next link says who is who, however small the file.")]
DeletionBudget = Annotated[float, typer.Option(help="Largest share of the source that --full may delete.", min=0, max=1)]


def ingest(
    file: Path,
    mapping: Mapping,
    full: FullFile = False,
    deletion_budget: DeletionBudget = 0.2,
    store_only: StoreOnly = False,
    json: Json = False,
) -> None:
    """Take in a file of source records: CSV, Parquet or JSON Lines. Re-ingesting the same file changes nothing."""

    async def command(session: Session) -> int:
        async with start_lanes(file) as lanes, open_database(session.settings) as database:
            summary = await ingest_one(
                session, database, lanes, file, mapping, full=full, deletion_budget=deletion_budget, store_only=store_only
            )
        if json:
            session.screen.report(summary_facts(file, summary))
        else:
            show_summaries(session.screen, [(file, summary)])
        return DONE

    run(command, json_output=json)


async def ingest_one(
    session: Session,
    database: Database,
    lanes: Lanes,
    file: Path,
    mapping: Path,
    *,
    full: bool = False,
    deletion_budget: float = 0.2,
    store_only: bool = False,
) -> IngestSummary:
    """Ingest one file with a progress bar; return what was done."""
    with session.screen.progress(literal(file.name), "") as ticker:

        def progress(at: IngestProgress) -> None:
            _tick(session.screen, ticker, at)

        async with open_identity_on(session.settings, database) as context:
            return await ingest_file(
                session.settings,
                database,
                context,
                file,
                mapping,
                started=lanes,
                full=full,
                deletion_budget=deletion_budget,
                store_only=store_only,
                progress=progress,
            )


def _tick(screen: Screen, ticker: Ticker, at: IngestProgress) -> None:
    note = screen.say("{rows} rows, {rejected} rejected", rows=at.counts.read, rejected=at.counts.rejected)
    ticker.at(at.offset, at.size, note)


def read_text(path: Path) -> str:
    """Read a small text file that the operator names.

    Raises:
        InputError: if it cannot be read.
    """
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise InputError("{path} cannot be read: {why}", path=path, why=error.strerror) from None
    except UnicodeDecodeError:
        raise InputError("{path} is not UTF-8 text", path=path) from None


def summary_facts(file: Path, summary: IngestSummary) -> dict[str, object]:
    """Return the JSON report of one ingest."""
    counts = summary.counts
    return {
        "source": summary.source,
        "format": summary.traits.kind,
        "encoding": summary.traits.encoding,
        "delimiter": summary.traits.delimiter,
        "read": counts.read,
        "created": counts.created,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "deleted": counts.deleted + summary.removed,
        "rejected": counts.rejected,
        "refusals": dict(counts.refusals),
        "unread_values": dict(counts.unread),
        "rejects_file": str(rejects_path(file)) if counts.rejected else None,
        "absent_kept": summary.absent_kept,
        "linked": summary.linked,
        "seconds": round(summary.seconds, 3),
        "records_per_second": round(summary.rows_per_second),
        "notes": list(summary.traits.notes),
        "likelier_encoding": summary.traits.likelier_encoding or None,
    }


def show_summaries(screen: Screen, done: Sequence[tuple[Path, IngestSummary]]) -> None:
    """Print a table of ingests, and what to do next."""
    say, number = screen.say, screen.language.number
    table = Table(box=None, padding=(0, 1), header_style="bold")
    table.add_column(say("source"), no_wrap=True)
    table.add_column(say("format"), no_wrap=True, style="dim")
    ends = {
        say("rows"): [summary.counts.read for _, summary in done],
        say("new"): [summary.counts.created for _, summary in done],
        say("changed"): [summary.counts.updated for _, summary in done],
        say("unchanged"): [summary.counts.unchanged for _, summary in done],
        say("deleted"): [summary.counts.deleted + summary.removed for _, summary in done],
        say("rejected"): [summary.counts.rejected for _, summary in done],
        say("rows/s"): [round(summary.rows_per_second) for _, summary in done],
    }
    shown = {title: numbers for title, numbers in ends.items() if any(numbers) or title in list(ends)[:2]}
    for title in shown:
        table.add_column(title, justify="right", no_wrap=True)
    for place, (_, summary) in enumerate(done):
        traits = summary.traits
        form = " ".join(filter(None, (traits.kind, _encoding(screen, traits), screen.language.term(traits.delimiter).strip())))
        table.add_row(literal(summary.source), literal(form), *(number(numbers[place]) for numbers in shown.values()))
    screen.out.print(table)
    for file, summary in done:
        for note in summary.traits.notes:
            screen.note(literal(f"{summary.source}: {note}"))
        if summary.counts.rejected:
            screen.warn(screen.say("Rejected rows, with line, column and reason: {file}", file=rejects_path(file)))
        _warn_encoding(screen, summary)
        _warn_unread(screen, summary)
        if summary.absent_kept:
            screen.warn(
                screen.say(
                    "{count} absent records were kept: some rows could not be read, so nobody knows whose.", count=summary.absent_kept
                )
            )
    if any(not summary.linked for _, summary in done):
        screen.note(screen.say("Each new record stands alone until the next: entente link"))


def _encoding(screen: Screen, traits: SourceTraits) -> str:
    """Return an encoding and how it was found, as in ``cp1252 (guessed)``."""
    name, _, found = traits.encoding.partition(" (")
    return f"{name} ({screen.language.term(found.removesuffix(')'))})" if found else name


def _warn_encoding(screen: Screen, summary: IngestSummary) -> None:
    """Say that the declared encoding is hardly the file's own."""
    traits = summary.traits
    if traits.likelier_encoding:
        screen.warn(
            screen.say(
                "{source}: declared as {encoding}, the file reads as {likelier}; correct encoding under [format] in the mapping.",
                source=summary.source,
                encoding=traits.encoding,
                likelier=traits.likelier_encoding,
            )
        )
    if traits.lost:
        screen.warn(
            screen.say(
                "{source}: there is U+FFFD in the place of letters: whoever wrote the file read it in a wrong encoding before.",
                source=summary.source,
            )
        )


def _warn_unread(screen: Screen, summary: IngestSummary) -> None:
    """Say which attributes were mostly not understood: a wrong format or column in the mapping looks like this."""
    stored = summary.counts.created + summary.counts.updated
    for name, count in summary.counts.unread.items():
        if count >= max(1, stored * UNREAD_SHARE):
            text = screen.say(
                "{name}: {count} values of {stored} records were not understood; is the mapping right?",
                name=name,
                count=count,
                stored=stored,
            )
            screen.warn(f"{literal(summary.source)}: {text}")


def delete(record: Annotated[str, typer.Argument(help="SOURCE:KEY")], json: Json = False) -> None:
    """Delete one source record: it leaves its identity."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            record_id = await context.served.delete_record(DeleteRecord(record_ref(record)))
        if json:
            session.screen.report({"record_id": str(record_id), "deleted": True})
        else:
            session.screen.out.print(session.screen.say("Deleted."))
        return DONE

    run(command, json_output=json)


export = typer.Typer(help="Write what Entente knows to files.", no_args_is_help=True)


@export.command("memberships")
def export_memberships(out: Annotated[Path, typer.Argument(metavar="OUT.csv")], json: Json = False) -> None:
    """Write source, record_key, identity_id of every record. The file names source records: it is made 0600."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            with MembershipFile(out) as sink:
                written = await context.export_memberships(sink)
        if json:
            session.screen.report({"records": written, "file": str(out)})
        else:
            session.screen.out.print(session.screen.say("{count} records written to {file}", count=written, file=out))
        return DONE

    run(command, json_output=json)


class MembershipFile:
    """Writes memberships to a CSV that appears whole or not at all.

    Its folder may be one that others write to, so the draft has a name that nobody can foresee, and a file or link that lies there already
    is never opened.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._draft = path.with_name(f".entente-{secrets.token_hex(16)}.part")
        self._file: TextIO | None = None
        self._drafted = False

    def __enter__(self) -> Self:
        return self

    def begin(self) -> None:
        """Start over with an empty file."""
        self._drop()
        try:
            descriptor = os.open(self._draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise InputError("{path} cannot be written: {why}", path=self._path, why=error.strerror) from None
        self._drafted = True
        self._file = os.fdopen(descriptor, "w", encoding="utf-8", newline="")
        csv.writer(self._file, lineterminator="\n").writerow(("source", "record_key", "identity_id"))

    def write(self, memberships: Sequence[Membership]) -> None:
        """Append rows."""
        assert self._file is not None  # noqa: S101 - the exporter begins first
        rows = ((row.ref.source, row.ref.key, row.identity_id) for row in memberships)
        csv.writer(self._file, lineterminator="\n").writerows(rows)

    def __exit__(self, kind: object, error: object, trace: object) -> None:
        if kind is None and self._drafted:
            self._close()
            try:
                self._draft.replace(self._path)
            except OSError as refused:
                self._drop()
                raise InputError("{path} cannot be written: {why}", path=self._path, why=refused.strerror) from None
        else:
            self._drop()

    def _drop(self) -> None:
        """Close the draft and remove it, if it is ours."""
        self._close()
        if self._drafted:
            self._draft.unlink(missing_ok=True)
            self._drafted = False

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


class Memberships:
    """Keeps memberships in memory, for an evaluation."""

    def __init__(self) -> None:
        self.identities: dict[RecordRef, object] = {}

    def begin(self) -> None:
        """Start over."""
        self.identities.clear()

    def write(self, memberships: Sequence[Membership]) -> None:
        """Keep rows."""
        self.identities.update((row.ref, row.identity_id) for row in memberships)


def evaluate(truth: Annotated[Path, typer.Option(help="CSV with source, record_key, person_id.")], json: Json = False) -> None:
    """Compare the identities with a known truth: pairwise and B³ precision, recall, F1."""

    async def command(session: Session) -> int:
        known = read_truth(truth)
        async with open_identity(session.settings) as context:
            memberships = Memberships()
            await context.export_memberships(memberships)
        unknown = require_known(session.screen, known, memberships.identities)
        show_evaluation(session.screen, measure(known, memberships.identities).to_json() | {"unknown_records": unknown})
        return DONE

    run(command, json_output=json)


def require_known(screen: Screen, truth: Collection[RecordRef], known: Collection[RecordRef]) -> int:
    """Return how many records of the truth are unknown here, and warn of them: figures are about the others alone.

    Raises:
        InputError: if all are; there is nothing to measure then.
    """
    unknown = sum(record not in known for record in truth)
    if unknown == len(truth):
        raise InputError("none of the {count} records of the truth is known here", _TRUTH_NAMES, count=unknown)
    if unknown:
        screen.warn(
            screen.say("{unknown} of {count} records of the truth are unknown here, and left out.", unknown=unknown, count=len(truth))
        )
    return unknown


_TRUTH_NAMES = "Its source and record_key must be those that were ingested: entente export memberships shows them."
_TRUTH_FORM = "Write it with commas, or name its columns source, record_key, person_id."


def read_truth(path: Path) -> dict[RecordRef, str]:
    """Read a truth file.

    Raises:
        InputError: if it cannot be read, or lacks a column.
    """
    reader = csv.DictReader(read_text(path).removeprefix("\ufeff").splitlines())
    found = list(reader.fieldnames or ())
    missing = sorted({"source", "record_key", "person_id"} - set(found))
    if missing:
        other = next((sign for sign in ";\t|" if len(found) == 1 and sign in found[0]), None)
        if other:
            raise InputError("{path} is separated by {delimiter}, not by commas", _TRUTH_FORM, path=path, delimiter=repr(other))
        raise InputError("{path} lacks the column {columns}", _TRUTH_FORM, path=path, columns=", ".join(missing))
    return {RecordRef(row["source"], row["record_key"]): row["person_id"] for row in reader}


def show_evaluation(screen: Screen, facts: dict[str, object]) -> None:
    """Print an evaluation."""
    if screen.json_output:
        screen.report(facts)
        return
    table = Table(box=None, padding=(0, 2), header_style="bold")
    for title in ("", screen.say("precision"), screen.say("recall"), "F1"):
        table.add_column(title, justify="right" if title else "left")
    for name, kind in ((screen.say("pairs"), "pairwise"), ("B³", "b3")):
        figures = facts[kind]
        assert isinstance(figures, dict)  # noqa: S101 - so the evaluation is made
        table.add_row(name, *(screen.language.number(figures[key], 4) for key in ("precision", "recall", "f1")))
    screen.out.print(table)
