"""Speed of a decision in process, over 25 attributes, beside three policy engines; and how it grows with a subject's events.

``python -m bench.decide [--rounds 3000] [--events 1,10,100,1000,10000]`` asks the same random requests of everyone, one after another in
the same run, and compares each answer: an engine that answers otherwise is no peer. The engines are handed the subject's state, as
Entente's tables are; ``decide`` is the whole use case, which reads events and folds them too, over the memory store. An engine that is
not installed is left out, with the reason (``uv pip install --group bench``).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from bench import machine
from consent.adapters.memory import MemoryTransactor
from consent.domain.anchor import Anchor, Subject, alone
from consent.domain.decision import Effect, Request
from consent.domain.event import Assurance, ConsentEvent, EventKind
from consent.domain.fold import Question, State, Status, effective
from consent.domain.purpose import LegalBasis, Published, Purpose, Wording
from consent.domain.tables import Scope, Tables
from consent.ports.transactor import Transaction
from consent.usecases.decide import Ask, Decide

ATTRIBUTES: Final = tuple(f"attribute_{number:02}" for number in range(25))
NEEDED: Final = frozenset(ATTRIBUTES[:20])
PURPOSES: Final = 20
NOON: Final = datetime(2026, 5, 4, 12, tzinfo=UTC)
_WORDS: Final = Wording({"fr": "Offres", "en": "Offers"})
_SCOPES: Final = {"crm": Scope(frozenset(f"purpose-{number}" for number in range(PURPOSES)), frozenset({"crm"}))}
_YES: Final = ConsentEvent(UUID(int=1), Anchor("crm", bytes(16)), EventKind.GIVEN, "purpose-0", 1, NOON, NOON, 1)

Answer = frozenset[str]
Engine = Callable[[Request, str], Answer]


def catalogue() -> list[Purpose]:
    """Half of the purposes rest on consent, half on a contract and are advertised."""
    grounds = (LegalBasis.CONSENT, LegalBasis.CONTRACT)
    return [
        Purpose(
            f"purpose-{number}", 1, grounds[number % 2], _WORDS, _WORDS, NEEDED, frozenset({"crm"}), frozenset({"email"}), "P1Y", "law",
            prospecting=True,
        )
        for number in range(PURPOSES)
    ]  # fmt: skip


PUBLISHED: Final = Published({purpose.purpose_id: (purpose,) for purpose in catalogue()})


def questions(count: int) -> list[tuple[Request, str]]:
    """Random requests, each with the subject's state."""
    chance = random.Random(11)
    states = ["given"] * 4 + ["unknown", "refused", "withdrawn", "objected", "restricted", "erased"]
    return [
        (Request("crm", f"purpose-{chance.randrange(PURPOSES + 1)}", "crm", ATTRIBUTES, "email"), chance.choice(states))
        for _ in range(count)
    ]


def tables() -> Engine:
    """Entente's compiled tables."""
    compiled = Tables(PUBLISHED, _SCOPES)
    states = {status.name.lower(): State(status, _YES if status is Status.GIVEN else None) for status in Status}

    def ask(request: Request, status: str) -> Answer:
        rulings = compiled.decide(request, states[status]).rulings
        return frozenset(name for name, ruling in rulings.items() if ruling.effect is Effect.PERMIT)

    return ask


def cedar() -> Engine:
    """Cedar by cedarpy: policies and entities parsed once, one request for each attribute, all in one batch."""
    cedarpy = import_module("cedarpy")
    rules = ['forbid (principal, action, resource) when { ["erased", "restricted"].contains(context.status) };']
    for purpose in catalogue():
        name = json.dumps(purpose.purpose_id)
        ground = '&& context.status == "given"' if purpose.basis is LegalBasis.CONSENT else ""
        rules.append(
            f"permit (principal, action == Action::{name}, resource) when {{ principal.purposes.contains({name}) "
            f'&& context.recipient == "crm" && context.channel == "email" && resource in Needed::{name} {ground} }};'
        )
    rules.append('forbid (principal, action, resource) when { ["refused", "withdrawn", "objected"].contains(context.status) };')
    parents = [{"type": "Needed", "id": purpose.purpose_id} for purpose in catalogue()]
    entities = [
        {"uid": {"type": "Caller", "id": "crm"}, "attrs": {"purposes": sorted(_SCOPES["crm"].purposes)}, "parents": []},
        *({"uid": one, "attrs": {}, "parents": []} for one in parents),
        *({"uid": {"type": "Attribute", "id": name}, "attrs": {}, "parents": parents} for name in sorted(NEEDED)),
    ]
    policies = cedarpy.PolicySet.from_str("\n".join(rules))
    known = cedarpy.Entities.from_json_str(json.dumps(entities))

    def ask(request: Request, status: str) -> Answer:
        single = [
            {
                "principal": {"type": "Caller", "id": request.caller},
                "action": {"type": "Action", "id": request.purpose},
                "resource": {"type": "Attribute", "id": name},
                "context": {"recipient": request.recipient, "channel": request.channel, "status": status},
            }
            for name in request.attributes
        ]
        answers = cedarpy.is_authorized_batch(single, policies, known)
        return frozenset(name for name, one in zip(request.attributes, answers, strict=True) if one.allowed)

    return ask


_CASBIN_MODEL: Final = """
[request_definition]
r = sub, recipient, channel, purpose, attribute, status
[policy_definition]
p = sub, recipient, channel, purpose, attribute, status
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.purpose == p.purpose && r.attribute == p.attribute && r.status == p.status && r.sub == p.sub && \
r.recipient == p.recipient && r.channel == p.channel
"""


def casbin() -> Engine:
    """PyCasbin, as an exhaustive list of what is permitted; one question for each attribute."""
    module: Any = import_module("casbin")
    lines = [
        f"p, crm, crm, email, {purpose.purpose_id}, {name}, {status}"
        for purpose in catalogue()
        for status in (("given",) if purpose.basis is LegalBasis.CONSENT else ("given", "unknown"))
        for name in sorted(NEEDED)
    ]
    with tempfile.TemporaryDirectory(prefix="entente-casbin-") as made:
        model, policy = Path(made) / "model.conf", Path(made) / "policy.csv"
        model.write_text(_CASBIN_MODEL)
        policy.write_text("\n".join(lines))
        enforcer = module.FastEnforcer(str(model), str(policy), cache_key_order=[3, 4, 5])

    def ask(request: Request, status: str) -> Answer:
        head = (request.caller, request.recipient, request.channel, request.purpose)
        return frozenset(name for name in request.attributes if enforcer.enforce(*head, name, status))

    return ask


_REGO: Final = """package consent

denying := {"refused", "withdrawn", "objected", "restricted", "erased"}

ground if { data.purposes[input.purpose].basis == "consent"; input.status == "given" }

ground if { data.purposes[input.purpose].basis != "consent"; not denying[input.status] }

covered if {
  data.callers[input.caller].purposes[input.purpose]
  data.purposes[input.purpose].recipients[input.recipient]
  data.purposes[input.purpose].channels[input.channel]
}

permitted := {name | covered; ground; some name in input.attributes; data.purposes[input.purpose].attributes[name]}
"""


def rego() -> Engine:
    """Rego by regopy: policies and data loaded once, one query for all attributes."""
    interpreter: Any = import_module("regopy").Interpreter()
    interpreter.add_module("consent", _REGO)
    interpreter.add_data(
        {
            "callers": {"crm": {"purposes": dict.fromkeys(sorted(_SCOPES["crm"].purposes), True)}},
            "purposes": {
                purpose.purpose_id: {
                    "basis": str(purpose.basis),
                    "attributes": dict.fromkeys(sorted(purpose.attributes), True),
                    "recipients": {"crm": True},
                    "channels": {"email": True},
                }
                for purpose in catalogue()
            },
        }
    )

    def ask(request: Request, status: str) -> Answer:
        interpreter.set_input(
            {
                "caller": request.caller, "purpose": request.purpose, "recipient": request.recipient, "channel": request.channel,
                "attributes": list(request.attributes), "status": status,
            }
        )  # fmt: skip
        found = json.loads(str(interpreter.query("x := data.consent.permitted")))
        return frozenset(found["bindings"]["x"])

    return ask


ENGINES: Final[Mapping[str, tuple[Callable[[], Engine], int]]] = {
    "Entente (tables)": (tables, 1),
    "cedarpy": (cedar, 1),
    "pycasbin": (casbin, 20),
    "regopy": (rego, 20),
}
"""Each engine, and how much fewer questions it is asked: the slow ones would take all day."""


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Return microseconds."""
    ordered = sorted(seconds)
    return {"p50_us": _us(ordered[len(ordered) // 2]), "p99_us": _us(ordered[len(ordered) * 99 // 100])}


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 1)


def beside_peers(rounds: int) -> list[dict[str, Any]]:
    """Measure each engine, and compare its answers with ours."""
    asked, ours = questions(rounds), tables()
    expected = [ours(request, status) for request, status in asked]
    rows: list[dict[str, Any]] = []
    for name, (make, fewer) in ENGINES.items():
        try:
            engine = make()
        except ImportError as error:
            rows.append({"engine": name, "skipped": f"not installed: {error}"})
            continue
        took, wrong = [], 0
        few = len(asked) // fewer
        for (request, status), answer in zip(asked[:few], expected[:few], strict=True):
            start = time.perf_counter()
            given = engine(request, status)
            took.append(time.perf_counter() - start)
            wrong += given != answer
        rows.append({"engine": name, "questions": few, "other_answers": wrong} | percentiles(took))
    return rows


class _Alone:
    """Nobody is linked."""

    async def subjects(self, anchors: Any, *, as_of: datetime | None = None) -> Mapping[Anchor, Subject]:  # noqa: ARG002 - of the port
        return {anchor: alone(anchor) for anchor in anchors}


class _Noon:
    def now(self) -> datetime:
        return NOON


def spoken(count: int) -> list[ConsentEvent]:
    """Events of one anchor: no and yes in turn, the last of them a yes."""
    kinds = (EventKind.GIVEN, EventKind.WITHDRAWN)
    return [
        ConsentEvent(
            UUID(int=number + 1), _YES.anchor, kinds[(count - 1 - number) % 2], "purpose-0", 1, when, when, 1, assurance=Assurance.ACCOUNT
        )
        for number in range(count)
        for when in (NOON - timedelta(minutes=count - number),)
    ]


def growth(sizes: Sequence[int], rounds: int) -> list[dict[str, Any]]:
    """Measure the fold, and the whole use case in process, by the number of the subject's events."""
    return [asyncio.run(_grown(size, max(30, min(rounds, 300_000 // size)))) for size in sizes]


async def _grown(size: int, rounds: int) -> dict[str, Any]:
    events, subject = spoken(size), alone(_YES.anchor)
    question = Question(catalogue()[0], PUBLISHED, NOON, "email", "crm")
    folds = []
    for _ in range(rounds):
        start = time.perf_counter()
        state = effective(_YES.anchor, subject, events, (), question)
        folds.append(time.perf_counter() - start)
    assert state.status is Status.GIVEN  # noqa: S101 - a wrong answer has no speed
    decide = await _deciding(events)
    request = Request("crm", "purpose-0", "crm", ATTRIBUTES, "email")
    took = [await _timed(lambda: decide([Ask(request, _YES.anchor)])) for _ in range(rounds)]
    return {"events": size} | {f"fold_{name}": value for name, value in percentiles(folds).items()} | {
        f"decide_{name}": value for name, value in percentiles(took).items()
    }  # fmt: skip


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    start = time.perf_counter()
    await call()
    return time.perf_counter() - start


async def _deciding(events: Sequence[ConsentEvent]) -> Decide:
    store = MemoryTransactor()

    async def fill(tx: Transaction) -> None:
        await tx.catalogue.publish(catalogue(), [], at=NOON)
        await tx.events.append(events, [])

    await store.run(fill)
    return Decide(hearing=store, directory=_Alone(), scopes=_SCOPES, clock=_Noon())


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write both tables; fail if an engine answers otherwise than we do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3_000)
    parser.add_argument("--events", default="1,10,100,1000,10000")
    parser.add_argument("--out", type=Path, default=Path("out/bench"))
    options = parser.parse_args(arguments)
    where = machine.describe()
    peers = beside_peers(options.rounds)
    grown = growth([int(size) for size in options.events.split(",")], options.rounds)
    text = "\n\n".join([_table(peers), _table(grown), machine.line(where)])
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "decide.md").write_text(text + "\n")
    (options.out / "decide.json").write_text(json.dumps({"machine": where, "peers": peers, "growth": grown}, indent=1))
    print(text)
    return int(any(row.get("other_answers") for row in peers))


def _table(found: Sequence[Mapping[str, Any]]) -> str:
    columns = list(dict.fromkeys(name for row in found for name in row))
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(str(row.get(name, '')) for name in columns)} |" for row in found)])


if __name__ == "__main__":
    sys.exit(main())
