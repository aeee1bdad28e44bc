"""Whatever happens, in whatever order, identities keep their promises (DESIGN §4.5)."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from itertools import combinations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from identity.domain.assignment import scored
from identity.domain.cluster import components
from identity.domain.edge import Edge, EdgeGrade
from identity.domain.errors import IdentityError, Reason
from identity.domain.judgement import Verdict
from identity.domain.model.blocking import block_keys
from identity.domain.source_record import IdentityId, RecordId
from identity.domain.unified_identity import IdentityState
from tests.builders.identities import World, person

PEOPLE = st.builds(
    person,
    given_name=st.sampled_from(["jean", "jean", "jeanne", None]),
    family_name=st.sampled_from(["martin", "martin", "durand"]),
    birth_date=st.sampled_from(["1960-03-04", "1960-03-04", "1990-07-21", None, None]),
    email=st.sampled_from(["a@a.example", "b@b.example", None]),
)
NUMBERS = st.integers(0, 9)


class Identities(RuleBasedStateMachine):
    """Ten records at most, three of them often linked by accident, and a steward who judges and splits."""

    @initialize(population=st.dictionaries(NUMBERS, PEOPLE, min_size=6, max_size=10))
    def begin(self, population: dict[int, dict[str, str | None]]) -> None:
        self.runner = asyncio.Runner()
        self.world = World()
        self.live: dict[int, dict[str, str | None]] = {}
        self.verdicts: dict[tuple[int, int], Verdict] = {}
        self.issued: set[IdentityId] = set()
        for number, someone in population.items():
            self.ingest({number: someone})

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            self.runner.close()

    @rule(batch=st.dictionaries(NUMBERS, PEOPLE, min_size=1, max_size=3))
    def ingest(self, batch: dict[int, dict[str, str | None]]) -> None:
        self.runner.run(self.world.ingest(batch))
        self.live.update(batch)

    @rule(number=NUMBERS, someone=PEOPLE)
    def load_in_bulk_then_link(self, number: int, someone: dict[str, str | None]) -> None:
        self.runner.run(self.world.ingest({number: someone}, alone=True))
        self.live[number] = someone
        self.runner.run(self.world.link())

    @precondition(lambda self: self.live)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.live)))
        self.runner.run(self.world.delete(number))
        del self.live[number]

    @precondition(lambda self: len(self.live) > 1)
    @rule(data=st.data(), verdict=st.sampled_from(Verdict))
    def judge(self, data: st.DataObject, verdict: Verdict) -> None:
        left, right = data.draw(st.sampled_from(list(combinations(sorted(self.live)[:4], 2))))
        before = self.runner.run(self.world.identities())
        try:
            self.runner.run(self.world.judge(left, right, verdict))
        except IdentityError as refused:
            if refused.reason is not Reason.JUDGEMENT_CONTRADICTS:
                raise
            assert self.implied(left, right, verdict)
            assert self.runner.run(self.world.identities()) == before
        else:
            assert not self.implied(left, right, verdict)
            self.verdicts[left, right] = verdict

    @precondition(lambda self: len(self.live) > 1)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        groups = sorted(sorted(group) for group in self.runner.run(self.world.groups()) if len(group) > 1)
        if not groups:
            return
        group = data.draw(st.sampled_from(groups))
        out = data.draw(st.lists(st.sampled_from(group), min_size=1, max_size=len(group) - 1, unique=True))
        identity = self.runner.run(self.world.identity_of(group[0]))
        answer = self.runner.run(self.world.split(identity, *out))
        assert identity in answer.identities
        for one in out:
            self.verdicts.update({(min(one, other), max(one, other)): Verdict.DIFFERENT for other in set(group) - set(out)})
        self.verdicts.update({(min(out), other): Verdict.SAME for other in out if other != min(out)})

    @rule()
    def link(self) -> None:
        before = self.runner.run(self.world.identities()), self.runner.run(self.world.refused_links())
        report = self.runner.run(self.world.link())
        assert (self.runner.run(self.world.identities()), self.runner.run(self.world.refused_links())) == before
        assert report.refused == Counter(before[1].values())

    @invariant()
    def every_live_record_has_exactly_one_current_identity(self) -> None:
        if not hasattr(self, "runner"):
            return
        identities = self.runner.run(self.world.identities())
        assert sorted(record.int - 1 for members in identities.values() for record in members) == sorted(self.live)
        for identity in identities:
            assert self.runner.run(self.world.known(identity)).state is IdentityState.CURRENT
        self.issued |= identities.keys()

    @invariant()
    def every_id_ever_issued_resolves(self) -> None:
        if not hasattr(self, "runner"):
            return
        current = self.runner.run(self.world.identities()).keys()
        for identity in self.issued:
            answers = self.runner.run(self.world.answering(identity))
            assert set(answers) <= set(current)
            state = self.runner.run(self.world.known(identity)).state
            assert (answers == (identity,)) == (state is IdentityState.CURRENT)
            assert (identity in current) == (state is IdentityState.CURRENT)
            assert self.runner.run(self.world.history_of(identity)).events

    @invariant()
    def humans_are_obeyed(self) -> None:
        if not hasattr(self, "runner"):
            return
        home = {number: group for group in self.runner.run(self.world.groups()) for number in group}
        for (left, right), verdict in self.verdicts.items():
            if left in home and right in home and verdict is not Verdict.UNSURE:
                assert (home[left] == home[right]) == (verdict is Verdict.SAME)

    @invariant()
    def real_time_found_the_edges_of_a_batch_and_a_batch_would_change_nothing(self) -> None:
        if not hasattr(self, "runner"):
            return
        assert self.runner.run(self.world.edges()) == self.edges_of_a_batch()
        report = self.runner.run(self.world.link(dry_run=True))
        assert (report.churn.moved, report.churn.created, report.churn.merged, report.churn.quarantined) == (0, 0, 0, 0)
        assert report.identities_before == report.identities_after

    @invariant()
    def a_steward_sees_each_link_between_two_identities_that_nobody_judged(self) -> None:
        if not hasattr(self, "runner"):
            return
        home = {number: group for group in self.runner.run(self.world.groups()) for number in group}
        links = [(e.left.int - 1, e.right.int - 1) for e in self.runner.run(self.world.edges()) if e.grade is EdgeGrade.LINK]
        expected = {(one, other) for one, other in links if home[one] != home[other]} - self.verdicts.keys()
        assert self.runner.run(self.world.refused_links()).keys() == expected

    def edges_of_a_batch(self) -> list[Edge]:
        model = self.world.models.model
        blocks: defaultdict[tuple[str, str], list[RecordId]] = defaultdict(list)
        for number, standard in self.live.items():
            for key in block_keys(model.bundle.declaration.blocking, standard):
                blocks[key].append(self.world.record(number))
        encoded = {self.world.record(number): model.scorer.encode(standard) for number, standard in self.live.items()}
        pairs = {pair for block in blocks.values() for pair in combinations(sorted(block), 2)}
        return [edge for left, right in sorted(pairs) if (edge := scored(left, right, encoded, model))]

    def implied(self, left: int, right: int, verdict: Verdict) -> bool:
        """Whether the other verdicts say the opposite. Verdicts on deleted records still stand."""
        others = {pair: said for pair, said in self.verdicts.items() if pair != (left, right)}
        record = self.world.record
        same = [(record(one), record(other)) for (one, other), said in others.items() if said is Verdict.SAME]
        person_of = {member: group for group in components([record(n) for n in range(10)], same) for member in group}
        one, other = person_of[record(left)], person_of[record(right)]
        if verdict is Verdict.DIFFERENT:
            return one == other
        apart = [(record(a), record(b)) for (a, b), said in others.items() if said is Verdict.DIFFERENT]
        return verdict is Verdict.SAME and any({person_of[a], person_of[b]} == {one, other} for a, b in apart)


TestIdentities = Identities.TestCase
TestIdentities.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
