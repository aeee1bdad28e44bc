"""Attributes are read from words and from standard input; what is wrong is told by its place, never by its value."""

from __future__ import annotations

import io

import pytest

from services.cli.asking import not_understood
from services.cli.failing import InputError
from services.cli.options import attributes


def test_a_dash_stands_for_lines_on_standard_input():
    typed = io.BytesIO("\ufefffamily_name=Lefèvre = Petit\r\n\nx_shoe size=38\nphone=0639980012".encode())
    assert attributes(["given_name=Zoé", "-"], typed) == {
        "given_name": "Zoé",
        "family_name": "Lefèvre = Petit",
        "x_shoe size": "38",
        "phone": "0639980012",
    }


def test_standard_input_is_left_alone_without_a_dash():
    typed = io.BytesIO(b"phone=0639980012")
    assert attributes(["given_name=-"], typed) == {"given_name": "-"}
    assert typed.tell() == 0


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (b"phone=0639980012\nLefevre\n", "line 2 of standard input is not NAME=VALUE"),
        (b"given_nam=Lefevre", "'given_nam' is no attribute"),
        (b"family_name=Lef\xe8vre", "standard input is not UTF-8 text"),
        (b"family_name=" + b"Lefevre" * 200_000, "standard input is longer than 1048576 bytes"),
    ],
)
def test_what_is_amiss_there_is_told_without_a_value(typed, said):
    with pytest.raises(InputError) as caught:
        attributes(["-"], io.BytesIO(typed))
    assert str(caught.value) == said
    assert "Lef" not in str(caught.value) + caught.value.hint


def test_an_attribute_given_twice_is_refused():
    with pytest.raises(InputError, match="'phone' is given twice") as caught:
        attributes(["phone=0639980012", "-"], io.BytesIO(b"phone=0639980013"))
    assert "06399" not in str(caught.value)


def test_attributes_that_were_not_understood_are_named():
    given = {"given_name": "Zoé", "birth_date": "someday", "phone": "0639980012", "email": "zoe at mail", "x_shoe size": "38"}
    assert not_understood(given) == ("birth_date", "email")
