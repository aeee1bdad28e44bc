"""Street lines, towns, postal codes and one-line addresses."""

import pytest

from identity.domain.standardise.cities import birth_place, city
from identity.domain.standardise.record import standardise
from identity.domain.standardise.streets import street

STREETS = [
    ("12 rue Victor Hugo", "12", "rue victor hugo"),
    ("12, rue Victor-Hugo", "12", "rue victor hugo"),
    ("12 RUE VICTOR HUGO", "12", "rue victor hugo"),
    ("12 r. Victor Hugo", "12", "rue victor hugo"),
    ("12 R VICTOR HUGO", "12", "rue victor hugo"),
    ("12 bis rue Victor Hugo", "12bis", "rue victor hugo"),
    ("12bis, rue Victor Hugo", "12bis", "rue victor hugo"),
    ("12B rue Victor Hugo", "12bis", "rue victor hugo"),
    ("12 b, rue Victor Hugo", "12bis", "rue victor hugo"),
    ("12 ter rue Victor Hugo", "12ter", "rue victor hugo"),
    ("12T rue Victor Hugo", "12ter", "rue victor hugo"),
    ("12 quater rue Victor Hugo", "12quater", "rue victor hugo"),
    ("12Q rue Victor Hugo", "12quater", "rue victor hugo"),
    ("12 A rue Victor Hugo", "12a", "rue victor hugo"),
    ("12-14 rue Victor Hugo", "12", "rue victor hugo"),
    ("12/14 rue Victor Hugo", "12", "rue victor hugo"),
    ("12 à 14 rue Victor Hugo", "12", "rue victor hugo"),
    ("N° 12 rue Victor Hugo", "12", "rue victor hugo"),
    ("n°12, rue Victor Hugo", "12", "rue victor hugo"),
    ("0012 rue Victor Hugo", "12", "rue victor hugo"),
    ("rue Victor Hugo", None, "rue victor hugo"),
    ("rue Victor Hugo, 12", "12", "rue victor hugo"),
    ("RUE VICTOR HUGO 12 bis", "12bis", "rue victor hugo"),
    ("3 av. Foch", "3", "avenue foch"),
    ("3 ave Foch", "3", "avenue foch"),
    ("3 bd Foch", "3", "boulevard foch"),
    ("3 bld. Foch", "3", "boulevard foch"),
    ("3 blvd Foch", "3", "boulevard foch"),
    ("3 pl Foch", "3", "place foch"),
    ("3 imp. des Lilas", "3", "impasse lilas"),
    ("3 all des Lilas", "3", "allee lilas"),
    ("3 allée des Lilas", "3", "allee lilas"),
    ("3 rte de Dijon", "3", "route dijon"),
    ("3 ch. des Lilas", "3", "chemin lilas"),
    ("3 chem des Lilas", "3", "chemin lilas"),
    ("3 sq des Lilas", "3", "square lilas"),
    ("3 fbg St Antoine", "3", "faubourg saint antoine"),
    ("3 rue du Fg St-Antoine", "3", "rue faubourg saint antoine"),
    ("3 crs Lafayette", "3", "cours lafayette"),
    ("3 rpt des Lilas", "3", "rond point lilas"),
    ("3 mte de la Côte", "3", "montee cote"),
    ("5 rue du Gal Leclerc", "5", "rue general leclerc"),
    ("5 rue du Général Leclerc", "5", "rue general leclerc"),
    ("5 av du Mal Foch", "5", "avenue marechal foch"),
    ("5 av du Dr Roux", "5", "avenue docteur roux"),
    ("5 rue du Cdt Charcot", "5", "rue commandant charcot"),
    ("5 pl du Pdt Wilson", "5", "place president wilson"),
    ("5 rue N.D. des Champs", "5", "rue n champs"),
    ("5 rue ND des Champs", "5", "rue notre dame champs"),
    ("5 rue de l'Église", "5", "rue eglise"),
    ("5 RUE DE L EGLISE", "5", "rue eglise"),
    ("5 rue Ste Anne", "5", "rue sainte anne"),
    ("8 rue du 8 mai 1945", "8", "rue 8 mai 1945"),
    ("rue du 11 Novembre 1918", None, "rue 11 novembre 1918"),
    ("4 Gde Rue", "4", "grande rue"),
    ("Bât B 3 rue des Fleurs", "3", "rue fleurs"),
    ("Rés. Les Lilas Bât B 3 rue des Fleurs", "3", "rue fleurs"),
    ("3 rue des Fleurs, bât. A esc. 2 apt 45", "3", "rue fleurs"),
    ("3 rue des Fleurs Appt 12", "3", "rue fleurs"),
    ("3 rue des Fleurs 2ème étage", "3", "rue fleurs"),
    ("3 rue des Fleurs RDC", "3", "rue fleurs"),
    ("3 rue des Fleurs chez M. Martin", "3", "rue fleurs"),
    ("3 rue des Fleurs BP 123", "3", "rue fleurs"),
    ("111 av du Gal Leclerc, Résidence du Parc n° 35", "111", "avenue general leclerc"),
    ("111 AV DU GAL LECLERC RES DU PARC", "111", "avenue general leclerc"),
    ("2 rue de la Résidence du Lac", "2", "rue residence lac"),
    ("3 rue de la Porte Dorée", "3", "rue porte doree"),  # a door only where a number or letter follows
    ("BP 123", None, "bp 123"),  # nothing else is told
    ("Lieu-dit Les Marais", None, "marais"),
    ("LIEU DIT LES MARAIS", None, "marais"),
    ("Le Bourg", None, "bourg"),
    ("Château de Bellevue", None, "chateau bellevue"),
    ("Résidence du Parc", None, "residence parc"),
    ("ZA des Prés", None, "zone artisanale pres"),
    ("Route Nationale 7", None, "route nationale 7"),
    ("12 High St", "12", "high street"),
    ("12 Stanley Rd", "12", "stanley road"),
    ("Flat 2, 12 High Street", "12", "high street"),
    ("2 O'Connell Street", "2", "oconnell street"),
    ("8 stanley street", "8", "stanley street"),
    ("Hauptstraße 12", None, "hauptstrasse 12"),
    ("Alte Hauptstraße 12", "12", "alte hauptstrasse"),
    ("Calle de Alcalá, 12", "12", "calle alcala"),
    ("inconnue", None, None),
    ("adresse", None, None),
    ("NPAI", None, None),  # "does not live at this address": the Post's own mark
    ("-", None, None),
    ("", None, None),
]

TOWNS = [
    ("Paris", "paris", None),
    ("PARIS 11", "paris", 11),
    ("Paris 11e", "paris", 11),
    ("Paris 11eme", "paris", 11),
    ("PARIS 11ÈME", "paris", 11),
    ("Paris XI", "paris", 11),
    ("Paris XIe arrondissement", "paris", 11),
    ("Paris 1er", "paris", 1),
    ("Paris 01", "paris", 1),
    ("11e arrondissement de Paris", "paris", 11),
    ("Paris 21", "paris", None),  # there are twenty
    ("Lyon 3ème", "lyon", 3),
    ("LYON 03", "lyon", 3),
    ("Marseille 13e", "marseille", 13),
    ("75011 Paris", "paris", None),
    ("PARIS CEDEX 08", "paris", None),
    ("BORDEAUX CEDEX", "bordeaux", None),
    ("Bordeaux Cedex 9", "bordeaux", None),
    ("St Denis", "saint denis", None),
    ("ST-DENIS", "saint denis", None),
    ("Saint-Denis", "saint denis", None),
    ("Ste Foy les Lyon", "sainte foy les lyon", None),
    ("L'Haÿ-les-Roses", "lhay les roses", None),
    ("L HAY LES ROSES", "lhay les roses", None),
    ("LHAY LES ROSES", "lhay les roses", None),
    ("Le Havre", "le havre", None),
    ("HAVRE (LE)", "le havre", None),
    ("Ivry-sur-Seine", "ivry sur seine", None),
    ("IVRY S/ SEINE", "ivry sur seine", None),
    ("Ivry s/Seine", "ivry sur seine", None),
    ("Chalon/Saône", "chalon sur saone", None),
    ("IVRY S SEINE", "ivry sur seine", None),
    ("Rosny ss Bois", "rosny sous bois", None),
    ("Mt de Marsan", "mont de marsan", None),
    ("Villeneuve-d'Ascq", "villeneuve dascq", None),
    ("Zürich", "zurich", None),
    ("stratford-on-avon", "stratford on avon", None),
    ("inconnue", None, None),
    ("99999", None, None),
    ("-", None, None),
    ("", None, None),
]

POSTAL = [
    # postal code, town, country → code
    ("75011", "Paris", "", "75011"),
    ("75 011", "Paris", "", "75011"),
    ("F-75011", "Paris", "", "75011"),
    ("", "Paris 11e", "", "75011"),
    ("75000", "Paris 11e", "", "75011"),
    ("75116", "Paris", "", "75016"),  # the 16th has two codes
    ("75379", "PARIS CEDEX 08", "", "75008"),  # the office's own code, beside the arrondissement it stands in
    ("69000", "Lyon 3e", "", "69003"),
    ("13000", "Marseille 4ème", "", "13004"),
    ("", "Lyon", "", None),
    ("1000", "Bourg-en-Bresse", "", "01000"),  # the zero lost in a spreadsheet
    ("1000", "Bruxelles", "Belgique", "1000"),
    ("1000.0", "Bourg-en-Bresse", "", "01000"),
    ("2A004", "Ajaccio", "", "20004"),  # the department in place of the code's 20
    ("00000", "", "", None),
    ("99999", "", "", None),
    ("inconnu", "", "", None),
    ("tq13 8df", "", "", "tq138df"),
    ("SW1A-2JH", "", "", "sw1a2jh"),
    ("7501l", "", "", "7501l"),  # an l for a 1: left as it is, for comparison
]

ONE_LINE = [
    # raw; number, street, postal code, town, country
    ("12 bis, av. Victor Hugo, 75116 Paris", "12bis", "avenue victor hugo", "75016", "paris", None),
    ("12 bis av Victor Hugo 75116 PARIS FRANCE", "12bis", "avenue victor hugo", "75016", "paris", "fr"),
    ("Rés. Les Lilas Bât B 3 rue des Fleurs 69003 LYON", "3", "rue fleurs", "69003", "lyon", None),
    ("3 rue de la Paix 75002 PARIS CEDEX 02", "3", "rue paix", "75002", "paris", None),
    ("8, rue du 8 mai 1945 - 93200 St-Denis", "8", "rue 8 mai 1945", "93200", "saint denis", None),
    ("14 bd St Germain, Paris 5e", "14", "boulevard saint germain", "75005", "paris", None),
    ("45 ave du Mal Foch 69006 Lyon 6eme", "45", "avenue marechal foch", "69006", "lyon", None),
    ("Chez Mme Martin, 4 impasse des Roses, 13008 Marseille", "4", "impasse roses", "13008", "marseille", None),
    ("Appt 12 - 3ème étage - 25 bvd Voltaire - 75011 Paris - France", "25", "boulevard voltaire", "75011", "paris", "fr"),
    ("Lieu-dit Kerbihan 29000 Quimper", None, "kerbihan", "29000", "quimper", None),
    ("BP 123, 33000 Bordeaux CEDEX", None, "bp 123", "33000", "bordeaux", None),
    ("5, allée des Chênes, 44 000 Nantes", "5", "allee chenes", "44000", "nantes", None),
    ("10 rue Saint-Honoré F-75001 PARIS", "10", "rue saint honore", "75001", "paris", None),
    ("12 rue Jean Jaurès 94200 Ivry s/ Seine", "12", "rue jean jaures", "94200", "ivry sur seine", None),
    ("12 rue Oberkampf\n75011 Paris", "12", "rue oberkampf", "75011", "paris", None),
    ("75011 Paris, 12 rue Oberkampf", "12", "rue oberkampf", "75011", "paris", None),
    ("12 rue Oberkampf, Paris, 75011", "12", "rue oberkampf", "75011", "paris", None),
    ("12 rue Oberkampf Paris 11e", "12", "rue oberkampf", "75011", "paris", None),
    ("12 rue Oberkampf Paris", "12", "rue oberkampf", None, "paris", None),
    ("12 rue de Paris", "12", "rue paris", None, None, None),
    ("12 rue de Paris 35000 Rennes", "12", "rue paris", "35000", "rennes", None),
    ("4 place du Marché", "4", "place marche", None, None, None),
    ("Rue Neuve 12, 1000 Bruxelles, Belgique", "12", "rue neuve", "1000", "bruxelles", "be"),
    ("221 Baker Street, London NW1 6XE", "221", "baker street", "nw16xe", "london", None),
    ("10 Downing St, London, United Kingdom", "10", "downing street", None, "london", "gb"),
    ("9 rue des Trois-Frères, 2A000 Ajaccio", "9", "rue trois freres", "20000", "ajaccio", None),
    ("adresse inconnue", None, None, None, None, None),
    ("-", None, None, None, None, None),
]

BIRTH_PLACES = [
    ("Paris", "paris"),
    ("PARIS 14E", "paris"),
    ("Paris (75)", "paris"),
    ("75 - Paris", "paris"),
    ("Paris 14 (75)", "paris"),
    ("Lyon 3ème arrondissement", "lyon"),
    ("ST ETIENNE (42)", "saint etienne"),
    ("Alger (Algérie)", "alger"),
    ("Alger, Algérie", "alger"),
    ("Ajaccio - 2A", "ajaccio"),
    ("75056", "75056"),  # the statistical office's code of a town
    ("inconnu", None),
    ("", None),
]


@pytest.mark.parametrize(("raw", "number", "name"), STREETS)
def test_a_street_line_has_a_number_and_a_street(raw: str, number: str | None, name: str | None) -> None:
    assert street(raw) == (number, name)


@pytest.mark.parametrize(("raw", "name", "arrondissement"), TOWNS)
def test_a_town_has_one_name_and_may_tell_its_arrondissement(raw: str, name: str | None, arrondissement: int | None) -> None:
    assert city(raw) == (name, arrondissement)


@pytest.mark.parametrize(("code", "town", "land", "expected"), POSTAL)
def test_a_postal_code_has_one_form(code: str, town: str, land: str, expected: str | None) -> None:
    assert standardise({"postal_code": code, "city": town, "country": land})["postal_code"] == expected


@pytest.mark.parametrize(("raw", "expected"), [(raw, tuple(expected)) for raw, *expected in ONE_LINE])
def test_a_one_line_address_is_taken_apart(raw: str, expected: tuple[str | None, ...]) -> None:
    standard = standardise({"address": raw})
    found = tuple(standard[column] for column in ("address_number", "address_street", "postal_code", "city", "country"))
    assert found == expected


@pytest.mark.parametrize(("raw", "expected"), BIRTH_PLACES)
def test_a_birth_place_is_the_town_alone(raw: str, expected: str | None) -> None:
    assert birth_place(raw) == expected


def test_number_and_street_make_the_line() -> None:
    assert standardise({"address_line": "12 bis, av. Foch"})["address_line"] == "12bis avenue foch"


def test_a_street_line_that_goes_on_with_the_town_is_a_whole_address() -> None:
    standard = standardise({"address_line": "12 rue Oberkampf 75011 Paris"})
    assert (standard["address_line"], standard["postal_code"], standard["city"]) == ("12 rue oberkampf", "75011", "paris")


def test_placeholders_of_their_own_leave_the_one_line_address_to_speak() -> None:
    standard = standardise(
        {"address": "12 rue Oberkampf 75011 Paris, France", "city": "inconnue", "postal_code": "00000", "country": "\u200b"}
    )
    assert (standard["postal_code"], standard["city"], standard["country"]) == ("75011", "paris", "fr")


def test_attributes_of_their_own_win_over_the_one_line_address() -> None:
    standard = standardise(
        {"address": "12 rue Oberkampf 75011 Paris", "city": "Lyon", "postal_code": "69003", "address_line": "3 rue Neuve"}
    )
    assert (standard["address_line"], standard["postal_code"], standard["city"]) == ("3 rue neuve", "69003", "lyon")
