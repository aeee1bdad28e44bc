"""What may follow a published version, and what may call itself compatible with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from consent.domain.catalogue import Catalogue
from consent.domain.compatibility import compare
from consent.domain.purpose import LegalBasis, Minors, Notice, Published, Purpose, Wording
from tests.unit.consent.consenting import TEXT, purpose

FIRST = replace(
    purpose(valid_days=365, minors=Minors.JOINT), notice="offers", signal=True, obligations=("show-withdraw-link", "identify-sender")
)
NOTICE = Notice("offers", 1, TEXT)
PUBLISHED = Published({"offers": (FIRST,)}, {"offers": (NOTICE,)})


def second(**changes: object) -> Purpose:
    return replace(FIRST, **{"version": 2, "compatible": True} | changes)  # type: ignore[arg-type]  # fields are named by the caller


def told(*purposes: Purpose, notices: tuple[Notice, ...] = (), published: Published = PUBLISHED) -> list[str]:
    return [fault.message for fault in compare(published, Catalogue(purposes, notices)).faults]


WIDER: dict[str, tuple[dict[str, object], str]] = {
    "a recipient": ({"recipients": FIRST.recipients | {"partner"}}, 'adds the recipient "partner" (GDPR Art. 13(1)(e), 13(3))'),
    "an attribute": ({"attributes": FIRST.attributes | {"phone"}}, 'adds the attribute "phone"'),
    "a channel": ({"channels": FIRST.channels | {"phone"}}, 'adds the channel "phone"'),
    "another basis": ({"basis": LegalBasis.LEGITIMATE_INTEREST}, 'changes the basis from "consent" to "legitimate-interest"'),
    "the soft opt-in": ({"soft_opt_in": True}, "changes the basis"),
    "advertising": ({"prospecting": True}, "says prospecting = true"),
    "longer keeping": ({"retention": "P37M"}, "keeps data for P37M instead of P36M"),
    "a longer term": ({"valid_days": 366}, "makes permissions last longer"),
    "no term": ({"valid_days": None}, "makes permissions last longer"),
    "less care for children": ({"minors": Minors.ALIKE}, "asks less for children"),
    "a signal unheard": ({"signal": False}, "no longer heeds a refusal signal"),
    "an obligation less": ({"obligations": ("show-withdraw-link",)}, "drops identify-sender"),
    "another notice": ({"notice": "other"}, 'is shown in notice "other" instead of "offers"'),
}


@pytest.mark.parametrize("what", WIDER)
def test_a_version_that_goes_beyond_the_one_before_is_not_compatible(what: str) -> None:
    changes, message = WIDER[what]
    (fault,) = told(second(**changes))
    assert message in fault
    assert "version 2 says it is compatible, but" in fault
    assert "write compatible = false" in fault
    assert told(second(**changes | {"compatible": False})) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"title": Wording({"fr": "Nos offres", "en": "Our offers"})},
        {"attributes": frozenset({"email"})},
        {"recipients": frozenset({"crm"})},
        {"channels": frozenset({"email"})},
        {"retention": "P3Y"},
        {"retention": "P24M"},
        {"valid_days": 180},
        {"minors": Minors.NEVER},
        {"obligations": ("identify-sender", "show-withdraw-link", "no-further-sharing")},
    ],
)
def test_a_version_that_takes_no_more_may_be_compatible(changes: dict[str, object]) -> None:
    assert told(second(**changes)) == []


def test_everything_beyond_is_told_at_once() -> None:
    assert len(told(second(recipients=frozenset({"crm", "partner"}), channels=frozenset({"email", "phone", "post"})))) == 3


@pytest.mark.parametrize(("version", "message"), [(3, "version 1 is the newest published, so the next is version 2")])
def test_versions_go_up_by_one(version: int, message: str) -> None:
    assert message in told(second(version=version, compatible=False))[0]
    assert "nothing is published yet, so the next is version 1" in told(second(compatible=False), published=Published())[0]
    assert "version 1 is the newest published" in told(notices=(replace(NOTICE, version=3),))[0]


def test_what_is_published_already_is_neither_new_nor_wrong() -> None:
    changes = compare(PUBLISHED, Catalogue((FIRST,), (NOTICE,)))
    assert (changes.purposes, changes.notices, changes.unchanged, changes.faults) == ((), (), 2, ())
    later = Published({"offers": (FIRST, second())}, {"offers": (NOTICE,)})
    assert compare(later, Catalogue((FIRST,))).unchanged == 1, "an older version is still what it was"


def test_a_published_version_with_another_content_is_named() -> None:
    changes = compare(PUBLISHED, Catalogue((replace(FIRST, retention="P6M"),), (replace(NOTICE, text=Wording({"fr": "x", "en": "y"})),)))
    assert changes.altered == (("offers", 1), ("offers", 1))


def test_who_is_shown_an_incompatible_notice_is_asked_anew() -> None:
    newer = replace(NOTICE, version=2)
    (fault,) = told(notices=(newer,))
    assert "publish new versions, not compatible either, of offers" in fault
    assert len(told(second(), notices=(newer,))) == 1, "a compatible purpose would let old permissions stand"
    assert told(second(compatible=False), notices=(newer,)) == []
    assert told(notices=(replace(newer, compatible=True),)) == []
