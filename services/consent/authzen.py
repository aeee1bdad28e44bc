"""Decisions over HTTP for callers that have no gRPC: OpenID AuthZEN Authorization API 1.0, in front of the same gate and servicer.

    POST /access/v1/evaluation
    {"subject": {"type": "record", "id": "42", "properties": {"source": "crm"}},
     "action": {"name": "use"},
     "resource": {"type": "attribute", "id": "email"},
     "context": {"purpose": "loyalty", "recipient": "crm"}}
    → {"decision": true, "context": {"decision": {…}, "revision": "…", "policy_version": "…"}}

Rules
- ``decision`` is true only if everything asked for is permitted; ``context`` says it attribute by attribute, as ``DecideResponse`` does.
- Several attributes: ``{"type": "attributes", "id": "…", "properties": {"names": [...]}}``; without names the use itself is asked about.
- ``POST /access/v1/evaluations`` asks many: what stands beside ``evaluations`` is the default of each. All are answered at one revision,
  so ``min_revision``, ``dry_run``, ``locale`` and ``as_of_time`` are the same for all.
- What is not known here is refused by its place, not passed over: a misspelt channel would ask another question.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import grpc
from entente.consent.v1 import decision_pb2, decision_service_pb2
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from services.consent.contract import BATCH_DECIDE, DECIDE
from services.consent.parsing import Faults
from services.consent.servicer import ConsentUseCases, DecisionServicer
from services.rpc.errors import FieldViolation, Refusal
from services.rpc.gate import Gate
from services.rpc.http import RefusedError, call, read_body, refused, too_large
from services.rpc.limits import Limits

Json: TypeAlias = Mapping[str, Any]

_PARTS: Final = ("subject", "action", "resource", "context")
_SHARED: Final = ("min_revision", "dry_run", "locale", "as_of_time")
_ACTIONS: Final = {name.removeprefix("ACTION_").lower(): number for name, number in decision_pb2.Action.items() if number}
_STOPS: Final[Mapping[str, bool | None]] = {"execute_all": None, "deny_on_first_deny": False, "permit_on_first_permit": True}
"""On which answer the evaluations end, by ``evaluations_semantic``."""
_PLACES: Final = (
    (re.compile(r"^questions\b"), "evaluations"),
    (re.compile(r"^question\."), ""),
    (re.compile(r"\bsubject\.source$"), "subject.properties.source"),
    (re.compile(r"\bsubject\.record_key$"), "subject.id"),
    (re.compile(r"\baction$"), "action.name"),
    (re.compile(r"\battributes(\[\d+\])?$"), "resource"),
    (re.compile(r"(?<!context\.)\b(purpose|recipient|channel)$"), r"context.\1"),
)
"""Where a field of ``DecideRequest`` stands in JSON."""


def authzen(usecases: ConsentUseCases, gate: Gate, limits: Limits) -> Starlette:
    """Return the application: two endpoints, and nothing else."""
    servicer = DecisionServicer(usecases)
    one = gate.guard(DECIDE, grpc.unary_unary_rpc_method_handler(servicer.Decide, request_deserializer=read_evaluation))
    many = gate.guard(BATCH_DECIDE, grpc.unary_unary_rpc_method_handler(servicer.BatchDecide, request_deserializer=read_evaluations))

    async def evaluation(request: Request) -> Response:
        return await _answered(request, limits, lambda _body: one, lambda answer, _body: _evaluated(answer))

    async def evaluations(request: Request) -> Response:
        return await _answered(
            request,
            limits,
            lambda body: many if _asks_many(body) else one,
            lambda answer, body: _all_evaluated(answer, body) if _asks_many(body) else _evaluated(answer),
        )

    return Starlette(
        routes=[
            Route("/access/v1/evaluation", evaluation, methods=["POST"]),
            Route("/access/v1/evaluations", evaluations, methods=["POST"]),
        ]
    )


async def _answered(
    request: Request, limits: Limits, choose: Callable[[bytes], Any], render: Callable[[Any, bytes], dict[str, object]]
) -> Response:
    body = await read_body(request, limits)
    if body is None:
        return too_large()
    try:
        answer, request_id = await call(choose(body), request, body, limits)
    except RefusedError as error:
        return refused(_in_json(error.refusal))
    return JSONResponse(render(answer, body), headers={"Cache-Control": "no-store", "X-Request-ID": request_id})


def read_evaluation(body: bytes) -> decision_service_pb2.DecideRequest:
    """Read one evaluation.

    Raises:
        RequestInvalidError: naming every place that is wrong.
    """
    faults = Faults()
    said = _object(_parsed(body, faults), "", {*_PARTS, "evaluations", "options"}, faults)
    faults.require(holds=said.get("evaluations", []) == [], field="evaluations", description="a list, for /access/v1/evaluations")
    question, context = _question(said, "", faults)
    faults.tell()
    return decision_service_pb2.DecideRequest(question=question, context=context)


def read_evaluations(body: bytes) -> decision_service_pb2.BatchDecideRequest:
    """Read many evaluations, each with the defaults that stand beside them.

    Raises:
        RequestInvalidError: naming every place that is wrong.
    """
    faults = Faults()
    said = _object(_parsed(body, faults), "", {*_PARTS, "evaluations", "options"}, faults)
    options = _object(said.get("options", {}), "options", {"evaluations_semantic"}, faults)
    semantic = _text({"evaluations_semantic": "execute_all", **options}, "evaluations_semantic", "options.", faults)
    faults.require(holds=semantic in _STOPS, field="options.evaluations_semantic", description=f"one of {', '.join(_STOPS)}")
    defaults = {part: said[part] for part in _PARTS if part in said}
    read = []
    for at, evaluation in enumerate(said["evaluations"]):
        place = f"evaluations[{at}]"
        read.append(_question({**defaults, **_object(evaluation, place, set(_PARTS), faults)}, f"{place}.", faults))
    shared = read[0][1]
    for at, (_asked, context) in enumerate(read):
        faults.require(holds=context == shared, field=f"evaluations[{at}].context", description=f"alike in all: {', '.join(_SHARED)}")
    faults.tell()
    return decision_service_pb2.BatchDecideRequest(questions=[asked for asked, _ in read], context=shared)


def _question(said: Json, at: str, faults: Faults) -> tuple[decision_pb2.Question, decision_pb2.DecisionContext]:
    subject = _object(said.get("subject"), f"{at}subject", {"type", "id", "properties"}, faults)
    known = _object(subject.get("properties", {}), f"{at}subject.properties", {"source", "minor"}, faults)
    action = _object(said.get("action"), f"{at}action", {"name", "properties"}, faults)
    _object(action.get("properties", {}), f"{at}action.properties", set(), faults)
    context = _object(said.get("context"), f"{at}context", {"purpose", "recipient", "channel", *_SHARED}, faults)
    faults.require(holds=subject.get("type") == "record", field=f"{at}subject.type", description='"record"')
    name = _text(action, "name", f"{at}action.", faults)
    faults.require(holds=name in _ACTIONS, field=f"{at}action.name", description=f"one of {', '.join(_ACTIONS)}")
    question = decision_pb2.Question(
        subject=decision_pb2.Subject(
            source=_text(known, "source", f"{at}subject.properties.", faults),
            record_key=_text(subject, "id", f"{at}subject.", faults),
            minor=_flag(known, "minor", f"{at}subject.properties.", faults),
        ),
        purpose=_text(context, "purpose", f"{at}context.", faults),
        action=decision_pb2.Action.ValueType(_ACTIONS.get(name, 0)),
        attributes=_attributes(said.get("resource"), f"{at}resource", faults),
        channel=_text(context, "channel", f"{at}context.", faults),
        recipient=_text(context, "recipient", f"{at}context.", faults),
    )
    return question, _context(context, f"{at}context.", faults)


def _context(said: Json, at: str, faults: Faults) -> decision_pb2.DecisionContext:
    context = decision_pb2.DecisionContext(
        min_revision=_text(said, "min_revision", at, faults),
        dry_run=_flag(said, "dry_run", at, faults),
        locale=_text(said, "locale", at, faults),
    )
    if "as_of_time" in said:
        as_of = Timestamp()
        try:
            as_of.FromJsonString(_text(said, "as_of_time", at, faults))
        except ValueError:
            faults.add(f"{at}as_of_time", "a time in RFC 3339")
        context.as_of_time.CopyFrom(as_of)
    return context


def _attributes(said: object, at: str, faults: Faults) -> Sequence[str]:
    resource = _object(said, at, {"type", "id", "properties"}, faults)
    name = _text(resource, "id", f"{at}.", faults)
    several = resource.get("type") == "attributes"
    faults.require(holds=several or resource.get("type") == "attribute", field=f"{at}.type", description='"attribute" or "attributes"')
    properties = _object(resource.get("properties", {}), f"{at}.properties", {"names"} if several else set(), faults)
    if not several:
        return [name]
    names = properties.get("names", [])
    if not isinstance(names, list) or not all(_is_text(one) for one in names):
        faults.add(f"{at}.properties.names", "a list of texts")
        return []
    return names


def _parsed(body: bytes, faults: Faults) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        faults.add("", "a JSON object in UTF-8")
        faults.tell()
        raise


def _object(said: object, at: str, known: set[str], faults: Faults) -> Json:
    if not isinstance(said, dict):
        faults.add(at, "required: a JSON object")
        return {}
    for _unknown in said.keys() - known:
        faults.add(at, f"known here: {', '.join(sorted(known)) or 'nothing'}")
        break
    return said


def _text(said: Json, key: str, at: str, faults: Faults) -> str:
    text = said.get(key, "")
    if not _is_text(text):
        faults.add(f"{at}{key}", "a text")
        return ""
    return str(text)


def _is_text(value: object) -> bool:
    """Whether it is a text that UTF-8 can write: JSON can hold half of a character."""
    return isinstance(value, str) and not any("\ud800" <= letter <= "\udfff" for letter in value)


def _flag(said: Json, key: str, at: str, faults: Faults) -> bool:
    flag = said.get(key, False)
    faults.require(holds=isinstance(flag, bool), field=f"{at}{key}", description="true or false")
    return flag is True


def _asks_many(body: bytes) -> bool:
    """Whether there is at least one evaluation; without any, what stands beside them is the one question (AuthZEN §7.1)."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(said, dict) and isinstance(said.get("evaluations"), list) and bool(said["evaluations"])


def _evaluated(answer: decision_service_pb2.DecideResponse) -> dict[str, object]:
    return _told(answer.decision, answer)


def _all_evaluated(answer: decision_service_pb2.BatchDecideResponse, body: bytes) -> dict[str, object]:
    """Tell the answers up to the one on which the evaluations are to end."""
    ends = _STOPS[json.loads(body).get("options", {}).get("evaluations_semantic", "execute_all")]
    told: list[dict[str, object]] = []
    for decision in answer.decisions:
        told.append(_told(decision, answer))
        if told[-1]["decision"] is ends:
            break
    return {"evaluations": told}


def _told(
    decision: decision_pb2.Decision, answer: decision_service_pb2.DecideResponse | decision_service_pb2.BatchDecideResponse
) -> dict[str, object]:
    context = {"decision": _dict(decision), "revision": answer.revision, "policy_version": answer.policy_version}
    return {"decision": decision.outcome == decision_pb2.OUTCOME_PERMIT, "context": context}


def _dict(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True)


def _in_json(refusal: Refusal) -> Refusal:
    """Tell fields by their places in JSON."""
    violations = tuple(FieldViolation(_place(one.field), one.description) for one in refusal.violations)
    return Refusal(refusal.code, refusal.message, refusal.domain, refusal.reason, refusal.metadata, violations, refusal.request_id)


def _place(field: str) -> str:
    if not field.startswith("question"):
        return field
    for pattern, place in _PLACES:
        field = pattern.sub(place, field)
    return field
