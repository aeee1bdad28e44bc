"""Decisions in plain words, French and English: for whoever asked, and for the officer who looks later.

Rules
- One sentence for each reason code, next step and obligation; no words of law, no guilt. A test holds both languages to the enumerations.
- A sentence tells what its code tells and nothing more: somebody unknown, somebody erased and somebody who refused read the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from consent.domain.decision import Decision, NextStep, Outcome, ReasonCode
from consent.domain.purpose import Obligation, Wording

OUTCOMES: Final[Mapping[Outcome, Wording]] = {
    Outcome.PERMIT: Wording({"fr": "Oui.", "en": "Yes."}),
    Outcome.PARTIAL: Wording({"fr": "En partie.", "en": "In part."}),
    Outcome.DENY: Wording({"fr": "Non.", "en": "No."}),
}
REASONS: Final[Mapping[ReasonCode, Wording]] = {
    ReasonCode.CONSENT_GIVEN: Wording(
        {
            "fr": "La personne a dit oui à cette utilisation.",
            "en": "The person said yes to this use.",
        }
    ),
    ReasonCode.OTHER_GROUND: Wording(
        {
            "fr": "Cette utilisation est prévue sans accord préalable : un contrat, la loi ou un besoin reconnu la permet, et la personne "
            "ne s'y est pas opposée là où elle le peut.",
            "en": "This use is provided for without prior consent: a contract, the law or a recognised need allows it, and the person has "
            "not objected where they can.",
        }
    ),
    ReasonCode.NO_CONSENT: Wording(
        {
            "fr": "La personne n'a pas encore dit si elle accepte cette utilisation ; sans réponse, c'est non.",
            "en": "The person has not said yet whether they accept this use; without an answer, it is no.",
        }
    ),
    ReasonCode.REFUSED: Wording(
        {
            "fr": "La personne n'a pas accepté cette utilisation, ou elle n'est pas connue.",
            "en": "The person has not accepted this use, or is not known.",
        }
    ),
    ReasonCode.WITHDRAWN: Wording(
        {
            "fr": "La personne avait accepté cette utilisation, puis a changé d'avis.",
            "en": "The person had accepted this use, then changed their mind.",
        }
    ),
    ReasonCode.OBJECTED: Wording(
        {
            "fr": "La personne s'est opposée à cette utilisation, ou elle n'est pas connue.",
            "en": "The person has objected to this use, or is not known.",
        }
    ),
    ReasonCode.EXPIRED: Wording(
        {
            "fr": "La personne avait accepté cette utilisation, mais son accord est arrivé à son terme.",
            "en": "The person had accepted this use, but their consent has come to its end.",
        }
    ),
    ReasonCode.NOTICE_CHANGED: Wording(
        {
            "fr": "L'utilisation a changé depuis que la personne l'a acceptée ; son accord ne vaut pas pour la nouvelle.",
            "en": "The use has changed since the person accepted it; their consent does not count for the new one.",
        }
    ),
    ReasonCode.CONFLICT: Wording(
        {
            "fr": "Un oui et un non ont été dits au même instant ; dans le doute, c'est non.",
            "en": "A yes and a no were said at the same instant; in doubt, it is no.",
        }
    ),
    ReasonCode.MINOR_NO_PARENT: Wording(
        {
            "fr": "Pour un enfant, il faut son accord et celui d'un parent ; l'un des deux manque.",
            "en": "For a child, both the child's consent and a guardian's are needed; one of them is missing.",
        }
    ),
    ReasonCode.RESTRICTED: Wording(
        {
            "fr": "L'utilisation de ces informations est suspendue, ou la personne n'est pas connue.",
            "en": "The use of this information is suspended, or the person is not known.",
        }
    ),
    ReasonCode.PURPOSE_UNKNOWN: Wording(
        {
            "fr": "Cette utilisation ne figure pas au catalogue.",
            "en": "This use is not in the catalogue.",
        }
    ),
    ReasonCode.PURPOSE_NOT_ALLOWED_FOR_CALLER: Wording(
        {
            "fr": "L'outil qui demande n'est pas enregistré pour cette utilisation.",
            "en": "The system that asks is not registered for this use.",
        }
    ),
    ReasonCode.ATTRIBUTE_NOT_NEEDED: Wording(
        {
            "fr": "Une information demandée n'est pas nécessaire à cette utilisation, et n'est donc pas donnée.",
            "en": "Some information asked for is not needed for this use, so it is not given.",
        }
    ),
    ReasonCode.RECIPIENT_NOT_COVERED: Wording(
        {
            "fr": "Le destinataire n'est pas de ceux à qui cette utilisation donne accès.",
            "en": "The recipient is not among those to whom this use gives access.",
        }
    ),
    ReasonCode.CHANNEL_NOT_COVERED: Wording(
        {
            "fr": "Cette utilisation ne permet pas de joindre la personne par ce moyen.",
            "en": "This use does not allow reaching the person in this way.",
        }
    ),
    ReasonCode.LOW_MATCH_CONFIDENCE: Wording(
        {
            "fr": "Il n'est pas assez sûr que ce soit la bonne personne.",
            "en": "It is not sure enough that this is the right person.",
        }
    ),
    ReasonCode.STALE: Wording(
        {
            "fr": "La réponse serait trop ancienne pour être sûre ; il faut demander de nouveau.",
            "en": "The answer would be too old to be sure; it has to be asked again.",
        }
    ),
    ReasonCode.NOT_EVALUABLE: Wording(
        {
            "fr": "La question n'a pas pu être tranchée ; tant qu'elle ne l'est pas, c'est non.",
            "en": "The question could not be settled; until it is, the answer is no.",
        }
    ),
}
STEPS: Final[Mapping[NextStep, Wording]] = {
    NextStep.NONE: Wording({"fr": "Il n'y a rien à demander.", "en": "There is nothing to ask for."}),
    NextStep.ASK_CONSENT: Wording(
        {
            "fr": "La question peut être posée à la personne, si son dernier choix a plus de six mois.",
            "en": "The person may be asked, if their last choice is more than six months old.",
        }
    ),
    NextStep.ASK_GUARDIAN: Wording(
        {
            "fr": "La question peut être posée à l'enfant et à un parent, ensemble.",
            "en": "The child and a guardian may be asked, together.",
        }
    ),
    NextStep.STEP_UP: Wording(
        {
            "fr": "La personne peut prouver que c'est bien elle, puis la question peut être posée de nouveau.",
            "en": "The person can prove who they are, and then the question can be asked again.",
        }
    ),
}
DUTIES: Final[Mapping[Obligation, Wording]] = {
    Obligation.SHOW_WITHDRAW_LINK: Wording(
        {
            "fr": "Chaque contact montre comment dire non, simplement et sans frais.",
            "en": "Each contact shows how to say no, simply and free of charge.",
        }
    ),
    Obligation.IDENTIFY_SENDER: Wording(
        {
            "fr": "Dire dès le début de la part de qui l'on s'adresse à la personne.",
            "en": "Say at the beginning on whose behalf the person is addressed.",
        }
    ),
    Obligation.STOP_WHEN_ASKED: Wording(
        {
            "fr": "Si la personne ne veut pas, mettre fin à l'échange, noter son non et ne pas recommencer.",
            "en": "If the person does not want it, end the exchange, record their no and do not try again.",
        }
    ),
    Obligation.EXISTING_CUSTOMERS_ONLY: Wording(
        {
            "fr": "Seulement aux clients qui ont donné leurs coordonnées lors d'un achat.",
            "en": "Only to customers who gave their contact details when buying.",
        }
    ),
    Obligation.SIMILAR_GOODS_ONLY: Wording(
        {
            "fr": "Seulement pour des articles ou services semblables à ceux déjà achetés.",
            "en": "Only about goods or services similar to those already bought.",
        }
    ),
    Obligation.NO_FURTHER_SHARING: Wording({"fr": "Ne transmettre à personne d'autre.", "en": "Pass on to nobody else."}),
    Obligation.FIGURES_ONLY: Wording(
        {
            "fr": "N'en tirer que des chiffres, par groupes où personne n'est reconnaissable.",
            "en": "Make nothing but figures of it, in groups where nobody can be recognised.",
        }
    ),
    Obligation.HUMAN_REVIEW: Wording(
        {
            "fr": "Une personne vérifie avant toute décision.",
            "en": "A human being checks before anything is decided.",
        }
    ),
    Obligation.KEEP_APART: Wording(
        {
            "fr": "Garder à part de ce qui sert tous les jours.",
            "en": "Keep apart from what is in daily use.",
        }
    ),
    Obligation.DELETE_AFTER_USE: Wording({"fr": "Effacer après usage.", "en": "Delete after use."}),
}


def explain(decision: Decision, language: str) -> str:
    """Return a decision in words of a language (French if it is another one): what, why, what could change it, and what to do."""
    reasons = dict.fromkeys(ruling.reason for ruling in decision.rulings.values()) or {decision.general.reason: None}
    told = [OUTCOMES[decision.outcome], *(REASONS[reason] for reason in reasons)]
    if decision.next_step is not NextStep.NONE:
        told.append(STEPS[decision.next_step])
    if decision.outcome is not Outcome.DENY:
        told += [DUTIES[Obligation(obligation)] for obligation in decision.obligations if obligation in set(Obligation)]
    return " ".join(wording.in_language(language) for wording in told)


def explanations(decision: Decision) -> dict[str, str]:
    """Return a decision in words, by language."""
    return {language: explain(decision, language) for language in ("fr", "en")}
