"""Any text becomes lower-case ASCII: accents, ligatures, odd marks, broken encodings."""

import pytest

from identity.domain.standardise.folding import MAX_LENGTH, fold
from identity.domain.standardise.record import standardise

FOLDED = [
    ("Zoé", "zoe"),
    ("FRANÇOISE", "francoise"),
    ("Noe\u0308l", "noel"),  # accent as a combining mark (macOS file names)
    ("Cœur", "coeur"),
    ("Lætitia", "laetitia"),
    ("ŒUVRARD", "oeuvrard"),
    ("Ǽlfric", "aelfric"),  # ligature that itself carries an accent
    ("Weiß", "weiss"),
    ("STRAẞE", "strasse"),  # capital sharp s
    ("Søren", "soren"),
    ("Łukasz", "lukasz"),
    ("Đorđe", "dorde"),
    ("Guðrún", "gudrun"),
    ("Þór", "thor"),
    ("Işıl", "isil"),  # Turkish dotless i
    ("İbrahim", "ibrahim"),  # Turkish dotted capital
    ("Ñuñez", "nunez"),
    ("Nguyễn", "nguyen"),  # two marks on one letter
    ("Škoda Čapek", "skoda capek"),
    ("L’Haÿ", "l'hay"),  # typographic apostrophe
    ("Lʼhay", "l'hay"),  # modifier letter apostrophe
    ("L´hay", "l'hay"),  # acute accent used as an apostrophe
    ("L`hay", "l'hay"),  # backtick
    ("Jean‑Pierre", "jean-pierre"),  # non-breaking hyphen
    ("Jean–Pierre", "jean-pierre"),  # en dash
    ("Jean−Pierre", "jean-pierre"),  # minus sign
    ("Jean\u00adPierre", "jeanpierre"),  # soft hyphen: only a hint for line breaks
    ("  Marie \t Claire\r\n", "marie claire"),
    ("Marie\u00a0Claire", "marie claire"),  # non-breaking space
    ("Marie\u202fClaire", "marie claire"),  # narrow non-breaking space (French typography)
    ("Marie\u3000Claire", "marie claire"),  # ideographic space
    ("Marie\u2028Claire", "marie claire"),  # line separator
    ("Ma\u200brie", "marie"),  # zero-width space
    ("\ufeffMarie", "marie"),  # byte order mark kept by a careless export
    ("\u202eMarie\u202c", "marie"),  # bidirectional override
    ("Marie\u200d", "marie"),  # zero-width joiner
    ("Jean\x00Pierre", "jean pierre"),  # NUL from a fixed-width file
    ("Jean\x1fPierre", "jean pierre"),
    ("Mar\ud800ie", "marie"),  # lone surrogate
    ("Mar\ufffdie", "marie"),  # replacement character: the letter is lost
    ("GÃ©rard", "gerard"),  # UTF-8 read as Windows-1252
    ("FranÃ§ois", "francois"),
    ("ZoÃ«", "zoe"),
    ("Lâ€™Hay", "l'hay"),
    ("D&#39;Angelo", "d'angelo"),  # escaped by a web form
    ("H&eacute;l&egrave;ne", "helene"),
    ("&amp;eacute;", "& eacute;"),  # escaped twice is undone once, and stays
    ("Ｊｅａｎ", "jean"),  # full-width letters
    ("𝓙𝓮𝓪𝓷", "jean"),  # mathematical letters from social networks
    ("1ᵉʳ", "1er"),  # superscript
    ("№ 5", "no 5"),
    ("½", "1/2"),
    ("Мария", ""),  # another script has no ASCII form here
    ("李明", ""),
    ("Zoé 🎉", "zoe"),
    ("«Zoé»", '"zoe"'),
    ("", ""),
    ("\u200b", ""),
]


@pytest.mark.parametrize(("text", "expected"), FOLDED)
def test_text_folds_to_lower_ascii(text: str, expected: str) -> None:
    assert fold(text) == expected


def test_a_field_of_a_megabyte_is_refused_and_not_cut() -> None:
    """Two long texts with one beginning must not become one value."""
    huge = dict.fromkeys(("given_name", "family_name", "full_name", "email", "phone", "address", "city", "birth_date"), "a" * 1000000)
    assert set(standardise(huge).values()) == {None}


def test_the_longest_accepted_field_is_read_whole() -> None:
    name = "de " * 300 + "martin"
    assert len(name) <= MAX_LENGTH
    assert standardise({"family_name": name})["family_name"] == "de" * 300 + "martin"
