"""The population is as hard as the benches say it is: the required rates hold in the people themselves and in their records."""

from collections import Counter, defaultdict
from functools import cache
from itertools import islice

import pytest

from services.demo import population
from services.demo.chance import Chance
from services.demo.people import Person, households
from services.demo.sighting import sight
from services.demo.silos import SILOS
from services.demo.wear import SWAP_RATE, TYPO_RATE


@cache
def some_households() -> tuple[tuple[Person, ...], ...]:
    return tuple(islice(households(Chance(5)), 20_000))


@cache
def some_people() -> tuple[Person, ...]:
    return tuple(person for members in some_households() for person in members)


def share(part: int, whole: int) -> float:
    return part / whole


def children_of(members: tuple[Person, ...]) -> list[Person]:
    oldest = min(person.birth_date.year for person in members)
    return [person for person in members if person.birth_date.year >= oldest + 15 and not person.married]


def families() -> list[tuple[tuple[Person, ...], list[Person]]]:
    return [(members, children) for members in some_households() if (children := children_of(members))]


def test_households_have_one_to_five_members():
    assert set(Counter(len(members) for members in some_households())) == {1, 2, 3, 4, 5}


def test_one_household_in_ten_shares_email_and_phone():
    several = [members for members in some_households() if len(members) > 1]
    sharing = [members for members in several if len({(person.emails, person.phones) for person in members}) == 1]
    assert share(len(sharing), len(several)) == pytest.approx(0.10, abs=0.012)


def test_a_landline_belongs_to_one_household():
    homes: dict[str, set[int]] = defaultdict(set)
    for person in some_people():
        for phone in person.phones:
            if not phone.startswith(("06", "07")):
                homes[phone].add(person.household)
    assert homes
    assert all(len(households) == 1 for households in homes.values())


def test_twins_live_in_six_percent_of_households_with_children():
    with_children = families()
    twins = [members for members, children in with_children if max(Counter(child.birth_date for child in children).values()) > 1]
    assert share(len(twins), len(with_children)) == pytest.approx(0.06, abs=0.012)


def test_father_and_son_share_a_name_in_four_percent_of_families_with_a_son():
    candidates = namesakes = 0
    for members, children in families():
        fathers = [person for person in members if person.sex == "m" and person not in children]
        sons = [child for child in children if child.sex == "m"]
        if fathers and sons:
            candidates += 1
            namesakes += any(son.given_name == fathers[0].given_name for son in sons)
    assert share(namesakes, candidates) == pytest.approx(0.04, abs=0.012)


def test_twelve_percent_of_people_moved():
    assert share(sum(len(person.homes) == 2 for person in some_people()), len(some_people())) == pytest.approx(0.12, abs=0.01)


def test_eight_percent_of_married_women_mix_birth_and_married_name():
    married = [person for person in some_people() if person.married and person.sex == "f"]
    assert share(sum(person.mixes_names for person in married), len(married)) == pytest.approx(0.08, abs=0.01)


def test_few_names_are_very_common_and_most_are_rare():
    """Surnames of French people: the commonest bears some 0.4 %, the ten commonest 2 %, the thousand commonest 25 %."""
    surnames = Counter(person.birth_name for person in some_people())
    ranked = [count for _, count in surnames.most_common()]
    total = sum(ranked)
    assert 0.002 < ranked[0] / total < 0.007
    assert sum(ranked[:10]) / total == pytest.approx(0.02, abs=0.006)
    assert sum(ranked[:1000]) / total == pytest.approx(0.25, abs=0.05)


def test_given_names_follow_the_birth_decade():
    elders = Counter(person.given_name for person in some_people() if person.birth_date.year < 1950)
    young = Counter(person.given_name for person in some_people() if person.birth_date.year > 1995)
    assert elders["Monique"] > young["Monique"]
    assert young["Léa"] > elders["Léa"]


def test_names_and_addresses_have_typos_and_swaps_at_the_required_rates():
    chance, gaps = Chance(6), SILOS[0].gaps
    seen = [(person, sight(chance, person, gaps)) for person in some_people() if not person.mixes_names]
    named = [(person, sighting) for person, sighting in seen if sighting.given_name is not None]
    swapped = [sighting for person, sighting in named if sighting.family_name == person.given_name]
    straight = [(person, sighting) for person, sighting in named if sighting.family_name != person.given_name]
    typos = [1 for person, sighting in straight if sighting.family_name != person.family_name]
    housed = [(person, sighting.address) for person, sighting in seen if sighting.address is not None]
    worn = [1 for person, home in housed if home not in person.homes]
    assert share(len(swapped), len(named)) == pytest.approx(SWAP_RATE, abs=0.005)
    assert share(len(typos), len(straight)) == pytest.approx(TYPO_RATE, abs=0.006)
    assert share(len(worn), len(housed)) == pytest.approx(TYPO_RATE, abs=0.006)


def test_some_silos_lack_up_to_55_percent_of_a_value():
    rows: dict[str, list[tuple[str | None, ...]]] = defaultdict(list)
    for row in population(8, people=6_000):
        rows[row.silo.name].append(row.values)
    lacking = {
        (silo.name, column): share(sum(values[at] is None for values in rows[silo.name]), len(rows[silo.name]))
        for silo in SILOS
        for at, column in enumerate(silo.columns)
        if column in {"birthday", "mail", "courriel", "mobile", "EMAIL", "NAISSANCE"}
    }
    assert lacking["webshop", "birthday"] == pytest.approx(0.52, abs=0.04)
    assert lacking["callcentre", "mail"] == pytest.approx(0.52, abs=0.05)
    assert all(part <= 0.58 for part in lacking.values())


def test_every_record_has_a_name_and_a_contact():
    chance = Chance(9)
    for silo in SILOS:
        for person in some_people()[:3_000]:
            seen = sight(chance, person, silo.gaps)
            assert seen.family_name
            assert seen.email or seen.phone or seen.address
