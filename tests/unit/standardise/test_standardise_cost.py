"""What a hostile value costs: time grows with its length, not with the square of it; and no attribute is longer than anybody's."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import pytest

from identity.domain.attributes import Attribute, ComparisonKind
from identity.domain.standardise import COLUMNS, standardise
from identity.domain.standardise.addresses import address
from identity.domain.standardise.cities import birth_place, city, postal_code
from identity.domain.standardise.dates import date
from identity.domain.standardise.emails import email
from identity.domain.standardise.folding import MAX_LENGTH, fold
from identity.domain.standardise.full_names import full_name
from identity.domain.standardise.identifiers import country, extra, identifier, national_id, number, sex
from identity.domain.standardise.names import family_name, given_name
from identity.domain.standardise.phones import phone
from identity.domain.standardise.placeholders import is_placeholder
from identity.domain.standardise.sound import sound
from identity.domain.standardise.streets import street, street_name

LONG, SHORT = 1000, 125
GROWTH = 24
"""Eight times the length may cost eight times as much, and thrice that for caches, rounds and noise; a square costs 64 times as much."""
FLOOR = 0.0007
"""Seconds of processor time below which a short value counts as costing this much."""
_PIECES = (
    "_ a_ a A 75011_ 75011 ( ) (a_ - a- . ._ @ a@ @. _@_ x.@_ 7 11_ 0_ ' \" 'a'_ \"a_ 1_bis_ a_1_ 1_a_ 1- , ,_ 1, ld_ ld_ld_ lieu_dit_ "
    "bat_a_ bat_ le_ rue_ 1_rue_ no_1_ appt_1_ t en (at) arobase_ \u00a0 &amp; & Ã© é \u200b JP_ Dupont_née_ d' d_r_ m_ paris_ 1e_ "
    "75011_paris_ cedex_ 1/ 75_ 12/ mardi_ 12_mars_ ou_ ;_ ext_1_ (0) +33 marie_"
)
TIRESOME = [piece.replace("_", " ") for piece in _PIECES.split(" ")]
FRAMES: tuple[Callable[[str], str], ...] = (
    lambda middle: middle,
    lambda middle: f"1 {middle}!",
    lambda middle: f"{middle}x",
    lambda middle: f"a{middle}a1",
    lambda middle: f"x@{middle}",
    lambda middle: f"{middle}@x.fr",
)


def _kind(kind: ComparisonKind) -> Callable[[str], object]:
    return lambda text: extra(kind, text)


def _attribute(name: str) -> Callable[[str], object]:
    return lambda text: standardise({name: text, "city": "Paris"})


FUNCTIONS: dict[str, Callable[[str], object]] = {
    **{
        function.__name__: function
        for function in (fold, given_name, family_name, full_name, street, address, city, birth_place, postal_code, phone, email)
    },
    **{function.__name__: function for function in (sex, country, identifier, national_id, number)},
    "date": date,
    "declared_date": lambda text: date(text, "%A %d %B %Y %H%M%S%f"),
    "street_name": lambda text: street_name(fold(text)),
    "is_placeholder": lambda text: is_placeholder(fold(text)),
    "sound": lambda text: sound(fold(text)),
    "arrondissement": lambda text: postal_code("", city("Paris"), text),
    **{f"extra_{kind}": _kind(kind) for kind in ComparisonKind},
    **{f"standardise_{name}": _attribute(name) for name in Attribute},
}
_CACHES = [
    clear
    for module in list(sys.modules.values())
    if getattr(module, "__name__", "").startswith("identity.domain.standardise")
    for value in vars(module).values()
    if (clear := getattr(value, "cache_clear", None))
]


def cost(function: Callable[[str], object], text: str) -> float:
    """Return processor seconds of one call that finds nothing in any cache."""
    for clear in _CACHES:
        clear()
    start = time.process_time()
    function(text)
    return time.process_time() - start


def grows_too_fast(function: Callable[[str], object], piece: str, frame: Callable[[str], str]) -> bool:
    long, short = (frame((piece * length)[:length]) for length in (LONG, SHORT))
    assert len(long) <= MAX_LENGTH
    # Somebody else may take the processor's caches: only what is slow every time is slow.
    return all(cost(function, long) > GROWTH * max(FLOOR, cost(function, short)) for _ in range(4))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_hostile_value_costs_in_step_with_its_length(name: str) -> None:
    slow = [(piece, number) for piece in TIRESOME for number, frame in enumerate(FRAMES) if grows_too_fast(FUNCTIONS[name], piece, frame)]
    assert slow == []


@pytest.mark.parametrize(
    ("name", "most", "value", "column"),
    [
        ("email", 320, "zoe@courriel.example", "email"),
        ("phone", 64, "0639981234", "phone"),
        ("birth_place", 200, "Lyon", "birth_place"),
        ("family_name", MAX_LENGTH, "Martin", "family_name"),
        ("given_name", MAX_LENGTH, "Jeanne", "given_name"),
        ("address", 512, "12 rue Victor Hugo, 75011 Paris", "address_line"),
        ("birth_date", 64, "12/03/1984", "birth_date"),
        ("city", 200, "Lyon", "city"),
    ],
)
def test_a_value_longer_than_anybodys_is_absent(name: str, most: int, value: str, column: str) -> None:
    padded = value + " " * (most - len(value))
    assert standardise({name: padded})[column] is not None
    assert standardise({name: padded + " "})[column] is None


def test_every_attribute_has_a_length_at_which_it_is_refused() -> None:
    for name in Attribute:
        assert standardise({name: "Jean 12 rue " * 86}) == dict.fromkeys(COLUMNS), name


def test_an_extra_is_as_long_as_its_kind_allows() -> None:
    for kind, most in (
        (ComparisonKind.DATE, 64),
        (ComparisonKind.NUMBER, 64),
        (ComparisonKind.NAME, 256),
        (ComparisonKind.IDENTIFIER, 256),
    ):
        value = "12/03/1984" if kind is ComparisonKind.DATE else "12" if kind is ComparisonKind.NUMBER else "zoe"
        assert standardise({"x_e": value + " " * (most - len(value))}, {"x_e": kind})["x_e"] is not None
        assert standardise({"x_e": value + " " * (most - len(value) + 1)}, {"x_e": kind})["x_e"] is None
