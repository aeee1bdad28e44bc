"""What a steward reads on the command line about a pair that waits, and what a program reads."""

from __future__ import annotations

import io
import json
from uuid import UUID

import pytest
from rich.console import Console

from identity.domain.edge import EdgeGrade
from identity.domain.refusal import LinkRefusal
from identity.domain.source_record import RecordId
from identity.usecases.list_review_pairs import ReviewPage, ReviewPair
from services.cli.language import Language
from services.cli.matching import review_facts, show_review
from services.cli.screen import Screen

ONE, OTHER = RecordId(UUID(int=1)), RecordId(UUID(int=2))
SAID = {
    LinkRefusal.TORN: ("claims one of the two", "réclame l'une des deux"),
    LinkRefusal.CONTRADICTED: ("contradict each other", "se contredisent"),
    LinkRefusal.UNSUPPORTED: ("too few of the pairs", "trop peu des paires"),
}


class Page(Screen):
    """A screen that can be read."""

    def __init__(self, language: str) -> None:
        super().__init__(Language(language))
        self.seen = io.StringIO()
        self.out = self.err = Console(file=self.seen, width=300, highlight=False)


def waiting(grade: EdgeGrade, refusal: LinkRefusal | None) -> ReviewPage:
    return ReviewPage((ReviewPair(ONE, OTHER, "crm", "webshop", grade, 14.0, 13.0, refusal),), "")


def refusals(page: ReviewPage) -> list[str | None]:
    """Return what the JSON report says, as a program reads it."""
    return [pair["refusal"] for pair in json.loads(json.dumps(review_facts(page)))["pairs"]]


@pytest.mark.parametrize("refusal", LinkRefusal)
def test_a_refused_link_says_why_in_both_languages_and_in_json(refusal: LinkRefusal) -> None:
    page = waiting(EdgeGrade.LINK, refusal)
    for language, words in zip(("en", "fr"), SAID[refusal], strict=True):
        screen = Page(language)
        show_review(screen, page)
        assert words in screen.seen.getvalue()
    assert refusals(page) == [refusal.value]


def test_a_pair_that_waits_for_its_grade_gives_no_refusal() -> None:
    page = waiting(EdgeGrade.HOLD, None)
    screen = Page("en")
    show_review(screen, page)
    assert "refused" not in screen.seen.getvalue()
    assert refusals(page) == [None]
