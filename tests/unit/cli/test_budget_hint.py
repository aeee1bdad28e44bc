"""A change over its budget says which option would let it through: ``link`` and ``ingest --full`` have one each."""

from __future__ import annotations

import pytest

from identity.domain.errors import IdentityError, Reason
from services.cli.failing import CHECK_FAILED, told
from tests.builders.screens import Page


@pytest.mark.parametrize(("language", "words"), [("en", "3 of 4 records would be deleted"), ("fr", "3 fiches sur 4 seraient supprimées")])
def test_a_full_file_over_its_budget_is_told_the_deletion_budget(language: str, words: str) -> None:
    page = Page(language)
    error = IdentityError(Reason.CHURN_OVER_BUDGET, absent=3, stored=4, budget=0.2)
    assert told(page, error) == CHECK_FAILED
    assert words in page.seen.getvalue()
    assert "--deletion-budget" in page.seen.getvalue()
    assert "--churn-budget" not in page.seen.getvalue()


def test_a_link_over_its_budget_is_told_the_churn_budget() -> None:
    page = Page("en")
    told(page, IdentityError(Reason.CHURN_OVER_BUDGET, disturbed=3, established=4))
    assert "--churn-budget" in page.seen.getvalue()
