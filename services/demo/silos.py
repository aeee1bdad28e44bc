"""Four silos that write the same person down in four ways.

| silo | file | its ways |
|---|---|---|
| crm | CSV, ``;``, latin-1 | title, married and birth name, number and street apart, dd/mm/yyyy, spaced phones; 01/01/1900 for unknown |
| webshop | JSON Lines | typed by customers: nicknames, lost accents, lower case, plus-tags; one-line address; ISO dates, +33 phones |
| callcentre | CSV, UTF-8 | one column for the whole name, misheard; dd.mm.yyyy |
| loyalty | Parquet | upper case without accents, names cut at 20 letters, ``ST`` and CEDEX, yyyymmdd, 0033 phones |

Record keys are scattered numbers: neither they nor the order of rows says who is who.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.demo.chance import Chance
from services.demo.places import Address, Town
from services.demo.sighting import Gaps, Sighting
from services.demo.wear import unaccented

Row = tuple[str | None, ...]

_ARRONDISSEMENT = {1: "1er"}
_SHORT_FORMS = """Alexandre=Alex Frédéric=Fred Stéphane=Steph Stéphanie=Steph Christophe=Chris Nicolas=Nico Philippe=Phil Sébastien=Seb
Benjamin=Ben Maxime=Max Antoine=Toine Guillaume=Guigui Catherine=Cathy Véronique=Véro Isabelle=Isa Nathalie=Nath Caroline=Caro
Virginie=Virg Élisabeth=Babeth Patricia=Pat Mathieu=Mat Thomas=Tom Charlotte=Charlie Mickaël=Mika Jean-Pierre=JP Jean-Claude=JC
Jean-Marc=JM Jean-François=Jeff Jean-Paul=JP Jean-Philippe=JP"""
_NICKNAMES = dict(pair.split("=") for pair in _SHORT_FORMS.split())


@dataclass(frozen=True, slots=True)
class Silo:
    """A silo: its columns (the first is the record key), the share of people it knows, and how it writes a sighting.

    ``twice`` is the probability that a person it knows has a second record; keys are ``key_form`` of a number below ``keys``,
    scattered by ``stride``, which is coprime to ``keys``.
    """

    name: str
    columns: tuple[str, ...]
    share: float
    twice: float
    gaps: Gaps
    write: Callable[[Chance, Sighting], Row]
    key_form: str
    keys: int
    stride: int

    def key(self, count: int) -> str:
        """The opaque key of the silo's record number ``count``."""
        return self.key_form.format(count * self.stride % self.keys)


def _crm(chance: Chance, seen: Sighting) -> Row:
    family = seen.family_name.upper() if chance.happens(0.3) else seen.family_name
    given = _compound(chance, seen)
    if given and seen.second_given_name and chance.happens(0.15):
        given = f"{given} {seen.second_given_name}"
    birth_name = seen.birth_name if seen.birth_name != seen.family_name and chance.happens(0.45) else None
    phone = _spaced(seen.phone, " ") if seen.phone else ("0000000000" if chance.happens(0.1) else None)
    birth = f"{seen.birth_date:%d/%m/%Y}" if seen.birth_date else ("01/01/1900" if chance.happens(0.15) else None)
    home = seen.address
    place = (home.number or None, _street(home), home.town.postal_code, home.town.name) if home else (None, None, None, None)
    return (seen.title, family, birth_name, given, birth, seen.email, phone, *place)


def _webshop(chance: Chance, seen: Sighting) -> Row:
    given, family = _compound(chance, seen), seen.family_name
    if given and chance.happens(0.25):
        given = _NICKNAMES.get(given, given)
    if chance.happens(0.3):
        given, family = unaccented(given or "") or None, unaccented(family)
    if chance.happens(0.15):
        given, family = (given or "").lower() or None, family.lower()
    gender = {"M.": "male", "Mme": "female", "Mlle": "female"}.get(seen.title or "")
    birth = seen.birth_date.isoformat() if seen.birth_date else ("1970-01-01" if chance.happens(0.06) else None)
    phone = None
    if seen.phone:
        phone = f"+33{seen.phone[1:]}" if chance.happens(0.6) else _spaced(seen.phone, chance.pick((".", "", " ")))
    email = seen.email
    if email and chance.happens(0.03):
        email = email.replace("@", "+shop@", 1)
    return (given, family, gender, email, phone, birth, _one_line(chance, seen.address) if seen.address else None)


def _callcentre(chance: Chance, seen: Sighting) -> Row:
    given, family = _compound(chance, seen) or "", seen.family_name
    if given and chance.happens(0.5):
        name = f"{family.upper()} {given}" if chance.happens(0.8) else f"{family} {given}"
    else:
        name = f"{given} {family}".strip()
    if seen.birth_name != seen.family_name and chance.happens(0.04):
        name += f" née {seen.birth_name}"
    if seen.title:
        name = f"{seen.title} {name}"
    birth = f"{seen.birth_date:%d.%m.%Y}" if seen.birth_date else None
    phone = seen.phone or ("0000000000" if chance.happens(0.1) else None)
    email = seen.email or ("pasdemail@boutique.example" if chance.happens(0.06) else None)
    home = seen.address
    place = (f"{home.number} {_street(home)}".strip(), home.town.postal_code, _district_name(home.town)) if home else (None, None, None)
    return (name, birth, phone, email, *place)


def _loyalty(chance: Chance, seen: Sighting) -> Row:
    longest = 20
    given = _compound(chance, seen)
    if given and chance.happens(0.02):
        given = f"{given[0]}."
    title = {"M.": "M", "Mme": "MME", "Mlle": "MLLE"}.get(seen.title or "")
    birth = f"{seen.birth_date:%Y%m%d}" if seen.birth_date else ("19000101" if chance.happens(0.1) else None)
    phone = f"0033{seen.phone[1:]}" if seen.phone else None
    home = seen.address
    place: Row = (None, None, None)
    if home:
        town = _capitals(home.town.name).replace("-", " ")
        town = town.replace("SAINTE ", "STE ").replace("SAINT ", "ST ")
        if home.town.district:
            town = f"{town} {home.town.district:02}"
        elif chance.happens(0.02):
            town += " CEDEX"
        place = (_capitals(_short_street(f"{home.number} {home.street}".strip())), home.town.postal_code, town)
    email = seen.email.upper() if seen.email else None
    return (title, _capitals(seen.family_name)[:longest], _capitals(given)[:longest] if given else None, birth, phone, email, *place)


def _compound(chance: Chance, seen: Sighting) -> str | None:
    """The given name, a compound one written in one of the usual ways."""
    given = seen.given_name
    if given is None or "-" not in given or chance.happens(0.6):
        return given
    first, _, second = given.partition("-")
    return chance.pick((f"{first} {second}", f"{first} {second}", f"{first[0]}-{second}", f"{first[:1]}{second[:1]}", first))


def _street(home: Address) -> str:
    return f"{home.street}, {home.flat}" if home.flat else home.street


def _short_street(street: str) -> str:
    for long, short in (
        ("boulevard ", "bd "),
        ("avenue ", "av "),
        ("chemin ", "che "),
        ("route ", "rte "),
        ("allée ", "all "),
        ("place ", "pl "),
    ):
        street = street.replace(long, short)
    return street


def _one_line(chance: Chance, home: Address) -> str:
    street = _short_street(home.street) if chance.happens(0.25) else home.street
    number = f"{home.number}{chance.pick((' ', ', '))}" if home.number else ""
    flat = f"{home.flat}, " if home.flat and chance.happens(0.5) else ""
    return f"{flat}{number}{street}{chance.pick((', ', ' '))}{home.town.postal_code} {_district_name(home.town)}"


def _district_name(town: Town) -> str:
    return f"{town.name} {_ARRONDISSEMENT.get(town.district, f'{town.district}e')}" if town.district else town.name


def _spaced(phone: str, by: str) -> str:
    return by.join(phone[at : at + 2] for at in range(0, len(phone), 2))


def _capitals(text: str) -> str:
    return unaccented(text).upper()


SILOS = (
    Silo(
        name="crm",
        columns=(
            *("id_client", "civilite", "nom", "nom_naissance", "prenom", "date_naissance"),
            *("courriel", "telephone", "num_voie", "voie", "code_postal", "ville"),
        ),
        share=0.72,
        twice=0.04,
        gaps=Gaps(birth_date=0.25, email=0.40, phone=0.30, address=0.10, title=0.08, given_name=0.005, contact="address"),
        write=_crm,
        key_form="{:08}",
        keys=90_000_049,
        stride=38_200_577,
    ),
    Silo(
        name="webshop",
        columns=("customer_ref", "first_name", "last_name", "gender", "email", "mobile", "birthday", "delivery_address"),
        share=0.58,
        twice=0.06,
        gaps=Gaps(birth_date=0.55, email=0.02, phone=0.35, address=0.15, title=0.40, given_name=0.005, contact="email"),
        write=_webshop,
        key_form="W{:08X}",
        keys=2**32,
        stride=2_654_435_769,
    ),
    Silo(
        name="callcentre",
        columns=("dossier", "contact", "naissance", "tel", "mail", "adresse", "cp", "commune"),
        share=0.42,
        twice=0.06,
        gaps=Gaps(birth_date=0.40, email=0.55, phone=0.05, address=0.30, title=0.15, given_name=0.02, contact="phone", heard=0.8),
        write=_callcentre,
        key_form="D-{:07}",
        keys=9_999_991,
        stride=4_567_891,
    ),
    Silo(
        name="loyalty",
        columns=("NUM_ADHERENT", "CIVILITE", "NOM", "PRENOM", "NAISSANCE", "TEL", "EMAIL", "ADRESSE", "CP", "VILLE"),
        share=0.50,
        twice=0.02,
        gaps=Gaps(birth_date=0.20, email=0.45, phone=0.45, address=0.20, title=0.10, given_name=0.01, contact="phone"),
        write=_loyalty,
        key_form="250{:010}",
        keys=9_999_999_967,
        stride=6_180_339_887,
    ),
)
