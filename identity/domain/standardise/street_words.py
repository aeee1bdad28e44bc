"""Words of street addresses and their abbreviations, French first (La Poste, norme AFNOR XP Z 10-011), then English."""

from __future__ import annotations

_TYPES = {
    "rue": "r",
    "avenue": "av ave aven avn",
    "boulevard": "bd bld bvd blvd boul bvrd boulv",
    "place": "pl plce",
    "impasse": "imp impas",
    "allee": "all ale",
    "allees": "alls",
    "route": "rte rt",
    "chemin": "ch che chem chm chn chin",
    "chemins": "ches",
    "square": "sq squ",
    "faubourg": "fg fbg fbrg fbourg",
    "cours": "crs",
    "quai": "qu qai",
    "passage": "pas pass psg pge",
    "promenade": "prom",
    "residence": "res resid rce rsd",
    "lotissement": "lot lotis lots",
    "hameau": "ham hme",
    "montee": "mte mtee",
    "sentier": "sen sent",
    "sente": "",
    "esplanade": "esp espl",
    "traverse": "tra trav",
    "venelle": "ven venel",
    "villa": "vla",
    "rond point": "rpt rdpt rp",
    "domaine": "dom dne",
    "cite": "cte",
    "clos": "clo",
    "parvis": "prv",
    "galerie": "",
    "ruelle": "rle rlle",
    "voie": "voi",
    "cote": "cot",
    "descente": "dsc",
    "zone artisanale": "za",
    "zone industrielle": "zi",
    "zone activites": "zac",
    "quartier": "qrt qua quart",
    "mail": "",
    "peristyle": "",
    "chaussee": "chs chau",
    "rampe": "",
    "port": "",
    "pont": "",
    "halle": "",
    "carrefour": "car carr",
    "corniche": "cor corn",
    "levee": "",
    "enclos": "",
    "ferme": "frm",
    "chateau": "cht chat",
    "moulin": "mln",
    "village": "vlge vil",
    "plan": "",
    "terrasse": "",
    "cour": "",
    "porte": "pte",
}
STREET_TYPES: dict[str, str] = {
    form: name for name, forms in _TYPES.items() for form in (name, *forms.split()) if " " not in form and not form.endswith("_")
}
"""First word of a street, as written, to its full form."""

FRENCH_FIRST: frozenset[str] = frozenset({*STREET_TYPES, "rond", "zone"})
"""A street that begins so is French: its last word is no English kind of street."""

ONE_WORD_TYPES: frozenset[str] = frozenset(form for form, name in STREET_TYPES.items() if " " not in name)

_INSIDE = {
    "saint": "st",
    "sainte": "ste",
    "saints": "sts",
    "saintes": "stes",
    "general": "gal gen gnl",
    "marechal": "mal",
    "commandant": "cdt cmdt",
    "capitaine": "cne cpt",
    "colonel": "col",
    "lieutenant": "lt ltn",
    "sergent": "sgt",
    "docteur": "dr doct",
    "professeur": "pr prof",
    "president": "pdt prdt",
    "monseigneur": "mgr",
    "notre": "ntre",
    "notre dame": "nd",
    "faubourg": "fg fbg",
    "grande": "gde",
    "grand": "gd",
    "vieux": "vx",
    "vieille": "vlle",
    "haut": "ht",
}
INSIDE_WORDS: dict[str, str] = {form: name for name, forms in _INSIDE.items() for form in forms.split() if not form.endswith("_")}
"""Words inside a street or town name, as abbreviated, to their full form."""

ENGLISH_LAST: dict[str, str] = {
    "st": "street",
    "str": "street",
    "rd": "road",
    "dr": "drive",
    "ln": "lane",
    "ct": "court",
    "cl": "close",
    "cres": "crescent",
    "cct": "circuit",
    "cir": "circle",
    "pde": "parade",
    "tce": "terrace",
    "ter": "terrace",
    "hwy": "highway",
    "gdns": "gardens",
    "gr": "grove",
    "pl": "place",
    "ave": "avenue",
    "av": "avenue",
    "blvd": "boulevard",
    "sq": "square",
}
"""Last word of an English street, as abbreviated, to its full form."""

ARTICLES = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "et", "au", "aux", "en", "of", "the", "and"})
"""Small words that one silo writes and another leaves out of a street."""

PLACE_PREFIXES = frozenset({"ld", "ldt", "lieudit"})
"""What announces a place that is not a street, in one word."""
