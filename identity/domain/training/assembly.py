"""From counts to a bundle: prune, learn, choose rules, set thresholds, assemble, and report.

Rules
- Too few records, or too few pairs that look like one person, and there is nothing to learn from: training refuses, and says so.
- A class of "same person" in which given names or birth dates mostly differ is not one person's records but a household's: where hardly
  anybody occurs twice, there is no such class to find, and training refuses.
- No level goes into a bundle without evidence (``pruning``); one that still has none names itself in the refusal.
- Records are compared in a sample when there are very many; probabilities of pairs do not depend on it, only block sizes do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from identity.domain.attributes import ComparisonKind
from identity.domain.errors import IdentityError, Reason
from identity.domain.model.blocking import Blocking
from identity.domain.model.bundle import LEAST_PROBABILITY, Bundle, LevelParameters, TermTable
from identity.domain.model.declaration import Comparison, Declaration
from identity.domain.training.classes import Classes, Explained, Home, explain, learn
from identity.domain.training.patterns import Floats, Patterns, RandomPairs, Shape, shape
from identity.domain.training.pruning import Pruned, prune
from identity.domain.training.report import LevelReport, TrainingReport
from identity.domain.training.selection import RuleSize, choose
from identity.domain.training.statistics import Columns, has
from identity.domain.training.thresholds import FALSE_LINKS, LEAST_SURE, find_thresholds, find_vetoes, vetoed

LEAST_RECORDS = 300
LEAST_SAME_PERSON = 50
"""Expected same-person pairs below which nothing is learnt of how one person's records differ."""
PERSONAL = ("given_name", "birth_date")
"""Comparisons in which the records of one person mostly agree, whatever the data."""
MOSTLY = 0.5
MAX_BLOCK = 100
"""Records that may share a blocking key before it is no longer looked at."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted over the records. ``sampled`` of ``records`` were compared; ``tried`` are the numbers of the rules that blocked,
    ``kinds`` how the mappings declare the extra columns.
    """

    records: int
    sampled: int
    columns: Columns
    comparisons: tuple[Comparison, ...]
    sizes: tuple[RuleSize, ...]
    tried: tuple[int, ...]
    patterns: Patterns
    random: RandomPairs
    term_tables: Mapping[str, TermTable]
    self_patterns: Patterns
    seconds: Mapping[str, float]
    kinds: Mapping[str, ComparisonKind] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trained:
    """A model and the account of how it came about."""

    bundle: Bundle
    report: TrainingReport


def require_enough(records: int) -> None:
    """Refuse to learn from too little.

    Raises:
        IdentityError: ``NOT_ENOUGH_DATA``.
    """
    if records < LEAST_RECORDS:
        raise IdentityError(Reason.NOT_ENOUGH_DATA, records=records, needed=LEAST_RECORDS)


def assemble(counted: Counted, *, name: str, standardiser: int) -> Trained:
    """Learn a model from counts.

    Raises:
        IdentityError: ``NOT_ENOUGH_DATA`` or ``MODEL_NOT_TRAINED``, with what was missing.
    """
    require_enough(counted.records)
    pruned = prune(counted.comparisons, counted.patterns, counted.random)
    shapes = tuple(shape(comparison) for comparison in pruned.comparisons)
    classes = learn(pruned.patterns, pruned.random, shapes, records=counted.sampled)
    same_person = classes.match_prior * counted.random.all_pairs
    if same_person < LEAST_SAME_PERSON:
        raise IdentityError(Reason.NOT_ENOUGH_DATA, same_person_pairs=round(same_person), needed=LEAST_SAME_PERSON)
    _require_persons(pruned.comparisons, classes)
    decided = _as_decided(classes)
    seen = explain(pruned.patterns, decided, shapes)
    vetoes = find_vetoes(pruned.comparisons, classes)
    barred = vetoed(vetoes, pruned.comparisons, pruned.patterns.levels)
    thresholds = find_thresholds(seen.decision_weight, pruned.patterns.counts, barred)
    linked = (seen.decision_weight >= thresholds.link) & (barred == 0)
    scale = (counted.records / counted.sampled) ** 2
    of_all = replace(pruned.patterns, counts=pruned.patterns.counts * scale)
    rules, rule_reports = choose(counted.sizes, counted.tried, of_all, seen.person_share * linked, counted.records)
    used = {column for comparison in pruned.comparisons for column in comparison.frequency_columns}
    bundle = Bundle(
        name=name,
        standardiser=standardiser,
        declaration=Declaration(pruned.comparisons, Blocking(rules, MAX_BLOCK), vetoes),
        match_prior=classes.match_prior,
        household_prior=classes.household_prior,
        parameters={c.name: _parameters(c, decided, number) for number, c in enumerate(pruned.comparisons)},
        term_tables={column: table for column, table in counted.term_tables.items() if column in used},
        thresholds=thresholds,
        facts={"records": counted.records, "sampled": counted.sampled, "rounds": classes.rounds, "same_person_pairs": round(same_person)},
        extras={name: kind for name, kind in counted.kinds.items() if any(name in c.columns for c in pruned.comparisons)},
    )
    false = float((pruned.patterns.counts * (1 - seen.person_share))[linked].sum() / max(pruned.patterns.counts[linked].sum(), 1e-9))
    report = TrainingReport(
        records=counted.records,
        sampled=counted.sampled,
        pairs=round(float(pruned.patterns.counts.sum())),
        same_person_pairs=round(same_person * scale),
        household_pairs=round(classes.household_prior * counted.random.all_pairs * scale),
        match_prior=classes.match_prior,
        rounds=classes.rounds,
        certain=thresholds.certain,
        link=thresholds.link,
        hold=thresholds.hold,
        review=thresholds.review,
        reason=thresholds.reason,
        linked_pairs=round(float(pruned.patterns.counts[linked].sum())),
        expected_false_links=false,
        allowed_false_links=FALSE_LINKS,
        least_sure=LEAST_SURE,
        unlinkable=_unlinkable(counted, pruned, decided, shapes, thresholds.link),
        levels=_levels(pruned, decided),
        rules=rule_reports,
        vetoes=tuple(veto.name for veto in vetoes),
        dropped=pruned.dropped,
        absent=tuple(sorted(column for column in counted.columns if not has(counted.columns, column))),
        histogram=_histogram(seen, pruned.patterns),
        seconds=counted.seconds,
    )
    return Trained(bundle, report)


def _require_persons(comparisons: tuple[Comparison, ...], classes: Classes) -> None:
    """Refuse classes in which one person would mostly contradict themselves."""
    for number, comparison in enumerate(comparisons):
        differing = float(classes.m[number][0])
        if comparison.name in PERSONAL and differing > MOSTLY:
            raise IdentityError(
                Reason.NOT_ENOUGH_DATA, why="nobody seems to occur twice", comparison=comparison.name, differing=round(differing, 3)
            )


def _as_decided(classes: Classes) -> Classes:
    """Return the classes as the bundle can say them: one kind of household."""
    return Classes(classes.m, (Home(classes.h, classes.household_prior),), classes.u, classes.match_prior, classes.rounds)


def _parameters(comparison: Comparison, classes: Classes, number: int) -> tuple[LevelParameters, ...]:
    """Return a comparison's parameters, best level first.

    Raises:
        IdentityError: ``MODEL_NOT_TRAINED`` naming the level that nothing was learnt of.
    """
    size = len(comparison.live)
    found = []
    for index, level in enumerate(comparison.live):
        place = size - 1 - index
        m, u, h = (float(part[number][place]) for part in (classes.m, classes.u, classes.h))
        if min(m, u, h) < LEAST_PROBABILITY:
            raise IdentityError(Reason.MODEL_NOT_TRAINED, comparison=comparison.name, level=level.label)
        found.append(LevelParameters(min(m, 1.0), min(u, 1.0), min(h, 1.0)))
    return tuple(found)


def _unlinkable(counted: Counted, pruned: Pruned, classes: Classes, shapes: tuple[Shape, ...], link: float) -> float:
    """Return the share of records whose exact copy would not reach the link threshold."""
    names = [comparison.name for comparison in counted.comparisons]
    kept = [names.index(comparison.name) for comparison in pruned.comparisons]
    own = counted.self_patterns
    there = own.levels[:, kept] >= 0
    best = np.array([len(comparison.live) - 1 for comparison in pruned.comparisons])
    selves = replace(own, levels=np.where(there, best, -1))
    weights = explain(selves, classes, shapes).decision_weight
    return float(own.counts[weights < link].sum() / max(own.counts.sum(), 1e-9))


def _levels(pruned: Pruned, classes: Classes) -> tuple[LevelReport, ...]:
    reports = []
    for number, comparison in enumerate(pruned.comparisons):
        for parameters, level in zip(_parameters(comparison, classes, number), comparison.live, strict=True):
            pairs = pruned.patterns.counts[pruned.patterns.levels[:, number] == comparison.gamma(level.label)].sum()
            m, u, h = parameters.m, parameters.u, parameters.h
            weights = float(np.log2(m / u)), float(np.log2(m / h))
            reports.append(LevelReport(comparison.name, level.label, round(float(pairs)), m, u, h, *weights))
    return tuple(reports)


def _histogram(seen: Explained, patterns: Patterns) -> tuple[tuple[float, float], ...]:
    """Return pairs by decision weight, in steps of one bit from -30 to 40."""
    edges: Floats = np.arange(-30.5, 41.0)
    counts, _ = np.histogram(np.clip(seen.decision_weight, -30, 40), bins=edges, weights=patterns.counts)
    return tuple((float(edge + 0.5), float(count)) for edge, count in zip(edges[:-1], counts, strict=True))
