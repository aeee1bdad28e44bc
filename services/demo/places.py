"""Where invented people live: real towns with invented neighbours, and French street names.

Towns carry rough weights (thousands of inhabitants); some six people in ten live in small communes, whose names are invented
as Faker's French locale does it, in real departments.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from faker.providers.address.fr_FR import Provider as FrenchPlaces
from faker.providers.person.fr_FR import Provider as French

from services.demo.chance import Chance, Weighted

_TOWNS = """Nice 06000 340, Cannes 06400 74, Troyes 10000 61, Narbonne 11100 55, Aix-en-Provence 13100 145, Caen 14000 106,
Aurillac 15000 26, Angoulême 16000 42, La Rochelle 17000 77, Bourges 18000 65, Ajaccio 20000 72, Dijon 21000 158, Saint-Brieuc 22000 44,
Périgueux 24000 30, Besançon 25000 117, Valence 26000 64, Évreux 27000 48, Chartres 28000 39, Brest 29200 140, Quimper 29000 64,
Nîmes 30000 149, Toulouse 31000 493, Bordeaux 33000 260, Mérignac 33700 72, Montpellier 34000 295, Béziers 34500 79, Rennes 35000 220,
Saint-Malo 35400 46, Châteauroux 36000 43, Tours 37000 137, Grenoble 38000 158, Dole 39100 24, Mont-de-Marsan 40000 30, Blois 41000 46,
Saint-Étienne 42000 173, Le Puy-en-Velay 43000 19, Nantes 44000 320, Saint-Nazaire 44600 72, Orléans 45000 116, Cahors 46000 20,
Agen 47000 33, Angers 49000 155, Cherbourg-en-Cotentin 50100 79, Reims 51100 181, Laval 53000 50, Nancy 54000 105, Vannes 56000 54,
Lorient 56100 57, Metz 57000 119, Nevers 58000 33, Lille 59000 234, Roubaix 59100 98, Dunkerque 59140 87, Beauvais 60000 56,
Alençon 61000 25, Calais 62100 67, Arras 62000 42, Clermont-Ferrand 63000 147, Pau 64000 76, Bayonne 64100 52, Tarbes 65000 42,
Perpignan 66000 120, Strasbourg 67000 287, Mulhouse 68100 108, Colmar 68000 68, Villeurbanne 69100 154, Mâcon 71000 34, Le Mans 72000 144,
Chambéry 73000 59, Annecy 74000 130, Rouen 76000 112, Le Havre 76600 168, Meaux 77100 55, Versailles 78000 84, Niort 79000 59,
Amiens 80000 134, Albi 81000 49, Montauban 82000 61, Toulon 83000 178, Avignon 84000 91, La Roche-sur-Yon 85000 55, Poitiers 86000 89,
Limoges 87000 130, Épinal 88000 32, Auxerre 89000 34, Belfort 90000 46, Évry-Courcouronnes 91000 66, Boulogne-Billancourt 92100 119,
Nanterre 92000 96, Saint-Denis 93200 113, Montreuil 93100 111, Créteil 94000 92, Vitry-sur-Seine 94400 95, Argenteuil 95100 110"""
_ARRONDISSEMENTS = (("Paris", "750", 20, 2100.0), ("Marseille", "130", 16, 870.0), ("Lyon", "690", 9, 520.0))
_VILLAGES = 2_400
_VILLAGE_SHARE = 0.6
_STREETS = """rue de l'Église, rue Victor Hugo, place de la Mairie, rue de la République, rue des Écoles, Grande Rue, rue du Moulin, rue
de la Gare, rue Pasteur, rue du Stade, avenue Jean Jaurès, rue Jules Ferry, rue du Château, rue de la Fontaine, avenue
Charles de Gaulle, rue des Lilas, rue Émile Zola, rue de la Paix, boulevard Gambetta, rue des Acacias, avenue du Général
Leclerc, rue du 8 Mai 1945, rue du 11 Novembre 1918, place du Marché, rue Jean Moulin, rue Saint-Exupéry, impasse des
Cerisiers, allée des Tilleuls, rue de Bretagne, chemin des Vignes, route de Paris, rue du Pont, rue Voltaire, rue Molière,
rue Claude Monet, rue des Roses, rue du Lavoir, rue Neuve, chemin du Bois, rue de Verdun, rue du Maréchal Foch, avenue de la
Libération, boulevard de la Liberté, rue des Jardins, rue George Sand, place de la Liberté, rue des Prés, rue Sainte-Anne,
rue Louis Pasteur, quai de la Loire, rue de l'Abbaye, rue du Docteur Roux, rue Marie Curie, allée des Peupliers, rue Arthur
Rimbaud, rue des Champs, square des Érables, cours de la Marne, rue du Puits, rue Basse"""
_NAMED_STREETS = 900
_STREET_OFFSET = 12
_BIS_RATE, _NO_NUMBER_RATE, _FLAT_RATE = 0.05, 0.04, 0.15
_LONGEST_STREET = 140


@dataclass(frozen=True, slots=True)
class Town:
    """A commune, or one arrondissement of a large city (``district``, 1 to 20)."""

    name: str
    postal_code: str
    district: int | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. ``number`` may be empty; ``flat`` is the complement (flat, building), often empty."""

    number: str
    street: str
    flat: str
    town: Town


def address(chance: Chance) -> Address:
    """An address somewhere in France."""
    return address_in(chance, chance.draw(_towns()))


def address_in(chance: Chance, town: Town) -> Address:
    """An address in ``town``."""
    number = "" if chance.happens(_NO_NUMBER_RATE) else str(1 + min(chance.below(_LONGEST_STREET), chance.below(_LONGEST_STREET)))
    if number and chance.happens(_BIS_RATE):
        number += chance.pick((" bis", " bis", " ter", " B"))
    flat = chance.pick(("Appt ", "Apt ", "Bât. A Appt ", "Étage ", "Résidence du Parc n° ")) + str(chance.between(1, 60))
    return Address(number, chance.draw(_streets()), flat if chance.happens(_FLAT_RATE) else "", town)


@cache
def _towns() -> Weighted[Town]:
    towns: list[tuple[Town, float]] = []
    for entry in _TOWNS.replace("\n", " ").split(","):
        name, code, weight = entry.strip().rsplit(" ", 2)
        towns.append((Town(name, code), float(weight)))
    for city, prefix, count, inhabitants in _ARRONDISSEMENTS:
        towns += [(Town(city, f"{prefix}{district:02}", district), inhabitants / count) for district in range(1, count + 1)]
    mass = sum(weight for _, weight in towns)
    sizes = [1 / (rank + 30) for rank in range(_VILLAGES)]
    scale = mass * _VILLAGE_SHARE / (1 - _VILLAGE_SHARE) / sum(sizes)
    return Weighted([*towns, *((town, size * scale) for town, size in zip(_villages(), sizes, strict=True))])


def _villages() -> list[Town]:
    chance = Chance(21)
    departments = [code for code, _ in FrenchPlaces.departments if code.isdigit() and len(code) == len("75") and code not in {"75", "20"}]
    villages: dict[str, Town] = {}
    while len(villages) < _VILLAGES:
        name = _village_name(chance)
        villages.setdefault(name, Town(name, f"{chance.pick(departments)}{chance.between(11, 98)}0"))
    return list(villages.values())


def _village_name(chance: Chance) -> str:
    root = str(chance.pick(tuple(French.last_names))).replace(" ", "-")
    saint = f"Saint-{chance.pick(tuple(French.first_names_male))}"
    suffix = str(chance.pick(tuple(FrenchPlaces.city_suffixes)))
    river = chance.pick(("Loire", "Seine", "Marne", "Aube", "Orne", "Vienne", "Creuse", "Isère", "Drôme", "Sarthe", "Mer"))
    return chance.pick(
        (f"{root}{suffix.lower()}", f"{saint}-sur-{river}", f"{saint}-{suffix.strip('-')}", f"{root}-sur-{river}", f"{saint}-de-{root}")
    )


@cache
def _streets() -> Weighted[str]:
    chance = Chance(22)
    streets = [street.strip() for street in _STREETS.replace("\n", " ").split(",")]
    while len(streets) < _NAMED_STREETS:
        kind = chance.pick(("rue", "rue", "rue", "avenue", "boulevard", "chemin", "allée", "impasse", "route"))
        person = chance.pick(tuple(French.last_names))
        given = chance.pick(tuple(French.first_names_male))
        streets.append(chance.pick((f"{kind} {given} {person}", f"{kind} {given} {person}", f"{kind} de {person}", f"{kind} {person}")))
    return Weighted((street, 1 / (rank + _STREET_OFFSET)) for rank, street in enumerate(dict.fromkeys(streets)))
