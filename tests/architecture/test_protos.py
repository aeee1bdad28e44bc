"""The contract: linted, generated code in step with it, and its rules held by walking its descriptors."""

from __future__ import annotations

import filecmp
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from entente.consent.v1 import (
    catalog_service_pb2,
    consent_pb2,
    consent_service_pb2,
    decision_pb2,
    decision_service_pb2,
    purpose_pb2,
    receipt_pb2,
)
from entente.consent.v1 import error_reason_pb2 as consent_error_reason_pb2
from entente.identity.v1 import (
    comparison_pb2,
    error_reason_pb2,
    judgement_pb2,
    record_service_pb2,
    resolution_service_pb2,
    source_record_pb2,
    stewardship_service_pb2,
    unified_identity_pb2,
)
from entente.rpc.v1 import edge_reason_pb2
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor, MethodDescriptor

from consent.domain.decision import Effect, NextStep, Outcome, ReasonCode
from consent.domain.errors import Reason as ConsentReason
from consent.domain.event import Actor, Assurance, EventKind, Method
from consent.domain.purpose import LegalBasis, Minors
from identity.domain.errors import Reason
from services.consent.error_catalog import CATALOG as CONSENT_CATALOG
from services.consent.error_catalog import DOMAIN as CONSENT_DOMAIN
from services.identity.error_catalog import CATALOG, DOMAIN
from services.rpc.errors import EDGE_CATALOG, EDGE_DOMAIN, EdgeReason
from services.rpc.request_rule import rule_of
from services.wiring.callers import METHODS

ROOT = Path(__file__).parents[2]
BUF = Path(sys.executable).parent / "buf"
FILES: tuple[FileDescriptor, ...] = tuple(
    module.DESCRIPTOR
    for module in (
        comparison_pb2,
        error_reason_pb2,
        judgement_pb2,
        record_service_pb2,
        resolution_service_pb2,
        source_record_pb2,
        stewardship_service_pb2,
        unified_identity_pb2,
        edge_reason_pb2,
        catalog_service_pb2,
        consent_pb2,
        consent_service_pb2,
        decision_pb2,
        decision_service_pb2,
        consent_error_reason_pb2,
        purpose_pb2,
        receipt_pb2,
    )
)
METHOD_DESCRIPTORS: dict[str, MethodDescriptor] = {
    method.full_name: method for file in FILES for service in file.services_by_name.values() for method in service.methods
}
ERROR_REASONS = [value.name for value in error_reason_pb2.ErrorReason.DESCRIPTOR.values]
EDGE_REASONS = [value.name for value in edge_reason_pb2.EdgeReason.DESCRIPTOR.values]
CONSENT_ERROR_REASONS = [value.name for value in consent_error_reason_pb2.ErrorReason.DESCRIPTOR.values]
MUTATIONS = {"IngestRecords", "DeleteRecord", "JudgePair", "SplitIdentity", "RecordConsent", "PublishPurpose", "PublishNotice"}
OWN = {
    "GetRecordStatus",
    "ListConsentEvents",
    "GetReceipt",
}  # tells a source of its own record only, checked against its registered sources
PUBLIC = {"ListPurposes", "GetNotice"}  # the catalogue is about nobody
QUESTIONS = {
    "Decide": "question",
    "BatchDecide": "questions",
}  # each says purpose and recipient; one that is not the caller's is denied by a reason
STREAMS = {"WatchRevocations"}
PERSONAL = {"key", "record_key", "evidence", *source_record_pb2.PersonAttributes.DESCRIPTOR.fields_by_name}
HOLDING = {"PersonAttributes", "SourceRecord", "SourceRecordName", "RecordName", "Subject", "ConsentExpression", "ConsentEvent"}
TOLD = {"entente.identity.v1.ProfileAttribute.value"}  # the one field by which values leave


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], cwd=ROOT, capture_output=True, text=True, check=False)


def messages(files: tuple[FileDescriptor, ...] = FILES) -> Iterator[Descriptor]:
    for file in files:
        yield from file.message_types_by_name.values()


def fields() -> Iterator[FieldDescriptor]:
    for message in messages():
        yield from message.fields


def test_every_proto_file_is_looked_at_here():
    written = {path.relative_to(ROOT / "protos").as_posix() for path in (ROOT / "protos/entente").rglob("*.proto")}
    assert written == {file.name for file in FILES}


@pytest.mark.parametrize("check", [("lint",), ("format", "--diff", "--exit-code")])
def test_buf_is_content(check: tuple[str, ...]):
    done = run(BUF, *check)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_generated_code_is_what_the_protos_generate(tmp_path: Path):
    done = run(sys.executable, "protos/generate.py", tmp_path)
    assert done.returncode == 0, done.stderr
    fresh = {path.relative_to(tmp_path) for path in tmp_path.rglob("*.py*") if path.suffix in {".py", ".pyi"}}
    committed = {path.relative_to(ROOT / "protos/gen") for path in (ROOT / "protos/gen").rglob("*.py*") if path.suffix in {".py", ".pyi"}}
    assert fresh == committed
    _, different, broken = filecmp.cmpfiles(tmp_path, ROOT / "protos/gen", [str(path) for path in fresh], shallow=False)
    assert (different, broken) == ([], [])


def test_the_reasons_of_the_domain_the_catalogue_and_the_contract_are_one_set():
    on_the_wire = {name.removeprefix("ERROR_REASON_") for name in ERROR_REASONS} - {"UNSPECIFIED"}
    assert on_the_wire == {reason.value for reason in Reason} == {reason.value for reason in CATALOG}


def test_the_reasons_of_consent_its_catalogue_and_the_contract_are_one_set():
    on_the_wire = {name.removeprefix("ERROR_REASON_") for name in CONSENT_ERROR_REASONS} - {"UNSPECIFIED"}
    assert on_the_wire == {reason.value for reason in ConsentReason} == {reason.value for reason in CONSENT_CATALOG}


@pytest.mark.parametrize(
    ("ours", "wire"),
    [
        (EventKind, consent_pb2.EventKind), (Method, consent_pb2.Method), (Actor, consent_pb2.Actor), (Assurance, consent_pb2.Assurance),
        (LegalBasis, purpose_pb2.LegalBasis), (Minors, purpose_pb2.Minors), (Outcome, decision_pb2.Outcome), (Effect, decision_pb2.Effect),
        (ReasonCode, decision_pb2.ReasonCode), (NextStep, decision_pb2.NextStep),
    ],
)  # fmt: skip
def test_what_consent_names_is_named_alike_on_the_wire(ours, wire):
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", wire.DESCRIPTOR.name).upper() + "_"
    assert {name.removeprefix(prefix) for name in wire.keys()} == {"UNSPECIFIED", *(value.name for value in ours)}  # noqa: SIM118 - no mapping


def test_the_reasons_of_the_edge_its_catalogue_and_the_contract_are_one_set():
    on_the_wire = {name.removeprefix("EDGE_REASON_") for name in EDGE_REASONS} - {"UNSPECIFIED"}
    assert on_the_wire == {reason.value for reason in EdgeReason} == {reason.value for reason in EDGE_CATALOG}


@pytest.mark.parametrize(
    ("path", "prefix", "domain", "catalog"),
    [
        ("identity/v1/error_reason.proto", "ERROR_REASON", DOMAIN, {r.value: spec for r, spec in CATALOG.items()}),
        ("consent/v1/error_reason.proto", "ERROR_REASON", CONSENT_DOMAIN, {r.value: spec for r, spec in CONSENT_CATALOG.items()}),
        ("rpc/v1/edge_reason.proto", "EDGE_REASON", EDGE_DOMAIN, {r.value: spec for r, spec in EDGE_CATALOG.items()}),
    ],
)
def test_each_reason_is_documented_with_its_code_and_an_example_that_is_true(path, prefix, domain, catalog):
    text = (ROOT / "protos/entente" / path).read_text()
    example = r'{"reason": "(\w+)", "domain": "([\w.]+)", "metadata": {(.*)}}'
    told = re.findall(rf"// Code `(\w+)`\. Example:\n  //\n  //     {example}\n  {prefix}_(\w+) =", text)
    assert {name for _, _, _, _, name in told} == set(catalog)
    for code, reason, said_domain, metadata, name in told:
        assert (reason, said_domain) == (name, domain)
        assert catalog[name].code.name == code
        assert set(re.findall(r'"(\w+)":', metadata)) <= catalog[name].metadata_keys


def test_the_services_and_methods_are_those_that_other_programs_call():
    assert {
        "entente.identity.v1.RecordService/IngestRecords",
        "entente.identity.v1.RecordService/DeleteRecord",
        "entente.identity.v1.RecordService/GetRecordStatus",
        "entente.identity.v1.ResolutionService/ResolveIdentity",
        "entente.identity.v1.ResolutionService/BatchResolveIdentities",
        "entente.identity.v1.ResolutionService/GetProfile",
        "entente.identity.v1.ResolutionService/ExplainMatch",
        "entente.identity.v1.StewardshipService/ListReviewPairs",
        "entente.identity.v1.StewardshipService/JudgePair",
        "entente.identity.v1.StewardshipService/SplitIdentity",
        "entente.identity.v1.StewardshipService/GetIdentityHistory",
        "entente.consent.v1.CatalogService/PublishPurpose",
        "entente.consent.v1.CatalogService/PublishNotice",
        "entente.consent.v1.CatalogService/ListPurposes",
        "entente.consent.v1.CatalogService/GetNotice",
        "entente.consent.v1.ConsentService/RecordConsent",
        "entente.consent.v1.ConsentService/ListConsentEvents",
        "entente.consent.v1.ConsentService/GetReceipt",
        "entente.consent.v1.DecisionService/Decide",
        "entente.consent.v1.DecisionService/BatchDecide",
        "entente.consent.v1.DecisionService/WatchRevocations",
    } <= METHODS
    assert {name.replace(".", "/", name.count(".")).rsplit("/", 1)[-1] for name in METHOD_DESCRIPTORS} == {
        method.rsplit("/", 1)[1] for method in METHODS
    }


@pytest.mark.parametrize("name", sorted(METHOD_DESCRIPTORS))
def test_every_call_takes_one_message_and_answers_to_a_rule(name: str):
    method = METHOD_DESCRIPTORS[name]
    request, rule = method.input_type, rule_of(method.input_type)
    assert not method.client_streaming
    assert method.server_streaming == (method.name in STREAMS)
    if method.name in MUTATIONS:
        assert "request_id" in request.fields_by_name, "a mutation must be idempotent"
    elif method.name in OWN:
        assert rule.record, "it may be asked by the record's own source only"
    elif method.name in QUESTIONS:
        question = request.fields_by_name[QUESTIONS[method.name]].message_type
        assert {"purpose", "recipient"} <= set(question.fields_by_name)
        assert "source" in question.fields_by_name["subject"].message_type.fields_by_name
    elif method.name in PUBLIC:
        assert not [field.name for message in (*below(request), *below(method.output_type)) for field in message.fields if personal(field)]
    else:
        assert rule.purpose, "data can leave: a purpose is required"
        assert rule.recipient, "data can leave: a recipient is required"
    if method.containing_service.name == "RecordService":
        assert rule.source or rule.record, "a caller may touch its own sources only"
    if method.name.startswith("List"):
        assert {"page_size", "page_token"} <= set(request.fields_by_name)
        assert "next_page_token" in method.output_type.fields_by_name
    if method.full_name.startswith("entente.identity."):
        assert "warnings" in method.output_type.fields_by_name, "what the purpose gate says goes out with every answer"
    assert not {"caller", "on_behalf_of"} & {field.name for message in below(request) for field in message.fields}, "it is authenticated"


def personal(field: FieldDescriptor) -> bool:
    return field.GetOptions().debug_redact or field.name in {"source", "pseudonym", "identity_id", "record_id"}


def below(message: Descriptor) -> list[Descriptor]:
    """The message and every message in it, however deep."""
    found = {message.full_name: message}
    waiting = [message]
    while waiting:
        for field in waiting.pop().fields:
            if field.message_type is not None and field.message_type.full_name not in found:
                found[field.message_type.full_name] = field.message_type
                waiting.append(field.message_type)
    return list(found.values())


def test_personal_fields_and_no_others_are_marked_for_redaction():
    marked = {field.full_name for field in fields() if field.GetOptions().debug_redact}
    personal = {f.full_name for f in fields() if f.containing_type.name in HOLDING and f.name in PERSONAL}
    assert marked >= TOLD
    assert marked - TOLD == personal - {"entente.identity.v1.SourceRecord.attributes"}


def test_enums_begin_with_an_unspecified_zero():
    for file in FILES:
        for enum in file.enum_types_by_name.values():
            prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", enum.name).upper()
            assert enum.values[0].name == f"{prefix}_UNSPECIFIED"
            assert all(value.name.startswith(prefix + "_") for value in enum.values)


def test_times_are_timestamps_and_no_text_holds_json():
    for field in fields():
        if field.name.endswith("_time"):
            assert field.message_type is not None
            assert field.message_type.full_name == "google.protobuf.Timestamp"
        assert "json" not in field.name


def test_a_field_that_is_taken_away_is_noticed(tmp_path):
    for part in ("protos/entente", "buf.yaml"):
        source, target = ROOT / part, tmp_path / part
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    broken = tmp_path / "protos/entente/identity/v1/record_service.proto"
    broken.write_text(broken.read_text("utf-8").replace("  string request_id = 3;\n", "", 1), "utf-8")
    checked = subprocess.run([BUF, "breaking", tmp_path, "--against", ROOT], capture_output=True, text=True, check=False)
    assert checked.returncode != 0
    assert "request_id" in checked.stdout
