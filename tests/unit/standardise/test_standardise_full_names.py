"""A whole name in one field, in either order."""

import pytest

from identity.domain.standardise.full_names import full_name
from identity.domain.standardise.record import standardise

WHOLE = [
    # raw, given, family, birth
    ("Jean DUPONT", "jean", "dupont", None),
    ("DUPONT Jean", "jean", "dupont", None),
    ("Dupont, Jean", "jean", "dupont", None),
    ("DUPONT, JEAN", "jean", "dupont", None),
    ("Jean Dupont", "jean", "dupont", None),
    ("Dupont Jean", "jean", "dupont", None),
    ("jean dupont", "jean", "dupont", None),
    ("JEAN DUPONT", "jean", "dupont", None),
    ("DUPONT JEAN", "jean", "dupont", None),
    ("M. Jean Dupont", "jean", "dupont", None),
    ("MME DUPONT Zoé", "zoe", "dupont", None),
    ("Mme Dupont Zoé", "zoe", "dupont", None),
    ("Monsieur le Goff Yann", "yann", "legoff", None),
    ("DUPONT Jean Pierre", "jean pierre", "dupont", None),
    ("Jean-Pierre DUPONT-MARTIN", "jean pierre", "dupont martin", None),
    ("DUPONT MARTIN Jean", "jean", "dupont martin", None),
    ("Jean Pierre Marie Dupont", "jean pierre marie", "dupont", None),
    ("J.-P. Dupont", "jp", "dupont", None),
    ("DUPONT J.P.", "jp", "dupont", None),
    ("Bernard MARTIN", "bernard", "martin", None),  # two given names that are surnames: the case tells
    ("MARTIN Bernard", "bernard", "martin", None),
    ("Bernard Martin", "bernard", "martin", None),  # nothing tells: as people write
    ("MARTIN BERNARD", "bernard", "martin", None),  # nothing tells: as administrations list
    ("Zoé Martin", "zoe", "martin", None),
    ("Martin Zoé", "zoe", "martin", None),  # Zoé is no surname, Martin may be either
    ("de la Tour Jean", "jean", "delatour", None),
    ("Jean de la Tour", "jean", "delatour", None),
    ("Jean de LA TOUR", "jean", "delatour", None),
    ("Jean d'ORMESSON", "jean", "dormesson", None),
    ("LE GOFF Yann", "yann", "legoff", None),
    ("Yann LE GOFF", "yann", "legoff", None),
    ("EL AMRANI Fatima", "fatima", "elamrani", None),
    ("Fatima El Amrani", "fatima", "elamrani", None),
    ("DUPONT née MARTIN Zoé", "zoe", "dupont", "martin"),
    ("Zoé DUPONT née MARTIN", "zoe", "dupont", "martin"),
    ("Zoé Dupont née Martin", "zoe", "dupont", "martin"),
    ("Mme Zoé DUPONT (née MARTIN)", "zoe", "dupont", "martin"),
    ("Zoé MARTIN ép. DUPONT", "zoe", "dupont", "martin"),
    ("MARTIN épouse DUPONT Zoé", "zoe", "dupont", "martin"),
    ("Jean dit Jojo Dupont", "jean", "dupont", None),
    ("AURÉLIE Potier", "aurelie", "potier", None),  # the capitals are a given name, and the rest is none
    ("M. PY Bottancourt", "py", "bottancourt", None),
    ("JP Dupont", "jp", "dupont", None),
    ("LY Jean", "jean", "ly", None),
    ("Dupont", None, "dupont", None),
    ("Zoé", "zoe", None, None),
    ("M. Dupont", None, "dupont", None),
    ("tom chudleigh", "tom", "chudleigh", None),
    ("Smith, John", "john", "smith", None),
    ("Dr John Smith", "john", "smith", None),
    ("Clifford, Thomas, 1st Baron", "thomas", "clifford", None),  # digits after the comma end the name
    ("inconnu", None, None, None),
    ("Non renseigné", None, None, None),
    ("client comptoir", None, None, None),
    ("- -", None, None, None),
    ("", None, None, None),
]


@pytest.mark.parametrize(("raw", "given", "family", "birth"), WHOLE)
def test_a_whole_name_is_taken_apart(raw: str, given: str | None, family: str | None, birth: str | None) -> None:
    found = full_name(raw)
    assert (found.given.given, found.family.family, found.family.birth) == (given, family, birth)


def test_an_attribute_of_its_own_wins_over_the_whole_name() -> None:
    standard = standardise({"full_name": "DUPONT Jean", "given_name": "Paul"})
    assert (standard["given_name"], standard["family_name"]) == ("paul", "dupont")


def test_a_placeholder_of_its_own_leaves_the_whole_name_to_speak() -> None:
    assert standardise({"full_name": "DUPONT Jean", "given_name": "inconnu"})["given_name"] == "jean"


def test_birth_name_and_family_name_share_the_surnames() -> None:
    standard = standardise({"family_name": "Dupont", "birth_name": "de Martin"})
    assert (standard["birth_name"], standard["surnames"]) == ("demartin", "dupont martin")


def test_a_birth_name_alone_is_heard() -> None:
    standard = standardise({"birth_name": "Martin"})
    assert (standard["family_name"], standard["family_sound"], standard["surnames"]) == (None, "marty", "martin")
