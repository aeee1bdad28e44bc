"""The report of a training run as one web page: no script, no request, no value of any record."""

from __future__ import annotations

import math
from collections.abc import Iterable
from html import escape
from itertools import groupby

from identity.domain.training.report import LevelReport, TrainingReport
from identity.usecases.train_model import ModelTrained
from services.cli.language import Language

_STYLE = """
:root { color-scheme: light dark; --for: #1a7f5a; --against: #b3403a; --quiet: #888; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 66rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.2rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th { text-align: left; font-weight: 600 } th, td { padding: .15rem .6rem .15rem 0; border-bottom: 1px solid #8883 }
td.n, th.n { text-align: right } .quiet { color: var(--quiet) } code { font-size: .9em }
.for { fill: var(--for) } .against { fill: var(--against) } svg text { fill: currentColor; font-size: 11px }
"""
_BAR = 110
_CHART_WIDTH, _CHART_HEIGHT = 860, 180


def page(trained: ModelTrained, language: Language) -> str:
    """Return the page, in the operator's language."""
    say, report = language.say, trained.report
    sections = [
        f"<h1>{escape(say('Training report'))}</h1>",
        f"<p class=quiet><code>{trained.digest}</code></p>",
        _facts(report, language),
        f"<h2>{escape(say('Thresholds, and why'))}</h2><p>{escape(thresholds_told(report, language))}</p>",
        _histogram(report),
        f"<h2>{escape(say('What agreement is worth'))}</h2>",
        _levels(report.levels, language),
        f"<h2>{escape(say('Blocking rules'))}</h2>",
        _rules(report, language),
        _left_out(report, language),
    ]
    head = f"<meta charset=utf-8><meta name=viewport content='width=device-width'><title>Entente: {escape(say('Training report'))}</title>"
    return f"<!doctype html><html lang={language.code}>{head}<style>{_STYLE}</style><body>{''.join(sections)}</body></html>\n"


def thresholds_told(report: TrainingReport, language: Language) -> str:
    """Say why the thresholds are what they are."""
    number = language.number
    return language.say(
        "Linked from {link} bits: of {pairs} such pairs {expected} % are expected to be false ({allowed} % allowed), and no single one "
        "with more than {doubt} % probability. Held together from {hold} bits, for review from {review}, certain from {certain}.",
        link=number(report.link, 2),
        pairs=report.linked_pairs,
        expected=number(100 * report.expected_false_links, 2),
        allowed=number(100 * report.allowed_false_links, 2),
        doubt=number(100 * (1 - report.least_sure)),
        hold=number(report.hold, 2),
        review=number(report.review, 2),
        certain=number(report.certain, 2),
    )


def _facts(report: TrainingReport, language: Language) -> str:
    say, number = language.say, language.number
    rows = (
        (say("records"), number(report.records)),
        (say("of which compared"), number(report.sampled)),
        (say("pairs looked at"), number(report.pairs)),
        (say("pairs of one person, expected"), number(report.same_person_pairs)),
        (say("pairs of one household, expected"), number(report.household_pairs)),
        (say("false links, expected"), f"{number(100 * report.expected_false_links, 2)} %"),
        (say("records too poor to link"), f"{number(100 * report.unlinkable, 1)} %"),
    )
    return "<table>" + "".join(f"<tr><td>{escape(what)}<td class=n>{value}" for what, value in rows) + "</table>"


def _histogram(report: TrainingReport) -> str:
    """Draw pairs by decision weight on a logarithmic scale, with the thresholds."""
    if not report.histogram:
        return ""
    most = max(pairs for _, pairs in report.histogram) or 1.0
    step = _CHART_WIDTH / len(report.histogram)
    lowest = report.histogram[0][0]
    bars = []
    for place, (weight, pairs) in enumerate(report.histogram):
        height = 0.0 if pairs < 1 else _CHART_HEIGHT * _log_share(pairs, most)
        kind = "for" if weight >= report.link else "against" if weight < report.review else ""
        size = f"x={place * step:.1f} y={_CHART_HEIGHT - height:.1f} width={step - 1:.1f} height={height:.1f}"
        bars.append(f"<rect class='{kind}' fill=#8888 {size} />")
    marks = []
    for name, weight in (("review", report.review), ("link", report.link)):
        at = (weight - lowest + 0.5) * step
        marks.append(f"<line x1={at:.1f} x2={at:.1f} y1=0 y2={_CHART_HEIGHT} stroke=currentColor stroke-dasharray=3 />")
        marks.append(f"<text x={at + 4:.1f} y=12>{name} {weight:.1f}</text>")
    axis = "".join(f"<text x={(tick - lowest + 0.5) * step:.1f} y={_CHART_HEIGHT + 14}>{tick}</text>" for tick in range(-30, 41, 10))
    size = f"viewBox='0 0 {_CHART_WIDTH} {_CHART_HEIGHT + 20}' width=100%"
    return f"<svg role=img aria-label='pairs by decision weight' {size}>{''.join(bars)}{''.join(marks)}{axis}</svg>"


def _log_share(pairs: float, most: float) -> float:
    return math.log1p(pairs) / math.log1p(most)


def _levels(levels: Iterable[LevelReport], language: Language) -> str:
    say, number = language.say, language.number
    weight = escape(say("weight"))
    titles = f"<th>{escape(say('comparison'))}<th>{escape(say('level'))}<th class=n>{escape(say('pairs'))}"
    titles += "<th class=n>m<th class=n>u<th class=n>h"
    strangers, household = escape(say("against strangers")), escape(say("against the household"))
    head = f"<tr>{titles}<th class=n>{weight}<th>{strangers}<th class=n>{weight}<th>{household}"
    rows = []
    for comparison, some in groupby(levels, key=lambda level: level.comparison):
        for place, level in enumerate(some):
            shares = "".join(f"<td class=n>{number(share, 4)}" for share in (level.m, level.u, level.h))
            weights = "".join(
                f"<td class=n>{language.signed(weight, 1)}<td>{_bar(weight)}" for weight in (level.weight, level.household_weight)
            )
            name = comparison if place == 0 else ""
            told = f"<td>{escape(language.term(name))}<td>{escape(language.term(level.label))}"
            rows.append(f"<tr>{told}<td class=n>{number(level.pairs)}{shares}{weights}")
    return f"<table>{head}{''.join(rows)}</table>"


def _bar(weight: float) -> str:
    """Draw a weight from -15 to 20 bits, zero at two fifths."""
    zero = _BAR * 0.4
    length = min(abs(weight) / 20 * _BAR * 0.6, zero if weight < 0 else _BAR - zero)
    start = zero - length if weight < 0 else zero
    kind = "for" if weight >= 0 else "against"
    return f"<svg width={_BAR} height=10 aria-hidden=true><rect class={kind} x={start:.1f} y=1 width={length:.1f} height=8 /></svg>"


def _rules(report: TrainingReport, language: Language) -> str:
    say, number = language.say, language.number
    head = f"<tr><th>{escape(say('rule'))}<th class=n>{escape(say('pairs'))}<th class=n>{escape(say('gain'))}<th>{escape(say('why'))}"
    rows = [
        f"<tr{'' if rule.chosen else ' class=quiet'}><td>{escape(rule.name)}<td class=n>{number(rule.pairs)}"
        f"<td class=n>{number(100 * rule.gain, 2)} %<td>{escape(language.term(rule.why))}"
        for rule in sorted(report.rules, key=lambda rule: (not rule.chosen, -rule.gain))
    ]
    return f"<table>{head}{''.join(rows)}</table>"


def _left_out(report: TrainingReport, language: Language) -> str:
    say = language.say
    parts = []
    if report.absent:
        parts.append(f"<p>{escape(say('Columns that hardly any record has, left out: {names}', names=', '.join(report.absent)))}</p>")
    if report.dropped:
        names = ", ".join(f"{comparison}: {level}" for comparison, level in report.dropped)
        parts.append(f"<p>{escape(say('Levels that no pair showed, left out: {names}', names=names))}</p>")
    return f"<h2>{escape(say('Left out'))}</h2>{''.join(parts)}" if parts else ""
