"""Commands about matching: link, judge, review, split, history."""

from __future__ import annotations

from datetime import UTC
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from identity.domain.judgement import Verdict
from identity.domain.refusal import LinkRefusal
from identity.ports.purpose_gate import Use
from identity.usecases.identity_history import GetIdentityHistory, IdentityHistoryAnswer
from identity.usecases.judge_pair import JudgePair
from identity.usecases.link_batch import DEFAULT_CHURN_BUDGET, BatchReport, LinkBatch, LinkProgress
from identity.usecases.list_review_pairs import ListReviewPairs, ReviewPage
from identity.usecases.split_identity import SplitIdentity
from services.cli.failing import CHECK_FAILED, DONE
from services.cli.options import Json, identity_id, instant, record
from services.cli.running import Session, run
from services.cli.screen import Screen, literal
from services.wiring.identity import IdentityContext, open_identity

OPERATOR = "operator"
"""Author of judgements made on the command line, where whoever holds the home acts."""
_ID_WIDTH = 36
"""Of an id as text: ``split`` wants it whole."""
STEWARDING = Use(OPERATOR, "unification", OPERATOR)
"""What the gate is told of ``review`` and ``history``: the operator, who holds the keys, looks after who is one person."""

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")]
ChurnBudget = Annotated[float, typer.Option(help="Share of the established identities that may be disturbed.", min=0, max=1)]


class SameOrDifferent(StrEnum):
    """What can be judged on the command line."""

    SAME = "same"
    DIFFERENT = "different"
    UNSURE = "unsure"


def link(dry_run: DryRun = False, churn_budget: ChurnBudget = DEFAULT_CHURN_BUDGET, json: Json = False) -> None:
    """Link all records in one batch and publish the identities at once."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            report = await link_all(session.screen, context, LinkBatch(dry_run=dry_run, churn_budget=churn_budget))
        if json:
            session.screen.report(link_facts(report))
        else:
            show_link(session.screen, report)
        return DONE if report.within_budget else CHECK_FAILED

    run(command, json_output=json)


async def link_all(screen: Screen, context: IdentityContext, command: LinkBatch) -> BatchReport:
    """Link with a progress bar."""
    stages = {
        "loading": screen.say("unsealing records"),
        "scoring": screen.say("comparing pairs"),
        "tagging": screen.say("renewing blocking tags"),
        "publishing": screen.say("publishing identities"),
        "reassigning": screen.say("assigning what arrived meanwhile"),
    }
    with screen.progress(screen.say("link"), "") as ticker:

        def progress(at: LinkProgress) -> None:
            ticker.at(at.done, at.total or None, stages.get(at.stage, at.stage))

        return await context.link_batch(command, progress=progress)


def link_facts(report: BatchReport) -> dict[str, object]:
    """Return the JSON report of a batch link."""
    churn = report.churn
    return {
        "dry_run": report.dry_run,
        "bundle": report.bundle,
        "records": report.records,
        "withheld": report.withheld,
        "candidate_pairs": report.candidate_pairs,
        "edges": {grade.value: count for grade, count in report.edges.items()},
        "truncated_blocks": report.truncated_blocks,
        "identities_before": report.identities_before,
        "identities_after": report.identities_after,
        "created": churn.created,
        "merged": churn.merged,
        "split": churn.split,
        "moved": churn.moved,
        "disturbed": churn.disturbed,
        "established": churn.established,
        "within_budget": report.within_budget,
        "quarantined": {reason.value: count for reason, count in report.quarantined.items()},
        "retagged": report.retagged,
        "restandardised": report.restandardised,
        "refused_links": {reason.value: count for reason, count in report.refused.items()},
        "reassigned": report.reassigned,
        "seconds": {stage: round(seconds, 3) for stage, seconds in report.seconds.items()},
    }


def show_link(screen: Screen, report: BatchReport) -> None:
    """Print a batch link as a person reads it."""
    say, term, number = screen.say, screen.term, screen.language.number
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(justify="right")
    table.add_column(style="dim")
    churn = report.churn
    graded = ", ".join(f"{number(count)} {term(grade.value)}" for grade, count in report.edges.items())
    rows = [
        (say("records"), report.records, ""),
        (say("pairs compared"), report.candidate_pairs, ""),
        (say("pairs kept as evidence"), sum(report.edges.values()), graded),
        (say("identities before"), report.identities_before, ""),
        (say("identities now") if not report.dry_run else say("identities then"), report.identities_after, ""),
        (say("records that moved"), churn.moved, say("{merged} merged, {split} split", merged=churn.merged, split=churn.split)),
        (say("established identities disturbed"), churn.disturbed, say("of {count}", count=churn.established)),
    ]
    if report.withheld:
        rows.append((say("records whose subject objects"), report.withheld, say("left alone")))
    if report.quarantined:
        reasons = ", ".join(f"{number(count)} {term(reason.value)}" for reason, count in report.quarantined.items())
        rows.append((say("identities held back"), sum(report.quarantined.values()), reasons))
    if report.refused:
        reasons = ", ".join(f"{number(count)} {term(reason.value)}" for reason, count in report.refused.items())
        rows.append((say("links refused, for a steward"), sum(report.refused.values()), reasons))
    if report.truncated_blocks:
        rows.append((say("blocking keys too common to use"), report.truncated_blocks, ""))
    if report.restandardised:
        rows.append((say("records standardised anew"), report.restandardised, say("stored by another version")))
    if report.retagged:
        rows.append((say("records with new blocking tags"), report.retagged, ""))
    for name, count, remark in rows:
        table.add_row(name, number(count), remark)
    seconds = ", ".join(f"{term(stage)} {number(spent, 1)} s" for stage, spent in report.seconds.items())
    table.add_row(say("time"), f"{number(sum(report.seconds.values()), 1)} s", seconds)
    screen.out.print(table)
    if report.dry_run:
        screen.note(say("Dry run: nothing was changed."))
    if not report.within_budget:
        screen.warn(say("More established identities would be disturbed than the churn budget allows."))


def judge(
    left: Annotated[str, typer.Option(help="SOURCE:KEY, or the record's id")],
    right: Annotated[str, typer.Option(help="SOURCE:KEY, or the record's id")],
    verdict: Annotated[SameOrDifferent, typer.Option(help="What they are.")],
    json: Json = False,
) -> None:
    """Decide a pair of records; beats the machine, survives every new model."""

    async def command(session: Session) -> int:
        decided = JudgePair(record(left), record(right), Verdict(verdict.value), OPERATOR)
        async with open_identity(session.settings) as context:
            judged = await context.served.judge_pair(decided)
        facts = {
            "verdict": judged.judgement.verdict.value,
            "left_identity": str(judged.left_identity),
            "right_identity": str(judged.right_identity),
            "moved": judged.churn.moved,
        }
        if json:
            session.screen.report(facts)
        elif judged.left_identity == judged.right_identity:
            session.screen.out.print(session.screen.say("Both records are now in identity {identity}", identity=judged.left_identity))
        else:
            session.screen.out.print(
                session.screen.say(
                    "The records are in identities {left} and {right}", left=judged.left_identity, right=judged.right_identity
                )
            )
        return DONE

    run(command, json_output=json)


def review(
    limit: Annotated[int, typer.Option(help="Most pairs to show.", min=1, max=1000)] = 20,
    page: Annotated[str, typer.Option(help="Page token of the page before.")] = "",
    json: Json = False,
) -> None:
    """Show the pairs that want a steward, hardest first."""

    async def command(session: Session) -> int:
        async with open_identity(session.settings) as context:
            found = await context.served.list_review_pairs(ListReviewPairs(STEWARDING, limit, page))
        if json:
            session.screen.report(review_facts(found))
        else:
            show_review(session.screen, found)
        return DONE

    run(command, json_output=json)


def review_facts(page: ReviewPage) -> dict[str, object]:
    """Return the JSON report of a page of the review queue."""
    pairs = [
        {
            "left": str(pair.left),
            "right": str(pair.right),
            "left_source": pair.left_source,
            "right_source": pair.right_source,
            "grade": pair.grade.value,
            "match_weight": pair.match_weight,
            "decision_weight": pair.decision_weight,
            "refusal": pair.refusal.value if pair.refusal else None,
        }
        for pair in page.pairs
    ]
    return {"pairs": pairs, "next_page_token": page.next_page_token}


def show_review(screen: Screen, page: ReviewPage) -> None:
    """Print a page of the review queue as a person reads it."""
    if not page.pairs and not page.next_page_token:
        screen.out.print(screen.say("Nothing to review."))
        return
    number = screen.language.number
    for pair in page.pairs:
        match, decision = number(pair.match_weight, 1), number(pair.decision_weight + 0.0, 1)
        told = screen.say("match weight {match}, decision weight {decision}", match=match, decision=decision)
        screen.out.print(f"[bold]{screen.term(pair.grade.value)}[/]  {told}")
        for side, source in ((pair.left, pair.left_source), (pair.right, pair.right_source)):
            screen.out.print(f"  {side}  [dim]{literal(source)}[/]")
        if pair.refusal:
            screen.out.print(f"  {_why_refused(screen, pair.refusal)}")
    screen.note(
        screen.say("Look closer: entente explain --left ID --right ID; decide: entente judge --left ID --right ID --verdict same|different")
    )
    if page.next_page_token:
        screen.note(screen.say("More: entente review --page {token}", token=page.next_page_token))


def _why_refused(screen: Screen, refusal: LinkRefusal) -> str:
    """Say why the machine did not follow a link."""
    match refusal:
        case LinkRefusal.TORN:
            return screen.say("refused: another record claims one of the two nearly as strongly, and excludes the other")
        case LinkRefusal.CONTRADICTED:
            return screen.say("refused: records of their two identities contradict each other, or were judged different")
        case LinkRefusal.UNSUPPORTED:
            return screen.say("refused: too few of the pairs between their two identities are alike")


def split(
    identity: Annotated[str, typer.Argument(help="The identity to split.")],
    others: Annotated[list[str], typer.Option("--record", help="SOURCE:KEY or id of a record that is somebody else; repeat.")],
    json: Json = False,
) -> None:
    """Take records out of an identity; the parts never join again by themselves."""

    async def command(session: Session) -> int:
        out = tuple(record(text) for text in others)
        async with open_identity(session.settings) as context:
            done = await context.served.split_identity(SplitIdentity(identity_id(identity), out, OPERATOR))
        if json:
            session.screen.report({"identities": [str(part) for part in done.identities], "moved": done.churn.moved})
        else:
            for part in done.identities:
                session.screen.out.print(str(part))
        return DONE

    run(command, json_output=json)


def history(
    identity: Annotated[str, typer.Argument(help="An identity's id, current or not.")],
    as_of: Annotated[str | None, typer.Option(help="As it was known at this time.")] = None,
    json: Json = False,
) -> None:
    """Tell what happened to an identity: its records over time, and who answers for it now."""

    async def command(session: Session) -> int:
        asked = GetIdentityHistory(STEWARDING, identity_id(identity), instant(as_of) if as_of else None)
        async with open_identity(session.settings) as context:
            answer = await context.served.get_identity_history(asked)
        if json:
            session.screen.report(_history_facts(answer))
        else:
            show_history(session.screen, answer)
        return DONE

    run(command, json_output=json)


def _history_facts(answer: IdentityHistoryAnswer) -> dict[str, object]:
    identity = answer.identity
    return {
        "identity": str(identity.identity_id),
        "state": identity.state.value,
        "created_at": identity.created_at.isoformat(),
        "quarantined": identity.quarantined,
        "answered_by": [str(other) for other in answer.answered_by],
        "assignments": [
            {
                "record_id": str(life.record_id),
                "valid_from": life.valid_from.isoformat(),
                "valid_to": life.valid_to.isoformat() if life.valid_to else None,
                "cause": life.cause.value,
                "end_cause": life.end_cause.value if life.end_cause else None,
            }
            for life in answer.assignments
        ],
        "events": [
            {"kind": event.kind, "at": event.at.isoformat(), "cause": event.cause.value, "others": [str(other) for other in event.others]}
            for event in answer.events
        ],
    }


def show_history(screen: Screen, answer: IdentityHistoryAnswer) -> None:
    """Print a history, oldest first."""
    identity, term = answer.identity, screen.term
    screen.out.print(f"[bold]{identity.identity_id}[/]  {screen.term(identity.state.value)}")
    others = [str(other) for other in answer.answered_by if other != identity.identity_id]
    if others:
        screen.out.print(screen.say("answered by {others}", others=", ".join(others)))
    table = Table(box=None, padding=(0, 1), pad_edge=False, collapse_padding=True, header_style="bold")
    table.add_column(screen.say("when (UTC)"), no_wrap=True)
    for title in (screen.say("what"), screen.say("why")):
        table.add_column(title, overflow="fold")
    table.add_column("", no_wrap=True, min_width=_ID_WIDTH)
    happened = [(event.at, term(event.kind), term(event.cause.value), "\n".join(map(str, event.others))) for event in answer.events]
    for life in answer.assignments:
        happened.append((life.valid_from, screen.say("record joins"), term(life.cause.value), str(life.record_id)))
        if life.valid_to:
            happened.append(
                (life.valid_to, screen.say("record leaves"), term(life.end_cause.value) if life.end_cause else "", str(life.record_id))
            )
    for at, what, why, other in sorted(happened, key=lambda row: row[0]):
        table.add_row(f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}", what, why, other)
    screen.out.print(table)
