"""Of several values the most assured survives, then the most recent; the order of reading never matters."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.domain.attributes import Assurance
from identity.domain.profile import Voice, survivor
from identity.domain.source_record import RecordAddress, RecordId
from identity.domain.standardise import standardise

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
CITIES = ["Lyon", "Nantes", "Brest"]
RANKS = [Assurance.DECLARED, Assurance.VERIFIED, Assurance.CHECKED_BY_AGENT]


def voice(number: int, source: str = "crm", *, day: int = 0, sure: Assurance | None = None, **attributes: str) -> Voice:
    assurance = dict.fromkeys(attributes, sure) if sure else {}
    address = RecordAddress(source, number.to_bytes(16, "big"))
    return Voice(RecordId(UUID(int=number)), address, NOON + timedelta(days=day), attributes, standardise(attributes), assurance)


def value(attribute: str, *voices: Voice) -> str | None:
    """Return what survives, having made sure that it does so in every order of reading."""
    answers = {
        found and (found.value, found.address, found.assurance) for order in permutations(voices) for found in [survivor(attribute, order)]
    }
    (answer,) = answers
    return answer[0] if answer else None


@pytest.mark.parametrize(("less", "more"), [(RANKS[0], RANKS[1]), (RANKS[1], RANKS[2]), (None, RANKS[1])])
def test_the_more_assured_value_survives_a_more_recent_one(less, more):
    assert (
        value("email", voice(1, day=9, sure=less, email="new@a.example"), voice(2, day=1, sure=more, email="old@a.example"))
        == "old@a.example"
    )


def test_of_equally_assured_values_the_most_recent_survives():
    assert value("city", voice(1, day=1, city="Lyon"), voice(2, "webshop", day=2, city="Nantes"), voice(3, city="Brest")) == "Nantes"


def test_an_attribute_that_nobody_vouches_for_is_declared():
    found = survivor("city", [voice(1, city="Lyon")])
    assert found is not None
    assert found.assurance is Assurance.DECLARED


def test_at_a_tie_the_source_and_then_the_value_come_first_in_order():
    assert value("city", voice(3, "webshop", city="Brest"), voice(2, "crm", city="Nantes"), voice(1, "crm", city="Lyon")) == "Lyon"


def test_a_placeholder_survives_only_where_there_is_nothing_better():
    placeholder = voice(1, day=9, sure=Assurance.CHECKED_BY_AGENT, birth_date="01/01/1900", email="inconnu")
    assert value("birth_date", placeholder, voice(2, birth_date="1984-02-29")) == "1984-02-29"
    assert value("email", placeholder, voice(2, email="zoe@mail.example")) == "zoe@mail.example"
    assert value("birth_date", placeholder) == "01/01/1900"


def test_a_blank_value_is_none_and_no_value_is_made_up_from_another_attribute():
    assert value("given_name", voice(1, given_name="  ", full_name="Zoé Lefèvre")) is None
    assert value("x_shoe_size", voice(1, x_shoe_size="38")) == "38"


def test_a_value_is_told_as_its_source_wrote_it():
    assert value("family_name", voice(1, family_name="  LEFÈVRE-Petit ")) == "LEFÈVRE-Petit"


@given(
    st.lists(
        st.tuples(st.sampled_from(["crm", "webshop"]), st.integers(0, 2), st.sampled_from(RANKS), st.sampled_from(CITIES)),
        min_size=1, max_size=6,
    ),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_no_value_beats_the_survivor_and_shuffling_changes_nothing(rows, chance):
    voices = [voice(n, source, day=day, sure=sure, city=city) for n, (source, day, sure, city) in enumerate(rows)]
    found = survivor("city", voices)
    assert found is not None
    theirs = next(v for v in voices if v.address == found.address and v.attributes["city"] == found.value)
    rank = (RANKS.index(found.assurance), theirs.at)
    assert all((RANKS.index(v.assurance["city"]), v.at) <= rank for v in voices)
    shuffled = list(voices)
    chance.shuffle(shuffled)
    assert survivor("city", shuffled) == found


def test_values_do_not_show_in_a_representation():
    one = voice(1, email="zoe@mail.example")
    assert "zoe@" not in repr(one) + repr(survivor("email", [one]))
