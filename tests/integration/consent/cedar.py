"""The catalogue and the caller registry said in Cedar, a policy language of others, for an engine of others to decide.

What a ground permits is written here from the articles, in Cedar's words; nothing here calls the code that decides. The state of the
subject comes with each request, as ``context.status``.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence

import cedarpy

from consent.domain.decision import Request
from consent.domain.fold import Status
from consent.domain.purpose import LegalBasis, Purpose
from consent.domain.tables import Scope

# Whether the registry and the purpose allow the use at all, and the purpose needs the attribute.
_COVERED = """
  principal.purposes.contains({name}) && principal.recipients.contains(context.recipient)
  && {recipients}.contains(context.recipient)
  && (!(context has channel) || {channels}.contains(context.channel))
  && resource in Needed::{name}
"""

# Art. 17: whoever is erased is nobody.
_ALWAYS = """forbid (principal, action, resource) when { context.status == "erased" };"""

# Art. 6(1)(a)
_WHEN_GIVEN = """permit (principal, action == Action::{name}, resource) when {{ {covered} && context.status == "given" }};"""

# Art. 6(1)(b) to (f)
_ANYWAY = """permit (principal, action == Action::{name}, resource) when {{ {covered} }};"""

# Art. 18(2): restricted data are only kept, but for what the law demands or a life depends on.
_RESTRICTED = """forbid (principal, action == Action::{name}, resource) when {{ context.status == "restricted" }};"""

# Art. 21(1) to (3): a no, whichever word it came in.
_OBJECTED = """forbid (principal, action == Action::{name}, resource) when {{
  ["refused", "withdrawn", "objected"].contains(context.status)
}};"""


def policies(purposes: Iterable[Purpose]) -> str:
    """Return Cedar's policies of the purposes in force."""
    said = [_ALWAYS]
    for purpose in purposes:
        names = {"name": json.dumps(purpose.purpose_id)}
        covered = _COVERED.format(recipients=_set(purpose.recipients), channels=_set(purpose.channels), **names)
        said.append((_WHEN_GIVEN if purpose.basis is LegalBasis.CONSENT else _ANYWAY).format(covered=covered, **names))
        if purpose.basis not in {LegalBasis.LEGAL_OBLIGATION, LegalBasis.VITAL_INTEREST}:
            said.append(_RESTRICTED.format(**names))
        if purpose.prospecting or purpose.basis in {LegalBasis.LEGITIMATE_INTEREST, LegalBasis.PUBLIC_TASK}:
            said.append(_OBJECTED.format(**names))
    return "\n".join(said)


def entities(purposes: Sequence[Purpose], scopes: Mapping[str, Scope]) -> list[dict]:
    """Return Cedar's entities: callers with their registration, attributes with the purposes that need them."""
    callers = [
        {
            "uid": {"type": "Caller", "id": caller},
            "attrs": {"purposes": sorted(scope.purposes), "recipients": sorted(scope.recipients)},
            "parents": [],
        }
        for caller, scope in scopes.items()
    ]
    needed = [{"uid": {"type": "Needed", "id": purpose.purpose_id}, "attrs": {}, "parents": []} for purpose in purposes]
    names = sorted({name for purpose in purposes for name in purpose.attributes})
    attributes = [
        {
            "uid": {"type": "Attribute", "id": name},
            "attrs": {},
            "parents": [{"type": "Needed", "id": purpose.purpose_id} for purpose in purposes if name in purpose.attributes],
        }
        for name in names
    ]
    return [*callers, *needed, *attributes]


class Oracle:
    """Answers requests by Cedar."""

    def __init__(self, purposes: Sequence[Purpose], scopes: Mapping[str, Scope]) -> None:
        self._policies = cedarpy.PolicySet.from_str(policies(purposes))
        self._entities = cedarpy.Entities.from_json_str(json.dumps(entities(purposes, scopes)))

    def permitted(self, asked: Sequence[tuple[Request, Status]]) -> list[frozenset[str]]:
        """Return the attributes permitted of each request."""
        single = [_request(request, status, name) for request, status in asked for name in request.attributes]
        answers = iter(cedarpy.is_authorized_batch(single, self._policies, self._entities))
        return [frozenset(name for name in request.attributes if next(answers).allowed) for request, _ in asked]


def _request(request: Request, status: Status, attribute: str) -> dict:
    context = {"recipient": request.recipient, "status": status.name.lower().replace("_", "-")}
    return {
        "principal": {"type": "Caller", "id": request.caller},
        "action": {"type": "Action", "id": request.purpose},
        "resource": {"type": "Attribute", "id": attribute},
        "context": context if request.channel is None else {**context, "channel": request.channel},
    }


def _set(names: Collection[str]) -> str:
    return json.dumps(sorted(names))
