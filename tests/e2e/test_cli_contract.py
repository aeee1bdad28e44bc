"""The command line as people and scripts use it: what each command does, reports, and leaves alone.

A command takes a second of processor time to start, so the tests share one home and few commands: each works on records of its own.
"""

from __future__ import annotations

import csv
import json
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.database.embedded import embedded_database
from services.demo import Manifest, write_population
from tests.e2e.crowd import crowd, person
from tests.e2e.processes import Home, fresh_home
from tests.fixtures_database import held_open

ENGLISH = re.compile(
    r"(?i)\b(the|of|and|is|are|was|not|by|with|missing|different|exact|same|close|sounds|alike|typo|shared|weight|record|joins|leaves|created"
    r"|judgement|review|hold|rejected|rows|guessed|default|required|commands|show|none|current|given_name|surname|birth_date|unsafe|cannot)\b"
)
COMMAND = re.compile(r"│ [a-z]+ |entente [a-z]+( --?[a-z-]+( \S+)?)*|--[a-z-]+|<[^>]*>|'[^']*'|\S+[/=]\S*|\b(given_name|family_name)=")
"""What is typed, and so the same in every language."""

NAMES = ("given_name", "family_name", "birth_date", "email", "phone")
ASKED, EXPLAINED, JUDGED, OTHER, TORN, GONE, FRENCH = map(person, range(900_000, 900_007))
SHOP = [
    ("a1", *ASKED), ("a2", *ASKED),
    ("e1", *EXPLAINED), ("e2", *EXPLAINED[:3], "", ""),
    ("j1", *JUDGED), ("j2", *JUDGED), ("j3", *OTHER),
    ("t1", *TORN), ("t2", *TORN),
    ("g1", *GONE),
    ("f1", *FRENCH),
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Silos:
    """Four silos of invented people and a shop of well-known ones, taken in and linked by command."""

    home: Home
    manifest: Manifest
    ingested: dict[str, dict]
    linked: dict
    memberships: dict[tuple[str, str], str]


@pytest.fixture(scope="module")
def silos() -> Iterator[Silos]:
    """Ingest CSV (Latin-1 and UTF-8), JSON Lines and Parquet, and link; the database stays up, so that each command finds it running."""
    with fresh_home() as home, held_open(embedded_database(home.path)):
        manifest = write_population(home.folder / "silos", seed=7, people=150)
        reports = {silo.source: home.report("ingest", silo.data, "--mapping", silo.mapping) for silo in manifest.silos}
        reports["shop"] = home.ingest("shop", SHOP)
        home.report(
            "caller",
            "add",
            "shopdesk",
            "--method",
            "ResolveIdentity",
            "--method",
            "ExplainMatch",
            "--purpose",
            "service",
            "--recipient",
            "webshop",
            "--source",
            "shop",
            "--source",
            "closed",
        )
        yield Silos(home, manifest, reports, home.report("link"), home.memberships())


@pytest.fixture
def home(silos) -> Home:
    return silos.home


# Ingest -------------------------------------------------------------------------------------------------------------


def test_files_of_each_format_are_taken_in_whole(silos):
    kinds = {source: report["format"] for source, report in silos.ingested.items()}
    assert kinds == {"crm": "csv", "webshop": "jsonl", "callcentre": "csv", "loyalty": "parquet", "shop": "csv"}
    assert silos.ingested["crm"]["encoding"] in {"latin-1", "iso8859-1"}
    assert silos.ingested["crm"]["delimiter"] == ";"
    for report in silos.ingested.values():
        assert report["read"] == report["created"] > 0
        assert (report["rejected"], report["rejects_file"]) == (0, None)
    assert sum(report["created"] for report in silos.ingested.values()) == silos.manifest.records + len(SHOP)


def test_taking_in_the_same_file_again_changes_nothing(silos, home):
    crm = silos.manifest.silos[0]
    again = home.report("ingest", crm.data, "--mapping", crm.mapping)
    assert again["unchanged"] == again["read"] == silos.ingested["crm"]["read"]
    assert [again[what] for what in ("created", "updated", "deleted", "rejected")] == [0, 0, 0, 0]


def test_a_changed_row_becomes_a_new_version_and_others_are_left(home):
    (one, two), moved = crowd(2, 1, first=910_000), "elsewhere@mail.example"
    home.ingest("versions", [one, two])
    changed = home.ingest("versions", [one, (*two[:4], moved, two[5])])
    assert (changed["updated"], changed["unchanged"], changed["created"]) == (1, 1, 0)
    found = home.report("resolve", f"given_name={two[1]}", f"family_name={two[2]}", f"birth_date={two[3]}", f"email={moved}")
    assert "exact" in {reason["level"] for reason in found["reasons"] if reason["comparison"] == "email"}


def test_a_row_that_cannot_be_used_is_listed_by_line_and_the_rest_is_taken(home):
    good, *_ = crowd(1, 1, first=920_000)
    report = home.ingest("oddities", [good, ("", *OTHER), (good[0], *OTHER)])
    assert (report["created"], report["rejected"]) == (1, 2)
    rejects = home.folder / "oddities.csv.rejects.csv"
    assert report["rejects_file"] == str(rejects)
    with rejects.open(newline="") as file:
        listed = {int(row["line"]): row for row in csv.DictReader(file)}
    assert set(listed) == {3, 4}
    assert all(row["column"] == "id" and row["reason"] for row in listed.values())


def test_a_full_file_deletes_what_it_lacks_within_its_budget(home):
    rows = crowd(10, 1, first=930_000)
    home.ingest("complete", rows)
    refused = home.run("ingest", home.write("complete.csv", rows[:4]), "--mapping", home.mapping("complete"), "--full")
    assert refused.code == 1
    assert "CHURN_OVER_BUDGET" in refused.err
    assert home.ingest("complete", rows[:9], "--full")["deleted"] == 1
    assert {key for source, key in home.memberships() if source == "complete"} == {row[0] for row in rows[:9]}


# Link and evaluate ----------------------------------------------------------------------------------------------------


def test_a_link_reports_what_it_found(silos):
    report = silos.linked
    assert report["dry_run"] is False
    assert report["within_budget"] is True
    assert report["records"] == len(silos.memberships) == silos.manifest.records + len(SHOP)
    assert report["identities_after"] == len(set(silos.memberships.values())) < report["records"]
    assert report["edges"]["link"] > 0
    assert len(report["bundle"]) == 64


def test_an_evaluation_reports_pairs_and_b_cubed(silos, home):
    report = home.report("evaluate", "--truth", silos.manifest.truth)
    for kind in ("pairwise", "b3"):
        assert {"precision", "recall", "f1"} <= set(report[kind])
        assert all(0 < report[kind][figure] <= 1 for figure in ("precision", "recall", "f1"))
    assert report["pairwise"]["precision"] > 0.95
    assert report["pairwise"]["f1"] > 0.8


def test_memberships_name_every_record_and_are_for_their_owner_only(silos, home):
    out = home.folder / "out.csv"
    report = home.report("export", "memberships", out)
    lines = out.read_text("utf-8").splitlines()
    assert lines[0] == "source,record_key,identity_id"
    assert report["records"] == len(lines) - 1
    with silos.manifest.truth.open(newline="") as file:
        assert {(row["source"], row["record_key"]) for row in csv.DictReader(file)} <= set(silos.memberships)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


# Ask --------------------------------------------------------------------------------------------------------------------


def test_a_person_is_found_by_attributes_and_by_record_under_one_pseudonym_for_each_caller(silos, home):
    words = [f"{name}={value}" for name, value in zip(NAMES, ASKED, strict=True)]
    done = home.done("resolve", *words, "--caller", "callcentre", "--purpose", "service", "--json")
    told = done.report
    assert {"grade", "identity", "pseudonym", "match_weight", "match_probability", "reasons"} <= set(told)
    assert told["grade"] == "certain"
    assert told["match_probability"] > 0.99
    assert told["match_weight"] >= told["decision_weight"]
    assert {"comparison", "level", "weight"} == set(told["reasons"][0])
    assert told["identity"] == silos.memberships["shop", "a1"] == silos.memberships["shop", "a2"]
    assert told["warnings"] == []
    unseen = home.run("resolve", words[0], "-", "--json", typed="\n".join(words[1:]) + "\n")
    assert unseen.report["pseudonym"] == told["pseudonym"], "values can stand on standard input, in no list of processes"
    by_record = home.report(
        "resolve", "--source", "shop", "--key", "a2", "--caller", "shopdesk", "--recipient", "webshop", "--purpose", "service"
    )
    assert by_record["identity"] == told["identity"]
    other = home.report("resolve", *words, "--caller", "shopdesk", "--recipient", "webshop", "--purpose", "service")
    assert other["identity"] == told["identity"]
    assert other["pseudonym"] == by_record["pseudonym"] != told["pseudonym"]


@pytest.mark.parametrize(
    "words",
    [("resolve", "--source", "shop", "--key", "a2"), ("explain", "--left", "crm:1", "--right", "shop:e2")],
    ids=["resolve", "explain"],
)
def test_a_caller_may_name_records_of_its_own_sources_only(home, words):
    refused = home.run(*words, "--caller", "callcentre", "--purpose", "service")
    assert refused.code == 2
    assert "callcentre is not registered for source shop" in refused.said


def test_whoever_asks_by_a_source_without_records_is_told_which_have_some_and_it_may_name(home):
    ask = ("resolve", "--key", "a2", "--caller", "shopdesk", "--recipient", "webshop", "--source")
    mistyped = home.run(*ask, "smop")
    assert mistyped.code == 2
    assert "not registered for source smop (its sources: closed, shop)" in mistyped.said
    empty = home.done(*ask, "closed")
    assert "There is no record of a source closed." in empty.said
    assert "Sources with records that this caller may ask by: shop" in empty.said
    assert "crm" not in empty.said


def test_nobody_is_found_where_nobody_is(home):
    told = home.report("resolve", "given_name=Wolfram", "family_name=Unbekannt", "birth_date=1901-01-01")
    assert (told["grade"], told["identity"], told["pseudonym"]) == ("none", None, None)


def test_an_explanation_adds_up_and_shows_no_value(home):
    told = home.report("explain", "--left", "shop:e1", "--right", "shop:e2", "--caller", "shopdesk", "--recipient", "webshop")
    assert {"match_weight", "household_weight", "decision_weight", "grade", "reasons", "same_identity"} <= set(told)
    assert told["decision_weight"] <= told["match_weight"] < sum(reason["weight"] for reason in told["reasons"]), "the prior speaks against"
    read = home.done("explain", "--left", "shop:e1", "--right", "shop:e2", "--caller", "shopdesk", "--recipient", "webshop")
    shown = (read.said + json.dumps(told)).lower()
    assert [value for value in EXPLAINED if value.lower() in shown] == []


# Stewardship --------------------------------------------------------------------------------------------------------------


def test_judgements_decide_who_belongs_together_and_beat_the_machine(silos, home):
    assert silos.memberships["shop", "j1"] == silos.memberships["shop", "j2"] != silos.memberships["shop", "j3"]
    same = home.report("judge", "--left", "shop:j1", "--right", "shop:j3", "--verdict", "same")
    assert same["left_identity"] == same["right_identity"]
    apart = home.report("judge", "--left", "shop:j1", "--right", "shop:j3", "--verdict", "different")
    assert apart["left_identity"] != apart["right_identity"]
    home.report("judge", "--left", "shop:j1", "--right", "shop:j2", "--verdict", "different")
    home.report("link")
    held = home.memberships()
    assert len({held["shop", key] for key in ("j1", "j2", "j3")}) == 3, "the next link keeps to what was judged"


def test_an_identity_that_was_split_still_answers(silos, home):
    whole = silos.memberships["shop", "t1"]
    told = home.report("history", whole)
    records = [life["record_id"] for life in told["assignments"] if life["valid_to"] is None]
    assert (told["identity"], told["state"], len(records)) == (whole, "current", 2)
    parts = home.report("split", whole, "--record", records[1])["identities"]
    assert len(set(parts)) == 2
    after = home.report("history", whole)
    assert set(after["answered_by"]) <= set(parts)
    assert after["answered_by"]
    assert [life["record_id"] for life in after["assignments"] if life["valid_to"] is not None]
    then = home.report("history", whole, "--as-of", told["assignments"][-1]["valid_from"])
    assert {life["record_id"] for life in then["assignments"]} == set(records)


def test_the_review_queue_comes_in_pages_of_pairs_without_values(home):
    page = home.report("review", "--limit", "1")
    assert {"pairs", "next_page_token"} == set(page)
    assert len(page["pairs"]) == 1
    keys = {"left", "right", "left_source", "right_source", "grade", "match_weight", "decision_weight", "refusal"}
    assert set(page["pairs"][0]) == keys
    (following,) = home.report("review", "--limit", "1", "--page", page["next_page_token"])["pairs"]
    assert (following["left"], following["right"]) != (page["pairs"][0]["left"], page["pairs"][0]["right"])


def test_a_deleted_record_is_found_no_more(silos, home):
    assert home.report("delete", "shop:g1")["deleted"] is True
    assert home.report("resolve", "--source", "shop", "--key", "g1", "--caller", "shopdesk", "--recipient", "webshop")["grade"] == "none"
    assert home.report("resolve", *(f"{name}={value}" for name, value in zip(NAMES, GONE, strict=True)))["identity"] is None
    assert home.report("history", silos.memberships["shop", "g1"])["state"] == "retired"


# How it speaks, and to whom -------------------------------------------------------------------------------------------------


def test_people_read_french_when_they_want(home):
    linked = home.done("link", "--dry-run", ENTENTE_LANG="fr")
    assert "fiches" in linked.out
    assert "Essai à blanc : rien n'a été modifié." in linked.said
    refused = home.run("delete", "shop:nobody", ENTENTE_LANG="fr")
    assert refused.code == 2
    assert "fiche" in refused.said
    assert "record" not in refused.said.replace("RECORD_NOT_FOUND", "")
    assert "fiches" in home.done("ingest", "--help", ENTENTE_LANG="fr").out
    assert "Option inconnue : --wrong." in home.run("link", "--wrong", ENTENTE_LANG="fr").said


def test_an_ordinary_day_is_french_to_the_last_word(home):
    """All but commands to type, names and proper terms."""
    rows = [*crowd(3, 2, first=970_000), ("", *FRENCH)]
    named = ("--left", f"jour:{rows[0][0]}", "--right", f"jour:{rows[-2][0]}")
    joined = home.ingest("jour", rows[:-1]) and home.report("judge", *named, "--verdict", "same")["left_identity"]
    truth = home.write("truth.csv", [("jour", row[0], row[0]) for row in rows], ("source", "record_key", "person_id"))
    words = [f"{name}={value}" for name, value in zip(NAMES, EXPLAINED, strict=True)]
    said = [
        home.run(*command, ENTENTE_LANG="fr").said
        for command in (
            ("ingest", home.write("jour.csv", rows), "--mapping", home.mapping("jour")),
            ("link", "--dry-run"),
            ("resolve", *words),
            ("resolve", "given_name=Wolfram", "family_name=Unbekannt"),
            ("explain", "--left", "shop:e1", "--right", "shop:e2", "--caller", "shopdesk", "--recipient", "webshop"),
            ("review", "--limit", "3"),
            ("judge", *named, "--verdict", "different"),
            ("history", joined),
            ("evaluate", "--truth", truth),
            ("evaluate", "--truth", "absente.csv"),
            ("link", "--wrong"),
            ("judge",),
            *((*page, "--help") for page in ((), ("ingest",), ("review",), ("judge",), ("history",))),
        )
    ]
    assert [(word, text) for text in said for word in ENGLISH.findall(COMMAND.sub("", text))] == []


def test_why_a_record_left_its_identity_is_told(home):
    home.ingest("leavers", crowd(2, 1, first=960_000))
    (left, *_), (right, *_) = crowd(2, 1, first=960_000)
    named = ("--left", f"leavers:{left}", "--right", f"leavers:{right}")
    joined = home.report("judge", *named, "--verdict", "same")["left_identity"]
    home.report("judge", *named, "--verdict", "different")
    told = home.report("history", joined)
    assert {life["end_cause"] for life in told["assignments"] if life["valid_to"]} == {"judgement"}
    assert all(re.search(r"leaves\s+judgement", line) for line in home.done("history", joined).out.splitlines() if "leaves" in line)


def test_a_wrong_encoding_in_the_mapping_is_told_with_the_likelier_one(home):
    data, mapping = home.folder / "western.csv", home.mapping("western")
    data.write_bytes("id,given_name,family_name,birth_date,email,phone\n1,Zoé,Durand,1985-04-03,,\n".encode("cp1252"))
    mapping.write_text('format = { encoding = "utf-8" }\n' + mapping.read_text())
    done = home.done("ingest", data, "--mapping", mapping)
    assert "western: declared as utf-8, the file reads as cp1252" in done.said
    assert home.report("ingest", data, "--mapping", mapping)["likelier_encoding"] == "cp1252"


def test_a_new_caller_may_do_what_it_was_registered_for_and_no_more(home):
    home.report("caller", "add", "audit", "--method", "ResolveIdentity", "--purpose", "service", "--source", "shop")
    assert "audit" in home.report("caller", "list")["callers"]
    ask = ("resolve", "--source", "shop", "--key", "f1", "--caller", "audit")
    told = home.done(*ask, "--purpose", "service")
    assert "The recipient is not among those to whom this use gives access." in told.said, "the catalogue has the last word"
    refused = home.run(*ask, "--purpose", "audience")
    assert refused.code == 2
    assert "audit is not registered for purpose audience" in refused.said


def test_the_schema_tells_its_state(home):
    migrations = home.report("db", "status")["migrations"]
    assert {one["state"] for one in migrations} == {"applied"}
    assert {"identity/0001_identity", "consent/0001_consent"} <= {one["name"] for one in migrations}
    assert home.report("db", "migrate") == {"applied": []}
