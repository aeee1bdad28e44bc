"""The French rules as data: each with its article, the day from which it holds, what it demands, and the code that applies it.

Rules
- A rule holds from the beginning of its day in Paris. What it forbids in a catalogue is refused from then on (``breaches``), and a
  catalogue published before is told of at the start of a service, not bent in silence.
- ``Standing`` says how firm the ground is: the law; a recommendation of the authority, which we follow as if it bound us; or a text that
  we could not confirm, which we apply too, since it is the stricter reading. Sources and their limits: research of 2026-11.
- Nothing here is legal advice; an operator's counsel may demand more, never less.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from typing import Final

from consent.domain.catalogue import Fault, Place
from consent.domain.duration import Duration, parse_duration
from consent.domain.purpose import LegalBasis, Minors, Obligation, Purpose, Wording

_PARIS: Final = timezone(timedelta(hours=2))
"""Paris in summer. In winter a rule begins an hour before its day: the safe side."""
_ELECTRONIC: Final = frozenset({"email", "sms"})
PHONE_DAYS: Final = 365
"""Twelve months, whichever they are: the shortest twelve months have 365 days."""
PROSPECT_KEEPING: Final = Duration(months=36)


class Standing(StrEnum):
    """How firm the ground of a rule is."""

    LAW = "law"
    RECOMMENDATION = "recommendation"
    UNCONFIRMED = "unconfirmed"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``applied_by`` names the function that applies it; ``check`` yields what a purpose does against it."""

    rule_id: str
    article: str
    since: date
    demands: Wording
    applied_by: str
    standing: Standing = Standing.LAW
    remark: str = ""
    check: Callable[[Purpose], Iterator[Fault]] | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the rule is in force."""
        return at.astimezone(_PARIS).date() >= self.since


def breaches(purposes: Iterable[Purpose], at: datetime) -> list[Fault]:
    """Return what purposes do against the rules in force at a time, each with its article."""
    told = []
    for purpose in purposes:
        for rule in RULES:
            if rule.check is not None and rule.holds(at):
                unsure = "" if rule.standing is Standing.LAW else f", {rule.standing}"
                told += [Fault(fault.place, f"{fault.message} ({rule.article}{unsure})") for fault in rule.check(purpose)]
    return told


def _place(purpose: Purpose, key: str) -> Place:
    return ("purposes", purpose.purpose_id, key)


def _by_phone(purpose: Purpose) -> bool:
    return purpose.prospecting and "phone" in purpose.channels


def _phone_consent(purpose: Purpose) -> Iterator[Fault]:
    if _by_phone(purpose) and purpose.basis is not LegalBasis.CONSENT:
        yield Fault(
            _place(purpose, "basis"),
            f'advertising by phone needs consent since 11 August 2026, and "{purpose.purpose_id}" rests on "{purpose.basis}"; calls that '
            "belong to a running contract are no advertising: declare them in the purpose of that contract",
        )


def _phone_term(purpose: Purpose) -> Iterator[Fault]:
    if _by_phone(purpose) and purpose.basis is LegalBasis.CONSENT and (purpose.valid_days is None or purpose.valid_days > PHONE_DAYS):
        yield Fault(_place(purpose, "valid_days"), f"consent to advertising by phone is valid for at most {PHONE_DAYS} days")


def _phone_manners(purpose: Purpose) -> Iterator[Fault]:
    if _by_phone(purpose):
        yield from _obliged(purpose, Obligation.IDENTIFY_SENDER, Obligation.STOP_WHEN_ASKED)


def _electronic_consent(purpose: Purpose) -> Iterator[Fault]:
    reached = sorted(purpose.channels & _ELECTRONIC)
    if purpose.prospecting and reached and purpose.basis is not LegalBasis.CONSENT and not purpose.soft_opt_in:
        yield Fault(
            _place(purpose, "basis"),
            f'advertising by {" and ".join(reached)} needs consent, and "{purpose.purpose_id}" rests on "{purpose.basis}"; writing to '
            "existing customers about similar goods is declared with soft_opt_in = true",
        )


def _electronic_way_out(purpose: Purpose) -> Iterator[Fault]:
    if purpose.prospecting and purpose.channels & _ELECTRONIC:
        yield from _obliged(purpose, Obligation.SHOW_WITHDRAW_LINK, Obligation.IDENTIFY_SENDER)


def _soft_opt_in(purpose: Purpose) -> Iterator[Fault]:
    if not purpose.soft_opt_in:
        return
    if purpose.basis is not LegalBasis.LEGITIMATE_INTEREST or not purpose.prospecting:
        yield Fault(_place(purpose, "soft_opt_in"), "soft_opt_in is for advertising (prospecting = true) on a legitimate interest")
    if not purpose.channels or purpose.channels - _ELECTRONIC:
        yield Fault(_place(purpose, "channels"), "soft_opt_in is for e-mail and SMS only")
    yield from _obliged(purpose, Obligation.EXISTING_CUSTOMERS_ONLY, Obligation.SIMILAR_GOODS_ONLY)


def _objectable(purpose: Purpose) -> Iterator[Fault]:
    if purpose.prospecting and purpose.basis not in {LegalBasis.CONSENT, LegalBasis.LEGITIMATE_INTEREST}:
        yield Fault(
            _place(purpose, "basis"),
            f'advertising rests on consent or on a legitimate interest, which a person can end without a reason, not on "{purpose.basis}"',
        )


def _minors(purpose: Purpose) -> Iterator[Fault]:
    if purpose.basis is LegalBasis.CONSENT and purpose.minors is Minors.ALIKE:
        yield Fault(
            _place(purpose, "minors"),
            'the consent of a child under 15 counts only with a guardian\'s: minors = "joint", or "never" where no child is asked',
        )


def _prospect_keeping(purpose: Purpose) -> Iterator[Fault]:
    keeps = parse_duration(purpose.retention)
    if purpose.prospecting and (keeps is None or keeps.exceeds(PROSPECT_KEEPING)):
        yield Fault(_place(purpose, "retention"), "data for advertising are kept for at most three years after the person's last contact")


def _obliged(purpose: Purpose, *obligations: Obligation) -> Iterator[Fault]:
    missing = [obligation for obligation in obligations if obligation not in purpose.obligations]
    if missing:
        yield Fault(_place(purpose, "obligations"), f"obligations lacks {', '.join(missing)}")


RULES: Final = (
    Rule(
        "phone-consent",
        "C. conso. art. L223-1; loi 2025-594 du 30 juin 2025, art. 13",
        date(2026, 8, 11),
        Wording(
            {
                "fr": "Pas d'appel publicitaire sans accord préalable ; c'est à l'entreprise de prouver l'accord. Les appels liés à un "
                "contrat en cours restent permis.",
                "en": "No advertising call without prior consent, which the company must prove. Calls about a running contract stay "
                "allowed.",
            }
        ),
        "consent.domain.french_rules.breaches",
        check=_phone_consent,
    ),
    Rule(
        "phone-twelve-months",
        "C. conso. art. R223-1; décret 2026-662 du 23 juillet 2026",
        date(2026, 8, 11),
        Wording(
            {
                "fr": "L'accord pour être appelé vaut un an au plus, n'est jamais reconduit sans un nouveau oui, et sa preuve datée est "
                "gardée trois ans.",
                "en": "Consent to be called is valid for at most one year, is never renewed without a new yes, and its dated proof is kept "
                "for three years.",
            }
        ),
        "consent.domain.french_rules.breaches",
        Standing.UNCONFIRMED,
        "seen only in a package README; check on Légifrance. Its own date of effect is not known either: taken with that of the law.",
        _phone_term,
    ),
    Rule(
        "phone-manners",
        "C. conso. art. L221-16",
        date(2026, 8, 11),
        Wording(
            {
                "fr": "Qui appelle dit d'emblée pour qui ; si la personne ne veut pas, l'appel prend fin et elle n'est plus appelée.",
                "en": "A caller says at once on whose behalf; if the person does not want it, the call ends and is not repeated.",
            }
        ),
        "consent.domain.french_rules.breaches",
        check=_phone_manners,
    ),
    Rule(
        "electronic-consent",
        "CPCE art. L34-5, al. 1",
        date(2004, 7, 10),
        Wording(
            {
                "fr": "Pas de publicité par courriel ou SMS sans accord préalable.",
                "en": "No advertising by e-mail or SMS without prior consent.",
            }
        ),
        "consent.domain.french_rules.breaches",
        check=_electronic_consent,
    ),
    Rule(
        "electronic-way-out",
        "CPCE art. L34-5, al. 5",
        date(2004, 7, 10),
        Wording(
            {
                "fr": "Chaque message dit de qui il vient et comment n'en plus recevoir, simplement et sans frais.",
                "en": "Each message says who sends it and how to get no more, simply and free of charge.",
            }
        ),
        "consent.domain.french_rules.breaches",
        check=_electronic_way_out,
    ),
    Rule(
        "soft-opt-in",
        "CPCE art. L34-5, al. 4",
        date(2004, 7, 10),
        Wording(
            {
                "fr": "Sans accord, on peut écrire par courriel ou SMS à ses propres clients, pour des articles ou services semblables, "
                "tant qu'ils n'ont pas dit non.",
                "en": "Without consent, one's own customers may be written to by e-mail or SMS about similar goods or services, as long as "
                "they have not said no.",
            }
        ),
        "consent.domain.french_rules.breaches",
        remark="A ground of its own: a legitimate interest with its own objection, never counted as consent.",
        check=_soft_opt_in,
    ),
    Rule(
        "objection-absolute",
        "GDPR Art. 21(2), (3)",
        date(2018, 5, 25),
        Wording(
            {
                "fr": "Qui dit non à la publicité n'a pas à donner de raison, et rien ne l'emporte sur ce non.",
                "en": "Whoever says no to advertising needs no reason, and nothing outweighs that no.",
            }
        ),
        "consent.domain.spoken.prospecting_objections",
        check=_objectable,
    ),
    Rule(
        "refusal-signal",
        "GDPR Art. 21(5); Global Privacy Control",
        date(2018, 5, 25),
        Wording(
            {
                "fr": "Le signal de refus d'un navigateur (GPC) vaut opposition à la publicité et à la mesure d'audience, une fois ; un "
                "oui exprès donné ensuite, en étant connecté, l'emporte.",
                "en": "A browser's refusal signal (GPC) counts as an objection to advertising and audience measurement, once; an express "
                "yes given afterwards, signed in, prevails.",
            }
        ),
        "consent.domain.spoken.signal_objections",
        Standing.UNCONFIRMED,
        "no EU regulator has ruled on GPC; Art. 21(5) allows objecting by automated means.",
    ),
    Rule(
        "clear-act",
        "GDPR Art. 4(11), 7; CNIL, délibération 2020-091",
        date(2018, 5, 25),
        Wording(
            {
                "fr": "Le silence n'est pas un accord : seule une personne peut dire oui, jamais un programme à sa place.",
                "en": "Silence is no consent: only a person can say yes, never a program for them.",
            }
        ),
        "consent.domain.spoken.is_clear_act",
    ),
    Rule(
        "minors-joint",
        "loi 78-17 du 6 janvier 1978, art. 45; GDPR Art. 8",
        date(2019, 6, 1),
        Wording(
            {
                "fr": "Avant 15 ans, il faut l'accord de l'enfant et celui d'un parent, les deux.",
                "en": "Under 15, both the child's consent and a guardian's are needed.",
            }
        ),
        "consent.domain.timers.is_minor",
        check=_minors,
    ),
    Rule(
        "choice-remembered",
        "CNIL, délibération 2020-092 du 17 septembre 2020",
        date(2020, 9, 17),
        Wording(
            {
                "fr": "Un choix, oui ou non, est gardé six mois avant que la question soit posée de nouveau.",
                "en": "A choice, yes or no, is kept for six months before the question is asked again.",
            }
        ),
        "consent.domain.timers.may_ask_again",
        Standing.RECOMMENDATION,
        "good practice; written for trackers, applied here to every question.",
    ),
    Rule(
        "prospect-keeping",
        "GDPR Art. 5(1)(e); CNIL, délibération 2021-131 du 23 septembre 2021",
        date(2021, 9, 23),
        Wording(
            {
                "fr": "Ce qui sert à la publicité est effacé trois ans après le dernier contact venu de la personne ; ouvrir un courriel "
                "n'en est pas un.",
                "en": "What serves advertising is erased three years after the last contact that came from the person; opening an e-mail "
                "is none.",
            }
        ),
        "consent.domain.timers.prospect_data_until",
        Standing.RECOMMENDATION,
        check=_prospect_keeping,
    ),
    Rule(
        "permissions-end",
        "GDPR Art. 7(1); EDPB Guidelines 05/2020, §110-111",
        date(2020, 5, 4),
        Wording(
            {
                "fr": "Un accord prend fin avec sa durée, et se redemande avant, sans insister.",
                "en": "A consent ends with its term, and is asked for again before that, without insisting.",
            }
        ),
        "consent.domain.timers.due",
        Standing.RECOMMENDATION,
    ),
)
