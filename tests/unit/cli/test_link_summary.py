"""The summary of a batch link says when records were standardised anew, and nothing of it otherwise."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console

from identity.domain.churn import Churn
from identity.usecases.link_batch import BatchReport
from services.cli.language import Language
from services.cli.matching import link_facts, show_link
from services.cli.screen import Screen

REPORT = BatchReport(
    bundle="ab" * 32,
    dry_run=False,
    records=10,
    withheld=0,
    candidate_pairs=7,
    edges={},
    truncated_blocks=0,
    truncated_records=0,
    identities_before=10,
    identities_after=9,
    churn=Churn(),
    within_budget=True,
)


def shown(report: BatchReport, language: str = "en") -> str:
    screen = Screen(Language(language))
    out = io.StringIO()
    screen.out = Console(file=out, width=120, highlight=False)
    show_link(screen, report)
    return out.getvalue()


def test_records_standardised_anew_and_new_tags_are_in_the_summary():
    report = replace(REPORT, restandardised=1234, retagged=56)
    text = shown(report)
    assert "records standardised anew" in text
    assert "1,234" in text
    assert "records with new blocking tags" in text
    assert (link_facts(report)["restandardised"], link_facts(report)["retagged"]) == (1234, 56)
    assert "fiches normalisées à nouveau" in shown(report, "fr")


def test_without_any_the_summary_does_not_speak_of_them():
    assert "anew" not in shown(REPORT)
    assert "tags" not in shown(REPORT)
    assert (link_facts(REPORT)["restandardised"], link_facts(REPORT)["retagged"]) == (0, 0)
