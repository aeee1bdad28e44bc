"""What training tells, on a narrow terminal and as a page, in the operator's language."""

from __future__ import annotations

from pathlib import Path

import pytest

from identity.adapters.default_bundle import default_bundle
from identity.domain.training.report import LevelReport, TrainingReport
from identity.domain.training.selection import RuleReport
from identity.usecases.train_model import ModelTrained
from services.cli.language import Language
from services.cli.training import show_training
from services.cli.training_page import page
from tests.builders.screens import Page

WHY = ("finds pairs that the others miss", "adds nothing within the budget", "too many comparisons")
NUMBERS = (0.1234, 0.5678, 0.9012, -12.3, 45.6)


def trained() -> ModelTrained:
    """Return a report with every level that there is."""
    declared = default_bundle().declaration.comparisons
    levels = tuple(LevelReport(one.name, level.label, 7, *NUMBERS) for one in declared for level in one.live)
    report = TrainingReport(
        records=1_234_567,
        sampled=1_234_567,
        pairs=123_456_789,
        same_person_pairs=1,
        household_pairs=1,
        match_prior=0.01,
        rounds=5,
        certain=9.966,
        link=4.25,
        hold=2.25,
        review=-3.17,
        reason="link at 4.25 bits",
        linked_pairs=54_321,
        expected_false_links=0.0029,
        allowed_false_links=0.0035,
        least_sure=0.8,
        unlinkable=0.0,
        levels=levels,
        rules=tuple(RuleReport("email", 1, 0, 0.1, True, why) for why in WHY),
        vetoes=(),
        dropped=(),
        absent=(),
        histogram=(),
        seconds={},
    )
    return ModelTrained("ab" * 32, True, report)


@pytest.mark.parametrize(("language", "numbers"), [("en", "0.1234 0.5678 0.9012 -12.3 +45.6"), ("fr", "0,1234 0,5678 0,9012 -12,3 +45,6")])
def test_no_number_is_cut_at_eighty_columns(language: str, numbers: str) -> None:
    screen, told = Page(language, width=80), trained()
    show_training(screen, told, Path("report.html"))
    lines = [" ".join(line.split()) for line in screen.seen.getvalue().splitlines()]
    assert sum(line.endswith(numbers) for line in lines) == len(told.report.levels)
    assert "…" not in screen.seen.getvalue()


def test_why_the_thresholds_are_what_they_are_is_told_in_the_operators_language() -> None:
    screen, told = Page("fr"), trained()
    show_training(screen, told, Path("report.html"))
    for shown in (screen.seen.getvalue(), page(told, Language("fr"))):
        words = " ".join(shown.split())
        assert "à partir de 4,25 bits" in words
        assert "0,29 % devraient être fausses (0,35 % permis)" in words
        assert "plus de 20 % de probabilité" in words
        assert told.report.reason not in words
    assert [why for why in WHY if f"<td>{why}" in page(told, Language("fr")) or f"<td>{why}" not in page(told, Language("en"))] == []
    assert "0.29 % are expected to be false (0.35 % allowed)" in page(told, Language("en"))
