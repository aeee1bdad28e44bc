from pathlib import Path

import pytest

from services.settings import SettingsError, read_settings


def test_nothing_set_means_an_embedded_database_on_loopback_in_development():
    settings = read_settings({})
    assert settings.database_url is None
    assert settings.host == "127.0.0.1"
    assert not settings.production
    assert settings.home == Path(".entente").absolute()


def test_every_fault_is_reported_at_once():
    with pytest.raises(SettingsError) as caught:
        read_settings({"ENTENTE_PORT": "http", "ENTENTE_WORKERS": "0", "ENTENTE_ENVIRONMENT": "prod"})
    assert [fault.split()[0] for fault in caught.value.faults] == ["ENTENTE_PORT", "ENTENTE_WORKERS", "ENTENTE_ENVIRONMENT"]


def test_a_fault_does_not_repeat_the_value_it_could_not_use():
    with pytest.raises(SettingsError) as caught:
        read_settings({"ENTENTE_DATABASE_URL": "mysql://root:hunter2@db/x"})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(("locale", "language"), [("fr_FR.UTF-8", "fr"), ("en_GB.UTF-8", "en"), ("de_DE", "en"), ("C", "en")])
def test_the_language_follows_the_locale(locale, language):
    assert read_settings({"LANG": locale}).language == language
