"""Given names, family names and titles as silos really write them."""

import pytest

from identity.domain.standardise.names import family_name, given_name
from identity.domain.standardise.record import standardise

GIVEN = [
    # raw, all given names, root of the first
    ("Zoé", "zoe", "zoe"),
    ("MARIE", "marie", "marie"),
    ("Jean-Pierre", "jean pierre", "jeanpierre"),
    ("Jean Pierre", "jean pierre", "jeanpierre"),
    ("JEAN-PIERRE", "jean pierre", "jeanpierre"),
    ("JEANPIERRE", "jean pierre", "jeanpierre"),  # a silo without hyphen or space
    ("Jean - Pierre", "jean pierre", "jeanpierre"),
    ("Jean_Pierre", "jean pierre", "jeanpierre"),
    ("J.-P.", "jp", "jp"),
    ("J-P", "jp", "jp"),
    ("J.P.", "jp", "jp"),
    ("J P", "jp", "jp"),
    ("JP", "jp", "jp"),  # may be Jean-Paul or Jean-Philippe as well: kept
    ("J.", "j", "j"),
    ("Jean P.", "jean p", "jean"),
    ("Jean-Marie Paul", "jean marie paul", "jeanmarie"),
    ("Jean, Marcel, Paul", "jean marcel paul", "jeanmarcel"),
    ("Paul, Marcel", "paul marcel", "paul"),  # civil status lists every given name
    ("Anne-Sophie", "anne sophie", "annesophie"),
    ("Annesophie", "anne sophie", "annesophie"),
    ("Marie Thérèse", "marie therese", "marietherese"),
    ("Mohamed Amine", "mohamed amine", "mohamedamine"),
    ("Fatima-Zahra", "fatima zahra", "fatimazahra"),
    ("Lou-Anne", "lou anne", "louanne"),
    ("Marc-Antoine", "marc antoine", "marcantoine"),
    ("Jean-Mi", "jean mi", "jeanmichel"),
    ("Jeanmi", "jeanmi", "jeanmichel"),
    ("Jean-Phi", "jean phi", "jeanphilippe"),
    ("JB", "jb", "jeanbaptiste"),
    ("Nico", "nico", "nicolas"),
    ("Manu", "manu", "emmanuel"),
    ("Fred", "fred", "frederic"),
    ("Gégé", "gege", "gerard"),
    ("Cath", "cath", "catherine"),
    ("Isa", "isa", "isabelle"),
    ("Véro", "vero", "veronique"),
    ("Mado", "mado", "madeleine"),
    ("Pierrot", "pierrot", "pierre"),
    ("Seb", "seb", "sebastien"),
    ("Ludo", "ludo", "ludovic"),
    ("Alex", "alex", "alex"),  # Alexandre, Alexandra, Alexis: ambiguous, kept
    ("Chris", "chris", "chris"),
    ("Sam", "sam", "sam"),
    ("Ben", "ben", "ben"),
    ("Max", "max", "max"),
    ("Théo", "theo", "theo"),  # a name of its own
    ("Mohammed", "mohammed", "mohamed"),
    ("Muhammad", "muhammad", "mohamed"),
    ("Thibaut", "thibaut", "thibault"),
    ("Bob", "bob", "robert"),
    ("Rob", "rob", "robert"),
    ("Robert", "robert", "robert"),
    ("Bill", "bill", "william"),
    ("Liz", "liz", "elizabeth"),
    ("Betty", "betty", "elizabeth"),
    ("Tom", "tom", "thomas"),
    ("Mike", "mike", "michael"),
    ("Jim", "jim", "james"),
    ("Kate", "kate", "katherine"),
    ("Dick", "dick", "richard"),
    ("M. Paul", "paul", "paul"),  # a title in the given name's column
    ("Dr Sarah", "sarah", "sarah"),
    ("Mme", "mme", "mme"),  # nothing is left after it: kept as it stands
    ("Jean (Jojo)", "jean", "jean"),
    ('Jean "Jojo"', "jean", "jean"),
    ("Jean dit Jojo", "jean", "jean"),
    ("Jean et Marie", "jean marie", "jeanmarie"),  # a couple in one field looks like a compound: the price
    ("Ana'is", "anais", "anais"),  # dieresis lost to an apostrophe
    ("D'Arcy", "darcy", "darcy"),
    ("th0mas", "thomas", "thomas"),  # zero for o, from character recognition
    ("Ju1ie", "juiie", "juiie"),  # a one may be i or l: i, always
    ("Jean2", "jean", "jean"),
    ("1st", None, None),
    ("12345", None, None),
    ("-", None, None),
    (".", None, None),
    ("?", None, None),
    ("inconnu", None, None),
    ("Non renseigné", None, None),
    ("N/A", None, None),
    ("XXX", None, None),
    ("NULL", None, None),
    ("nan", None, None),  # a data frame's missing value
    ("prénom", None, None),  # the column's own heading
    ("", None, None),
    ("   ", None, None),
    ("Юлия", None, None),
]

FAMILY = [
    # raw, name in use, name at birth, words of all surnames
    ("DUPONT", "dupont", None, ("dupont",)),
    ("Lefèvre", "lefevre", None, ("lefevre",)),
    ("Dupont-Martin", "dupont martin", None, ("dupont", "martin")),
    ("MARTIN DUPONT", "martin dupont", None, ("dupont", "martin")),
    ("d'Ormesson", "dormesson", None, ("dormesson",)),
    ("D’ORMESSON", "dormesson", None, ("dormesson",)),
    ("D ORMESSON", "dormesson", None, ("dormesson",)),
    ("DORMESSON", "dormesson", None, ("dormesson",)),
    ("d' Ormesson", "dormesson", None, ("dormesson",)),
    ("L'Hermite", "lhermite", None, ("lhermite",)),
    ("L HUILLIER", "lhuillier", None, ("lhuillier",)),
    ("Le Goff", "legoff", None, ("legoff",)),
    ("LEGOFF", "legoff", None, ("legoff",)),
    ("de la Tour", "delatour", None, ("latour",)),
    ("De La Tour", "delatour", None, ("latour",)),
    ("DELATOUR", "delatour", None, ("delatour",)),
    ("de Villepin", "devillepin", None, ("villepin",)),
    ("Villepin (de)", "devillepin", None, ("villepin",)),  # as library lists write it
    ("ORMESSON (D')", "dormesson", None, ("dormesson",)),
    ("Tour (de la)", "delatour", None, ("latour",)),
    ("du Pont", "dupont", None, ("dupont",)),
    ("des Essarts", "desessarts", None, ("desessarts",)),
    ("Galouzeau de Villepin", "galouzeau devillepin", None, ("galouzeau", "villepin")),
    ("Ben Ali", "benali", None, ("benali",)),
    ("BENALI", "benali", None, ("benali",)),
    ("El Amrani", "elamrani", None, ("elamrani",)),
    ("EL-AMRANI", "elamrani", None, ("elamrani",)),
    ("Ait Ahmed", "aitahmed", None, ("aitahmed",)),
    ("Aït Ben Haddou", "aitbenhaddou", None, ("aitbenhaddou",)),
    ("Abou Bakr", "aboubakr", None, ("aboubakr",)),
    ("Ould Cheikh", "ouldcheikh", None, ("ouldcheikh",)),
    ("N'Diaye", "ndiaye", None, ("ndiaye",)),
    ("N DIAYE", "ndiaye", None, ("ndiaye",)),
    ("M'Bappé", "mbappe", None, ("mbappe",)),
    ("da Silva", "dasilva", None, ("dasilva",)),
    ("Ferreira da Silva", "ferreira dasilva", None, ("dasilva", "ferreira")),
    ("Dos Santos", "dossantos", None, ("dossantos",)),
    ("van den Berg", "vandenberg", None, ("vandenberg",)),
    ("VANDENBERG", "vandenberg", None, ("vandenberg",)),
    ("von der Leyen", "vonderleyen", None, ("derleyen",)),
    ("Di Benedetto", "dibenedetto", None, ("dibenedetto",)),
    ("O'Brien", "obrien", None, ("obrien",)),
    ("O BRIEN", "obrien", None, ("obrien",)),
    ("Mac Donald", "macdonald", None, ("macdonald",)),
    ("McDonald", "mcdonald", None, ("mcdonald",)),
    ("ST MARTIN", "saint martin", None, ("saintmartin",)),
    ("St-Martin", "saint martin", None, ("saintmartin",)),
    ("ST. MARTIN", "saint martin", None, ("saintmartin",)),
    ("Saint-Martin", "saint martin", None, ("saintmartin",)),
    ("STE MARIE", "sainte marie", None, ("saintemarie",)),
    ("Le", "le", None, ("le",)),  # a Vietnamese name, with nothing to join
    ("LÊ", "le", None, ("le",)),
    ("Ly", "ly", None, ("ly",)),
    ("Nguyen Van", "nguyen van", None, ("nguyen", "van")),
    ("DUPONT née MARTIN", "dupont", "martin", ("dupont", "martin")),
    ("DUPONT NEE MARTIN", "dupont", "martin", ("dupont", "martin")),
    ("Dupont (née Martin)", "dupont", "martin", ("dupont", "martin")),
    ("DUPONT (MARTIN)", "dupont", "martin", ("dupont", "martin")),
    ("DUPONT ép. MARTIN", "martin", "dupont", ("dupont", "martin")),  # born Dupont, married Martin
    ("DUPONT EPOUSE MARTIN", "martin", "dupont", ("dupont", "martin")),
    ("DUPONT épse MARTIN", "martin", "dupont", ("dupont", "martin")),
    ("DUPONT veuve MARTIN", "martin", "dupont", ("dupont", "martin")),
    ("Vve MARTIN", "martin", None, ("martin",)),
    ("Mme Vve DUPONT née LE GALL", "dupont", "legall", ("dupont", "legall")),
    ("DUPONT née", "dupont", None, ("dupont",)),  # cut off by a column's width
    ("née MARTIN", "martin", None, ("martin",)),
    ("DUPONT dit LAJOIE", "dupont", None, ("dupont", "lajoie")),
    ("Dupont alias Durand", "dupont", None, ("dupont", "durand")),
    ("Mme DUPONT", "dupont", None, ("dupont",)),
    ("M. DUPONT", "dupont", None, ("dupont",)),
    ("M DUPONT", "dupont", None, ("dupont",)),
    ("Mlle Dupont", "dupont", None, ("dupont",)),
    ("Dr. Dupont", "dupont", None, ("dupont",)),
    ("Me Dupont", "dupont", None, ("dupont",)),  # maître: a lawyer
    ("M. et Mme DUPONT", "dupont", None, ("dupont",)),
    ("Dupont Jr", "dupont", None, ("dupont",)),
    ("DUPONT FILS", "dupont", None, ("dupont",)),
    ("Maitre", "maitre", None, ("maitre",)),  # a title that stands alone is the name
    ("DUP0NT", "dupont", None, ("dupont",)),
    ("DUPONT/MARTIN", "dupont martin", None, ("dupont", "martin")),
    ("Dupont,", "dupont", None, ("dupont",)),
    ("*DUPONT*", "dupont", None, ("dupont",)),
    ("Inconnu", None, None, ()),
    ("NC", None, None, ()),
    ("n.c.", None, None, ()),
    ("CLIENT", None, None, ()),
    ("Client comptoir", None, None, ()),
    ("NE PAS UTILISER", None, None, ()),
    ("anonyme", None, None, ()),
    ("TEST", None, None, ()),
    ("zzzz", None, None, ()),
    ("M. Inconnu", None, None, ()),
    ("1855)", None, None, ()),
]


@pytest.mark.parametrize(("raw", "given", "root"), GIVEN)
def test_given_names_have_one_form_and_a_root(raw: str, given: str | None, root: str | None) -> None:
    assert given_name(raw)[:2] == (given, root)


@pytest.mark.parametrize(("raw", "family", "birth", "surnames"), FAMILY)
def test_family_names_have_one_form(raw: str, family: str | None, birth: str | None, surnames: tuple[str, ...]) -> None:
    assert family_name(raw)[:3] == (family, birth, surnames)


SEX_FROM_TITLE = [
    ({"title": "Mme"}, "f"),
    ({"title": "MADAME"}, "f"),
    ({"title": "Mlle."}, "f"),
    ({"title": "M."}, "m"),
    ({"title": "Monsieur"}, "m"),
    ({"title": "Mr"}, "m"),
    ({"title": "Mrs"}, "f"),
    ({"title": "Veuve"}, "f"),
    ({"title": "Dr"}, None),
    ({"title": "Maître"}, None),
    ({"title": "M. et Mme"}, None),  # two people
    ({"title": "M. ou Mme"}, None),
    ({"title": "1"}, "m"),
    ({"family_name": "Mme DUPONT"}, "f"),
    ({"given_name": "M. Paul"}, "m"),
    ({"full_name": "Mademoiselle Zoé Martin"}, "f"),
    ({"full_name": "M. et Mme Martin"}, None),
    ({"sex": "m", "title": "Mme"}, "m"),  # the attribute of its own wins
    ({"sex": "inconnu", "title": "Mme"}, "f"),
]


@pytest.mark.parametrize(("raw", "sex"), SEX_FROM_TITLE)
def test_a_title_tells_the_sex_when_nothing_else_does(raw: dict[str, str], sex: str | None) -> None:
    assert standardise(raw)["sex"] == sex
