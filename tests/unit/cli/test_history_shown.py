"""A history on a narrow terminal gives every id whole: ``split`` and ``history`` want them so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest

from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import Assignment, Cause, IdentityEvent, IdentityState, UnifiedIdentity
from identity.usecases.identity_history import IdentityHistoryAnswer
from services.cli.matching import show_history
from tests.builders.screens import Page

WHO, OTHER, ANOTHER = (IdentityId(UUID(int=(number << 120) + number)) for number in (1, 2, 3))
RECORD = RecordId(UUID(int=(4 << 120) + 4))
AT = datetime(2026, 3, 1, 14, 30, 5, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_id_is_whole_at_eighty_columns(language: str) -> None:
    page = Page(language, width=80)
    events = (IdentityEvent(WHO, "split", AT, Cause.ONLINE_LINK, (OTHER, ANOTHER)),)
    lives = (Assignment(RECORD, WHO, AT.astimezone(UTC), AT, Cause.ONLINE_LINK, Cause.JUDGEMENT),)
    show_history(page, IdentityHistoryAnswer(UnifiedIdentity(WHO, IdentityState.CURRENT, AT), lives, events, (WHO,)))
    shown = page.seen.getvalue()
    assert [shown.count(str(uuid)) for uuid in (WHO, OTHER, ANOTHER, RECORD)] == [1, 1, 1, 2]
    assert "…" not in shown
    assert shown.count("2026-03-01T12:30:05") == 3
