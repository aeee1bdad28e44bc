"""Spellings that sound alike in French share a code; names that do not, mostly do not."""

import pytest

from identity.domain.standardise.record import standardise
from identity.domain.standardise.sound import sound

ALIKE = [
    ("dupont", "dupond", "duponts"),
    ("durand", "durant", "duran"),
    ("renaud", "renault", "raynaud", "reno", "renaut"),
    ("thibault", "thibaut", "thibaud", "tibo"),
    ("lefevre", "lefeuvre"),
    ("philippe", "filipe"),
    ("christophe", "kristof"),
    ("catherine", "katerine", "katherine"),
    ("mathieu", "matthieu", "matieu"),
    ("gauthier", "gautier", "gotier"),
    ("quentin", "kentin"),
    ("jacques", "jaques", "jack"),
    ("georges", "george"),
    ("meyer", "mayer", "maier", "meier"),
    ("lemaire", "lemere"),
    ("rousseau", "rousseaux", "rouso"),
    ("michaud", "michaux", "michot"),
    ("petit", "petits"),
    ("faure", "faur", "phaure"),
    ("herault", "ero"),
    ("mohamed", "mohammed"),
    ("yoann", "ioan", "yohan", "yoan"),
    ("laurent", "lorent", "laurans"),
    ("martin", "martins", "martain", "martein"),
    ("benoit", "bennoit"),
    ("guillaume", "guilaume"),
    ("emilie", "emily"),
    ("stephane", "stefane"),
    ("schmitt", "schmidt", "schmit"),
    ("mickael", "michael", "mikael"),
    ("josephe", "josef"),
    ("wagner", "vagner"),
    ("legall", "legal"),
]

APART = [
    ("martin", "martine"),
    ("simon", "simone"),
    ("denis", "denise"),
    ("louis", "louise"),
    ("jean", "jeanne"),
    ("durand", "dupont"),
    ("martin", "morin"),
    ("bernard", "bertrand"),
    ("petit", "pichon"),
    ("roux", "rousseau"),
    ("jeanpierre", "jeanpaul"),
]


@pytest.mark.parametrize("names", ALIKE, ids=lambda names: names[0])
def test_spellings_of_one_sound_share_the_code(names: tuple[str, ...]) -> None:
    assert len({sound(name) for name in names}) == 1


@pytest.mark.parametrize(("one", "other"), APART)
def test_different_sounds_have_different_codes(one: str, other: str) -> None:
    assert sound(one) != sound(other)


def test_no_letters_no_sound() -> None:
    assert (sound(""), sound("123")) == (None, None)


def test_a_surname_is_heard_by_its_first_word_and_a_saint_by_two() -> None:
    heard = {name: standardise({"family_name": name})["family_sound"] for name in ("Dupont-Martin", "Dupont", "St Martin", "Saint-Jean")}
    assert heard["Dupont-Martin"] == heard["Dupont"]
    assert heard["St Martin"] != heard["Saint-Jean"]


def test_a_pet_form_is_heard_as_the_name_it_stands_for() -> None:
    assert standardise({"given_name": "Nico"})["given_sound"] == standardise({"given_name": "Nicolas"})["given_sound"]
