"""The caller registry: deny by default, faults told with their line."""

from __future__ import annotations

import pytest

from services.rpc.registry import CallerRegistry, RegistryError, parse_registry

METHODS = {"a.v1.One/Ask", "a.v1.One/Both", "a.v1.Two/Both"}

GOOD = """\
# callers
[callers.crm]
methods = ["Ask", "a.v1.Two/Both"]
purposes = ["service"]
recipients = ["crm", "crm-archive"]
sources = ["crm_eu"]

[callers.nobody]
"""


def test_what_is_not_listed_is_not_allowed():
    callers = parse_registry(GOOD, METHODS)
    assert callers["crm"].methods == {"a.v1.One/Ask", "a.v1.Two/Both"}
    assert callers["crm"].recipients == {"crm", "crm-archive"}
    nobody = callers["nobody"]
    assert [nobody.methods, nobody.purposes, nobody.recipients, nobody.sources] == [frozenset()] * 4


def test_an_empty_registry_knows_nobody():
    assert parse_registry("", METHODS) == {}


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("[callers.crm]\nmethods = []\npurpose = ['service']\n", 3, "unknown key"),
        ("[callers.crm]\n\nmethods = ['Forget']\n", 3, "unknown"),
        ("[callers.crm]\nmethods = ['Both']\n", 2, "two services"),
        ("[callers.crm]\nmethods = ['*']\n", 2, "unknown"),
        ("[callers.a]\npurposes = ['x']\n[callers.crm]\npurposes = ['*']\n", 4, "no wildcard"),
        ("[callers.crm]\npurposes = ['Service']\n", 2, "lower-case"),
        ("[callers.crm]\npurposes = 'service'\n", 2, "list"),
        ("[callers.crm]\npurposes = [1]\n", 2, "list"),
        ("\n[callers.CRM]\n", 2, "lower-case"),
        ("[callers.crm]\n[people]\n", 2, "unknown key"),
        ("default = 'allow'\n", 1, "unknown key"),
        ("[callers]\ncrm = 7\n", 2, "table"),
        ("callers = 7\n", 1, "tables"),
        ("[callers.crm]\nmethods = [\n", 2, "not TOML"),
    ],
)
def test_a_fault_is_told_with_its_line(text, line, word):
    with pytest.raises(RegistryError) as caught:
        parse_registry(text, METHODS)
    assert any(fault.startswith(f"line {line}:") and word in fault for fault in caught.value.faults), caught.value.faults


def test_all_faults_are_told_together():
    with pytest.raises(RegistryError) as caught:
        parse_registry("[callers.a]\nx = 1\n[callers.b]\ny = 1\nmethods = ['Nope']\n", METHODS)
    assert len(caught.value.faults) == 3


def test_a_service_does_not_start_without_a_registry(tmp_path):
    with pytest.raises(RegistryError):
        CallerRegistry(tmp_path / "callers.toml", METHODS, pytest.fail)


def test_a_registry_that_vanishes_leaves_the_last_good_one_in_force_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("services.rpc.registry._RELOAD_SECONDS", 0.0)
    path = tmp_path / "callers.toml"
    path.write_text(GOOD)
    faults: list[RegistryError] = []
    registry = CallerRegistry(path, METHODS, faults.append)
    path.unlink()
    assert registry.find("crm") is not None
    assert registry.find("crm") is not None
    assert len(faults) == 1, "told once, not at every call"
    path.write_text("")
    assert registry.find("crm") is None
