"""What people agreed to, by command: imported, decided, taken back, and no longer answered the next instant."""

from __future__ import annotations

import stat
from collections.abc import Iterator

import pytest

from consent.adapters.starter_catalogue import starter_text
from services.database.embedded import embedded_database
from tests.e2e.crowd import person
from tests.e2e.processes import Home, fresh_home
from tests.fixtures_database import held_open

ANNE, BENO, CLEA = map(person, range(930_000, 930_003))
COLUMNS = ("source", "key", "purpose", "event", "at", "method", "notice_version", "evidence")
OFFERS = ("--caller", "marketing", "--purpose", "offers-email")
SECRET = "recording-4711-of-anne"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """Three people in the CRM, of whom one is known to the web shop too; the database stays up."""
    with fresh_home() as made, held_open(embedded_database(made.path)):
        made.ingest("crm", [("1", *ANNE), ("2", *BENO), ("3", *CLEA)])
        made.ingest("webshop", [("a", *ANNE)])
        made.report("link")
        yield made


def decided(home: Home, key: str, *more: str, source: str = "crm") -> dict:
    return home.report("decide", "--source", source, "--key", key, *OFFERS, *more)


def known(home: Home, key: str) -> dict[str, str | None]:
    report = home.report("profile", "--source", "crm", "--key", key, *OFFERS)
    return {name: one["value"] for name, one in report["attributes"].items()}


def imported(home: Home, name: str, *rows: tuple[str, ...]) -> dict:
    return home.report("consent", "import", home.write(name, rows, COLUMNS))


def test_what_was_agreed_is_answered_until_it_is_taken_back_anywhere(home):
    before = decided(home, "1")
    assert (before["decision"], before["use"]["reason"], before["next_step"]) == ("DENY", "NO_CONSENT", "ask-consent")
    assert known(home, "1") == {"email": None, "given_name": None}

    report = imported(
        home,
        "yes.csv",
        ("crm", "1", "offers-email", "given", "2026-01-05", "form", "1", SECRET),
        ("crm", "2", "offers-email", "given", "2026-01-05", "form", "", ""),
    )
    assert (report["recorded"], report["of_which_unproved"], report["rejected"]) == (2, 1, 0)
    during = decided(home, "1")
    assert (during["decision"], during["use"]["reason"], during["use"]["legal_basis"]) == ("PERMIT", "CONSENT_GIVEN", "consent")
    assert known(home, "1") == {"email": ANNE[3], "given_name": ANNE[0]}, "what the purpose needs, and nothing else"
    assert decided(home, "2")["use"]["reason"] == "NO_CONSENT", "a yes without proof permits nothing"
    resolved = home.report("resolve", "--source", "crm", "--key", "1", *OFFERS)
    assert resolved["pseudonym"]

    no = home.report("consent", "record", "--source", "webshop", "--key", "a", "--purpose", "offers-email", "--event", "withdrawn")
    assert no["event"] == "withdrawn"
    after = decided(home, "1")
    assert (after["decision"], after["use"]["reason"], after["next_step"]) == ("DENY", "WITHDRAWN", "none")
    assert set(after["explanation"]) == {"fr", "en"}
    assert known(home, "1") == {"email": None, "given_name": None}
    assert home.report("resolve", "--source", "crm", "--key", "1", *OFFERS)["pseudonym"] is None
    service = home.report("profile", "--source", "crm", "--key", "1", "--caller", "crm", "--purpose", "service")
    assert service["attributes"]["email"]["value"] == ANNE[3], "their orders are looked after as before"

    again = imported(home, "yes.csv", ("crm", "1", "offers-email", "given", "2026-01-05", "form", "1", SECRET))
    assert (again["recorded"], again["already_there"]) == (0, 1)
    assert decided(home, "1")["decision"] == "DENY", "an old file takes back no later no"
    shown = home.report("consent", "show", "--source", "crm", "--key", "1")["events"]
    assert [(event["event"], event["evidence"]) for event in shown] == [("given", SECRET)]


def test_bad_rows_are_listed_by_line_and_column_and_never_by_value(home):
    file = home.write(
        "bad.csv", [("crm", "3", "offers-fax", "given", "", "", "", SECRET), ("crm", "3", "", "objected", SECRET, "", "", "")], COLUMNS
    )
    ended = home.done("consent", "import", file)
    rejects = file.with_name("bad.csv.rejects.csv")
    assert rejects.name in ended.said
    listed = rejects.read_text("utf-8")
    assert [line.split(",")[:2] for line in listed.splitlines()[1:]] == [["2", "purpose"], ["3", "at"]]
    assert SECRET not in listed + ended.said
    assert stat.S_IMODE(rejects.stat().st_mode) == 0o600


def test_a_file_that_breaks_off_is_told_and_what_came_before_is_recorded(home):
    file = home.write("broken.csv", [("crm", "4", "offers-email", "refused", "", "", "", "")], COLUMNS)
    file.write_text(file.read_text("utf-8") + f'crm,5,offers-email,"{SECRET}', "utf-8")
    ended = home.run("consent", "import", file)
    assert (ended.code, ended.out) == (2, "")
    assert "broken.csv is no CSV at line 3; what came before is recorded" in ended.said
    assert SECRET not in ended.said
    assert len(home.report("consent", "show", "--source", "crm", "--key", "4")["events"]) == 1


def test_a_decision_is_a_report_and_a_check_only_if_asked(home):
    words = ("decide", "--source", "crm", "--key", "3", *OFFERS)
    assert home.run(*words).code == 0
    assert home.run(*words, "--check").code == 1
    assert home.run(*words[:5], "--caller", "crm", "--purpose", "service", "--check").code == 0
    told = home.done(*words, ENTENTE_LANG="fr").said
    assert "Non. La personne n'a pas encore dit" in told


@pytest.mark.parametrize(
    ("caller", "purpose", "reason"),
    [
        ("nobody", "offers-email", "PURPOSE_NOT_ALLOWED_FOR_CALLER"),
        ("partner", "offers-email", "PURPOSE_NOT_ALLOWED_FOR_CALLER"),
        ("marketing", "offers-fax", "PURPOSE_UNKNOWN"),
    ],
)
def test_whoever_or_whatever_is_unknown_is_refused(home, caller, purpose, reason):
    report = home.report("decide", "--source", "crm", "--key", "1", "--caller", caller, "--purpose", purpose)
    assert (report["decision"], report["use"]["reason"]) == ("DENY", reason)


def test_a_catalogue_is_published_once_and_its_versions_never_change(home):
    starter = home.folder / "starter.toml"
    starter.write_text(starter_text(), "utf-8")
    report = home.report("consent", "publish", starter)
    assert (report["purposes"], report["notices"]) == ([], [])
    assert report["unchanged"] > 12

    starter.write_text(starter_text().replace("valid_days = 1095", "valid_days = 2000", 1), "utf-8")
    altered = home.run("consent", "publish", starter)
    assert (altered.code, altered.out) == (2, "")
    assert "VERSION_IS_PUBLISHED" in altered.said
    starter.write_text(starter_text().replace('basis = "contract"', 'basis = "contrast"', 1), "utf-8")
    wrong = home.run("consent", "publish", starter)
    assert wrong.code == 2
    line = starter_text().splitlines().index('basis = "contract"') + 1
    assert f"starter.toml:{line}:" in wrong.said


def test_what_cannot_be_used_is_told_and_changes_nothing(home):
    record = ("consent", "record", "--source", "crm", "--key", "3")
    for words, told in (
        ((*record, "--event", "maybe"), "--event is none of"),
        ((*record, "--event", "given"), "INVALID_EVENT; item: 0, field: purpose"),
        ((*record, "--event", "given", "--purpose", "offers-fax"), "PURPOSE_NOT_FOUND"),
        ((*record[:3], "C R M", "--key", "3", "--event", "refused"), "--source takes"),
        (("consent", "import", "missing.csv"), "missing.csv cannot be read: No such file or directory"),
        (("profile", *record[2:], "--caller", "partner", "--purpose", "service"), "not registered for purpose service"),
    ):
        ended = home.run(*words)
        assert (ended.code, ended.out) == (2, "")
        assert told in ended.said
    assert home.report("consent", "show", *record[2:])["events"] == []
