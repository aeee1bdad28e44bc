"""Telephone numbers and e-mail addresses."""

import pytest

from identity.domain.standardise.emails import email
from identity.domain.standardise.phones import phone
from identity.domain.standardise.record import standardise

PHONES = [
    # the ranges 01 99 00, 02 61 91, 03 53 01, 04 65 71, 05 36 49, 06 39 98 are kept for fiction by Arcep
    ("01 99 00 12 34", "+33199001234"),
    ("06 39 98 12 34", "+33639981234"),  # fiction, though 06 39 is otherwise Mayotte's
    ("0261911234", "+33261911234"),
    ("04.65.71.12.34", "+33465711234"),
    ("05-36-49-12-34", "+33536491234"),
    ("05/36/49/12/34", "+33536491234"),
    ("+33 6 39 98 12 34", "+33639981234"),
    ("+33 (0)6 39 98 12 34", "+33639981234"),
    ("+33(0)639981234", "+33639981234"),
    ("+330639981234", "+33639981234"),
    ("0033 6 39 98 12 34", "+33639981234"),
    ("0033 (0) 6 39 98 12 34", "+33639981234"),
    ("33639981234", "+33639981234"),  # the plus lost in a spreadsheet
    ("639981234", "+33639981234"),  # the zero lost in a spreadsheet
    ("639981234.0", "+33639981234"),  # a number column exported as a float
    ("Tél : 06 39 98 12 34", "+33639981234"),
    ("06 39 98 12 34 (bureau)", "+33639981234"),
    ("01 99 00 12 34 poste 12", "+33199001234"),
    ("06 39 98 12 34 / 01 99 00 12 34", "+33639981234"),  # of two numbers the first
    ("06 39 98 12 34 ou 01 99 00 12 34", "+33639981234"),
    ("0639981234;0199001234", "+33639981234"),
    ("06\u00a039\u00a098\u00a012\u00a034", "+33639981234"),
    ("06\u202f39\u202f98\u202f12\u202f34", "+33639981234"),
    ("０６３９９８１２３４", "+33639981234"),
    ("\u202a+33639981234\u202c", "+33639981234"),  # pasted from a contact list, with its direction marks
    ("+33-6-39-98-12-34", "+33639981234"),
    ("0 639 98 12 34", "+33639981234"),
    ("tel:+33639981234", "+33639981234"),
    ("0262 12 34 56", "+262262123456"),  # La Réunion, dialled as at home
    ("0692 12 34 56", "+262692123456"),
    ("0590 12 34 56", "+590590123456"),  # Guadeloupe
    ("0696 12 34 56", "+596696123456"),  # Martinique
    ("0594 12 34 56", "+594594123456"),  # Guyane
    ("0639 01 23 45", "+262639012345"),  # Mayotte
    ("+262 262 12 34 56", "+262262123456"),
    ("+33 262 12 34 56", "+262262123456"),
    ("+32 2 555 12 34", "+3225551234"),
    ("0032 2 555 12 34", "+3225551234"),
    ("+41 44 668 18 00", "+41446681800"),
    ("+44 20 7946 0958", "+442079460958"),  # Ofcom's range for drama
    ("+1 202-555-0143", "+12025550143"),
    ("09 99 99 99 98", "+33999999998"),  # not assigned, but possible
    ("0000000000", None),
    ("00 00 00 00 00", None),
    ("0600000000", None),
    ("0666666666", None),
    ("0123456789", None),
    ("01 23 45 67 89", None),
    ("06 12 34 56 78", None),
    ("+33612345678", None),
    ("9999999999", None),
    ("06 39 98 12", None),  # too short
    ("06 39 98 12 34 56", None),  # too long
    ("3639", None),
    ("112", None),
    ("3,36E+10", None),  # what a spreadsheet leaves of a number
    ("inconnu", None),
    ("sans", None),
    ("-", None),
    ("N/A", None),
    ("zoe@exemple.example", None),
    ("", None),
    ("+", None),
    ("+999 123456", None),
]


@pytest.mark.parametrize(("raw", "expected"), PHONES)
def test_a_telephone_number_is_e164_or_absent(raw: str, expected: str | None) -> None:
    assert phone(raw) == expected


def test_the_country_of_the_record_settles_a_national_number() -> None:
    assert standardise({"phone": "02 555 12 34", "country": "Belgique"})["phone"] == "+3225551234"
    assert standardise({"phone": "02 555 12 34", "country": "?"})["phone"] is None


EMAILS = [
    # raw, as written, the mailbox it reaches
    ("zoe.martin@exemple.example", "zoe.martin@exemple.example", "zoe.martin@exemple.example"),
    ("  Zoe.MARTIN@Exemple.Example ", "zoe.martin@exemple.example", "zoe.martin@exemple.example"),
    ("zoe+promo@exemple.example", "zoe+promo@exemple.example", "zoe@exemple.example"),
    ("z.o.e@gmail.com", "z.o.e@gmail.com", "zoe@gmail.com"),
    ("z.o.e+x@googlemail.com", "z.o.e+x@googlemail.com", "zoe@gmail.com"),
    ("z.o.e@orange.fr", "z.o.e@orange.fr", "z.o.e@orange.fr"),  # dots count elsewhere
    ("zoe@gmial.com", "zoe@gmial.com", "zoe@gmail.com"),
    ("zoe@hotmial.fr", "zoe@hotmial.fr", "zoe@hotmail.fr"),
    ("mailto:zoe@exemple.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("<zoe@exemple.example>", "zoe@exemple.example", "zoe@exemple.example"),
    ("Zoé Martin <zoe@exemple.example>", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe@exemple.example.", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe@exemple.example;", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe@exemple.example; z@autre.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe@exemple.example / z@autre.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe @ exemple.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe@exemple .example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe(at)exemple.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe arobase exemple.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoé@exemple.example", "zoe@exemple.example", "zoe@exemple.example"),  # an accent typed out of habit
    ("zoe@société.example", "zoe@xn--socit-esab.example", "zoe@xn--socit-esab.example"),
    ("zoe\u200b@exemple.example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe_m-l@sous.exemple.example", "zoe_m-l@sous.exemple.example", "zoe_m-l@sous.exemple.example"),
    ("o'brien@exemple.example", "o'brien@exemple.example", "o'brien@exemple.example"),
    ("zoe@exemple.test", "zoe@exemple.test", "zoe@exemple.test"),
    ("contact@exemple.example", "contact@exemple.example", "contact@exemple.example"),  # shared, but an address
    ("dupont@dupont.example", "dupont@dupont.example", "dupont@dupont.example"),
    ("test@test.fr", None, None),
    ("test@test", None, None),
    ("test@exemple.example", None, None),
    ("toto@exemple.example", None, None),
    ("noreply@exemple.example", None, None),
    ("pasdemail@exemple.example", None, None),
    ("inconnu@exemple.example", None, None),
    ("xxx@xxx.xx", None, None),
    ("aaa@aaa.fr", None, None),
    ("nc@nc.fr", None, None),
    ("zoe@gmail", None, None),
    ("zoe@", None, None),
    ("@exemple.example", None, None),
    ("zoe.exemple.example", None, None),
    ("zoe@@exemple.example", None, None),
    ("zoe..martin@exemple.example", "zoe.martin@exemple.example", "zoe.martin@exemple.example"),  # a slip of the finger
    ("zoe.@exemple..example", "zoe@exemple.example", "zoe@exemple.example"),
    ("zoe martin@exemple.example", "zoemartin@exemple.example", "zoemartin@exemple.example"),  # never somebody else's martin@
    ("aa@exemple.example", "aa@exemple.example", "aa@exemple.example"),
    ("a@a.fr", None, None),
    ("zoe@-exemple.example", None, None),
    ("zoe martin", None, None),
    ("0639981234", None, None),
    ("inconnu", None, None),
    ("-", None, None),
    ("", None, None),
    ("z" * 65 + "@exemple.example", None, None),  # RFC 5321 allows 64 characters
]


@pytest.mark.parametrize(("raw", "address", "canonical"), EMAILS)
def test_an_email_has_a_written_and_a_canonical_form(raw: str, address: str | None, canonical: str | None) -> None:
    assert email(raw) == (address, canonical)
