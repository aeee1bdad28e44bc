"""Names of invented French people at a realistic frequency.

The names come from Faker's French-speaking locales. The shape is the known one: given names follow the birth decade, the ten
commonest surnames bear 1.9 % of people, the hundred commonest 9 %, the thousand commonest 25 %, and half of all people bear
a name outside the five thousand commonest (INSEE, Fichier des noms, in round figures). Faker has too few surnames for such a
tail, so rarer ones are invented: a French stem with a French ending.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from faker.providers.person.fr_BE import Provider as Belgian
from faker.providers.person.fr_CH import Provider as Swiss
from faker.providers.person.fr_DZ import Provider as Algerian
from faker.providers.person.fr_FR import Provider as French

from services.demo.chance import Chance, Weighted

ERA_YEARS = 10
FIRST_ERA, LAST_ERA = 1930, 2010

# Name, year of its peak, share of its sex in per mille over the births of 1930 to 2010 (rounded public knowledge).
_MEN = """Jean 1937 32, Michel 1946 21, Philippe 1962 18, Alain 1950 17, Patrick 1956 14, Pierre 1945 14, Nicolas 1980 14,
Christophe 1968 13, Christian 1951 13, Daniel 1948 13, Bernard 1947 12, Éric 1965 11, Frédéric 1972 11, Laurent 1967 11, Stéphane 1970 11,
David 1973 11, Pascal 1962 11, Sébastien 1977 11, Gérard 1949 11, Julien 1983 10, Thierry 1964 10, Olivier 1970 10, Thomas 1990 9,
Jacques 1943 9, Alexandre 1988 9, Claude 1942 9, Jean-Pierre 1947 9, Didier 1957 8, Dominique 1955 7, André 1932 8, Franck 1968 7,
Vincent 1979 7, Jérôme 1975 7, Guillaume 1982 7, Bruno 1963 7, Marc 1960 6, Serge 1951 6, Jean-Claude 1946 8, Gilles 1958 6,
Maxime 1990 7, Romain 1987 7, Antoine 1991 6, Anthony 1986 6, Benjamin 1985 6, Clément 1993 6, Kévin 1991 7, Jérémy 1986 6,
Mickaël 1981 5, Yves 1945 6, Guy 1940 5, Roger 1932 4, René 1932 5, François 1955 7, Paul 1935 5, Louis 1932 3, Robert 1933 4,
Jean-Luc 1957 4, Jean-Marc 1959 4, Jean-Paul 1950 4, Jean-François 1956 3, Jean-Louis 1949 3, Jean-Michel 1953 3, Jean-Jacques 1950 2,
Jean-Marie 1947 2, Jean-Yves 1954 2, Jean-Philippe 1968 2, Jean-Baptiste 1985 2, Pierre-Yves 1968 1, Jean-Christophe 1968 1,
Quentin 1993 5, Florian 1993 5, Lucas 2001 5, Hugo 2001 5, Théo 2000 5, Enzo 2004 4, Mathieu 1984 5, Arnaud 1977 5, Fabrice 1970 5,
Cédric 1978 5, Ludovic 1975 4, Arthur 1998 3, Alexis 1992 4, Damien 1980 4, Adrien 1989 4, Simon 1990 3, Raphaël 1990 3, Xavier 1970 4,
Hervé 1963 4, Denis 1960 3, Maurice 1932 3, Marcel 1930 2, Georges 1932 3, Raymond 1932 3, Henri 1932 2, Roland 1940 2, Joël 1953 3,
Mohamed 1985 3, Karim 1977 2, Mehdi 1990 2, Rachid 1970 1, Samir 1980 1, Yanis 2002 2, Nathan 2003 3, Emmanuel 1970 4, Fabien 1980 4"""
_WOMEN = """Marie 1945 31, Nathalie 1967 14, Isabelle 1965 14, Sylvie 1961 13, Catherine 1959 13, Françoise 1948 12, Martine 1954 12,
Christine 1960 10, Monique 1944 10, Valérie 1968 9, Sandrine 1972 9, Stéphanie 1977 9, Nicole 1946 9, Véronique 1963 9, Sophie 1971 8,
Chantal 1953 8, Céline 1979 8, Anne 1962 8, Patricia 1962 8, Brigitte 1957 7, Annie 1949 7, Julie 1986 7, Aurélie 1982 7, Laurence 1966 6,
Jacqueline 1940 6, Michèle 1947 6, Corinne 1964 5, Karine 1973 5, Émilie 1983 6, Camille 1993 5, Virginie 1977 5, Caroline 1977 5,
Dominique 1955 5, Christiane 1947 5, Florence 1967 5, Pascale 1963 4, Danielle 1946 5, Jeanne 1932 3, Hélène 1960 4, Claire 1978 4,
Delphine 1976 4, Élodie 1985 5, Laura 1991 5, Pauline 1991 5, Marine 1991 4, Manon 1997 5, Léa 2000 5, Sarah 1993 4, Chloé 1998 4,
Emma 2003 4, Océane 1999 3, Lucie 1990 4, Mathilde 1993 3, Charlotte 1988 3, Anaïs 1991 4, Mélanie 1985 4, Marion 1988 4, Audrey 1982 4,
Laëtitia 1980 4, Amandine 1985 3, Jennifer 1987 3, Jessica 1989 3, Justine 1992 3, Morgane 1993 2, Marie-Christine 1955 3,
Marie-Claude 1949 3, Marie-Thérèse 1942 3, Anne-Marie 1946 3, Marie-France 1949 3, Marie-Hélène 1955 2, Marie-Pierre 1962 2,
Marie-Laure 1966 2, Anne-Sophie 1982 1, Marie-Louise 1935 2, Anne-Laure 1981 1, Marie-Josée 1948 1, Simone 1932 3, Yvette 1935 3,
Denise 1932 3, Paulette 1931 2, Odette 1931 2, Ginette 1933 2, Josette 1939 3, Colette 1938 3, Jeannine 1934 4, Madeleine 1932 3,
Thérèse 1936 2, Évelyne 1951 4, Béatrice 1962 4, Agnès 1962 3, Élisabeth 1953 4, Ghislaine 1950 2, Carole 1969 3, Fatima 1975 2,
Nadia 1975 2, Samira 1980 1, Inès 2000 3, Clara 2001 3, Jade 2004 2, Zoé 2003 1, Louise 2003 2, Juliette 1995 3, Élise 1985 2"""
_TAIL_SHARE = {"m": 0.26, "f": 0.30}
_TAIL_DECAY = 1.1
_ERA_SPREAD_YEARS = 13.0
_TIMELESS = 0.04

# Surnames by rank: share proportional to 1 / (rank + offset) ** exponent.
_RANKS = 60_000
_OFFSET, _EXPONENT = 7.0, 0.69
_ENDINGS = """ard aud aux eau eaud eaux el ellet elin elle elot er eret ereau eron et etier eux euil euze iaud ié ier ière iot ic icard
ichon igny illard ille illet illon illot in inaud ineau inel inet ineux ingue iol ion iou is isset isson ive oche ochon oin ois oizeau ol
olle olet on onnier onneau onnet ont or oret osse ot otin otte ou oud ouin oul ouroux ousse oux oy ucci uche uel uet uin ulet ussel
ac achon adel adier age agnac ain aing aire ais aison al alet alier allain amel ancelot ancourt andel andier ange anneau ans ant anton
arau arce ardeau ardet ardin argue arie arneau arrier art as asse assin assier at atier aubert audin audry autier avy ay aye ayrac azel
ec échard edou égault égrain eilhac ein eix élan emont enard enaud endon enet ennec ent épin équier erand erie ermont escot esme espin"""
_PARTICLES = ("de ", "du ", "de la ", "d'", "Le ", "La ", "El ", "Ben ")
_PARTICLE_RATE = 0.03
_DOUBLE_RATE = 0.012
_SCATTER = 611_953  # prime: walks over every pair of stem and ending before repeating one
_VOWELS = "aeiouyàâäéèêëîïôöûüù"


@cache
def given_names(sex: str, birth_year: int) -> Weighted[str]:
    """Given names of people of ``sex`` (m or f) born about ``birth_year``, with their weights."""
    era = min(LAST_ERA, max(FIRST_ERA, birth_year)) // ERA_YEARS * ERA_YEARS
    return _given_names_of_era(sex, era)


@cache
def _given_names_of_era(sex: str, era: int) -> Weighted[str]:
    middle = era + ERA_YEARS / 2
    known = [(name, share * _fashion(peak - middle)) for name, peak, share in _table(_MEN if sex == "m" else _WOMEN)]
    mass = sum(weight for _, weight in known)
    tail = [name for name in _rare_given_names(sex) if name not in {name for name, _ in known}]
    decay = [1 / (rank + 10) ** _TAIL_DECAY for rank in range(len(tail))]
    scale = mass * _TAIL_SHARE[sex] / (1 - _TAIL_SHARE[sex]) / sum(decay)
    return Weighted([*known, *((name, weight * scale) for name, weight in zip(tail, decay, strict=True))])


def _fashion(years_from_peak: float) -> float:
    return _TIMELESS + 1 / (1 + (years_from_peak / _ERA_SPREAD_YEARS) ** 4)


def _table(text: str) -> list[tuple[str, int, float]]:
    rows = (entry.split() for entry in text.replace("\n", " ").split(","))
    return [(name, int(peak), float(share)) for name, peak, share in rows]


def _rare_given_names(sex: str) -> list[str]:
    attribute = "first_names_male" if sex == "m" else "first_names_female"
    names: list[str] = []
    for provider in (French, Belgian, Swiss, Algerian):
        names += [str(name) for name in getattr(provider, attribute)]
    return _shuffled(_distinct(names), 11 if sex == "m" else 12)


@cache
def _surname_ranks() -> Weighted[int]:
    return Weighted((rank, 1 / (rank + _OFFSET) ** _EXPONENT) for rank in range(_RANKS))


@cache
def _known_surnames() -> tuple[str, ...]:
    """Faker's surnames: its French list is in order of frequency; those of the neighbours come after, mixed."""
    french = _distinct(str(name) for name in French.last_names)
    others = _distinct(str(name) for locale in (Belgian, Swiss, Algerian) for name in locale.last_names)
    return tuple(_distinct([*french, *_shuffled(others, 13)]))


def surname(chance: Chance) -> str:
    """A surname at its true frequency; some with a particle, some double."""
    name = surname_of_rank(chance.draw(_surname_ranks()))
    if chance.happens(_DOUBLE_RATE):
        return f"{name}-{surname_of_rank(chance.draw(_surname_ranks()))}"
    return name


@cache
def surname_of_rank(rank: int) -> str:
    """The surname at ``rank`` (0 is the commonest); beyond Faker's lists an invented one."""
    known = _known_surnames()
    if rank < len(known):
        return known[rank]
    stems, endings = _stems(), _endings()
    step = (rank - len(known)) * _SCATTER % (len(stems) * len(endings))
    name = stems[step % len(stems)] + endings[step // len(stems)]
    chance = Chance(rank)
    if chance.happens(_PARTICLE_RATE):
        return f"{chance.pick(_PARTICLES)}{name}"
    return f"Le {name}" if name in known else name


@cache
def _stems() -> tuple[str, ...]:
    """Beginnings of French surnames and given names, up to the consonants after the first vowels: ``Bern``, ``Mart``, ``Roch``."""
    names = [*French.last_names, *Belgian.last_names, *French.first_names, *Swiss.last_names]
    stems = (re.match(rf"[^{_VOWELS}]*[{_VOWELS}]+[^{_VOWELS}]+", str(name), re.IGNORECASE) for name in names if str(name).isalpha())
    longest = 5
    return tuple(_distinct(stem.group() for stem in stems if stem and len(stem.group()) <= longest))


@cache
def _endings() -> tuple[str, ...]:
    return tuple(_shuffled(_distinct(_ENDINGS.split()), 14))


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def _shuffled(names: list[str], seed: int) -> list[str]:
    chance = Chance(seed)
    for at in range(len(names) - 1, 0, -1):
        other = chance.below(at + 1)
        names[at], names[other] = names[other], names[at]
    return names
