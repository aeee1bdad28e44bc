import json
import logging
import pickle

import pytest

from identity.domain.personal import Access, Personal


@pytest.mark.parametrize("shown", [repr, str, lambda value: f"{value}", lambda value: f"{value:>40}"])
def test_a_personal_value_never_shows_itself(shown):
    assert "Zoé" not in shown(Personal("Zoé"))


def test_a_personal_value_logged_by_mistake_is_redacted(caplog):
    logging.getLogger("any").warning("seen %s and %r", Personal("Zoé"), {"name": Personal("Zoé")})
    assert "Zoé" not in caplog.text


def test_reading_needs_an_access():
    assert Personal("Zoé").reveal(Access("test")) == "Zoé"
    with pytest.raises(TypeError, match="needs an Access"):
        Personal("Zoé").reveal("please")


@pytest.mark.parametrize("secret", [Personal("Zoé"), Access("test")])
def test_neither_value_nor_access_leaves_the_process_by_pickle(secret):
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(secret)


def test_a_personal_value_does_not_serialise_to_json():
    with pytest.raises(TypeError):
        json.dumps({"name": Personal("Zoé")})


def test_a_personal_value_is_not_hashed():
    with pytest.raises(TypeError, match="not hashed"):
        hash(Personal("Zoé"))
