"""The French of what the command line says: English text → French text, same placeholders."""

from __future__ import annotations

from typing import Final

from services.cli.french_help import HELP

_REPORTS: Final[dict[str, str]] = {
    "  answered in {milliseconds} ms": "  réponse en {milliseconds} ms",
    "  marketing asks for the purpose “service”    [red]{code}[/] {message}": "  le marketing demande pour « service »    [red]{code}[/] {message}",
    "  match weight {match}, decision weight {decision} once the household is weighed in, probability {probability}": (
        "  poids {match}, poids de décision {decision} une fois le foyer pris en compte, probabilité {probability}"
    ),
    "  the chat robot gets its own pseudonym   {pseudonym}": "  le robot de discussion reçoit le sien   {pseudonym}",
    "Both records are now in identity {identity}": "Les deux fiches sont maintenant dans l'identité {identity}",
    "Deleted.": "Supprimée.",
    "Dry run: nothing was changed.": "Essai à blanc : rien n'a été modifié.",
    "Each new record stands alone until the next: entente link": "Chaque nouvelle fiche reste seule jusqu'au prochain : entente link",
    "Four silos, four ways of writing a person down": "Quatre silos, quatre façons d'écrire une personne",
    "Held against the truth, which the model never saw": "Comparé à la vérité, que le modèle n'a jamais vue",
    "Interrupted; what was acknowledged is kept.": "Interrompu ; ce qui a été confirmé est conservé.",
    "More established identities would be disturbed than the churn budget allows.": (
        "Plus d'identités établies seraient modifiées que le budget de changement ne le permet."
    ),
    "More: entente review --page {token}": "Suite : entente review --page {token}",
    "Nothing to review.": "Rien à examiner.",
    "One person, scattered": "Une personne, dispersée",
    "Rejected rows, with line, column and reason: {file}": "Lignes rejetées, avec ligne, colonne et raison : {file}",
    "Some values are too common to search by; more detail may find more.": (
        "Certaines valeurs sont trop courantes pour chercher avec elles ; en donner plus peut trouver plus."
    ),
    "Somebody else of the same household, on the same phone": "Quelqu'un d'autre du même foyer, au même téléphone",
    "The phone rings: who is this? (gRPC, mTLS)": "Le téléphone sonne : qui est-ce ? (gRPC, mTLS)",
    "The records are in identities {left} and {right}": "Les fiches sont dans les identités {left} et {right}",
    "The schema is up to date.": "Le schéma est à jour.",
    "This is a defect in Entente: {kind}.": "C'est un défaut d'Entente : {kind}.",
    "Veto: {name}": "Veto : {name}",
    "What others may know": "Ce que d'autres peuvent savoir",
    "Who is who: linked in one batch": "Qui est qui : tout rapproché en une fois",
    "[bold green]Entente serves gRPC on {address}[/] (mTLS only; stop with Ctrl-C)": (
        "[bold green]Entente sert gRPC sur {address}[/] (mTLS seulement ; arrêt par Ctrl-C)"
    ),
    "[bold]Decision weight {weight}[/]: {grade}": "[bold]Poids de décision {weight}[/] : {grade}",
    "[bold]Entente[/]: one customer, across every silo, only as agreed.\n{people} invented people, four silos, no configuration.": (
        "[bold]Entente[/] : un client, dans tous les silos, seulement comme convenu.\n{people} personnes inventées, quatre silos, aucun réglage."
    ),
    "[bold]One household, rather than unrelated?[/]  household weight {weight}": "[bold]Un foyer, plutôt que des inconnus ?[/]  poids de foyer {weight}",
    "[bold]One person, rather than two unrelated ones?[/]  match weight {weight}": (
        "[bold]Une personne, plutôt que deux inconnues ?[/]  poids de rapprochement {weight}"
    ),
    "[green]not the same person[/]": "[green]pas la même personne[/]",
    "[red]taken for the same person[/]": "[red]prise pour la même personne[/]",
    "answered by {others}": "répond désormais : {others}",
    "ask by a silo's own key": "demander par la clé d'un silo",
    "assigning what arrived meanwhile": "rattachement de ce qui est arrivé entre-temps",
    "blocking keys too common to use": "clés de regroupement trop courantes",
    "caller": "appelant",
    "callers: {file}; their certificates: {folder}": "appelants : {file} ; leurs certificats : {folder}",
    "changed": "modifiées",
    "comparing pairs": "comparaison des paires",
    "decision weight": "poids de décision",
    "deleted": "supprimées",
    "done in {seconds} s; now try": "fini en {seconds} s ; essayez maintenant",
    "established identities disturbed": "identités établies modifiées",
    "format": "format",
    "gRPC for your own callers": "gRPC pour vos propres appelants",
    "identities before": "identités avant",
    "identities held back": "identités retenues",
    "identities now": "identités maintenant",
    "identities then": "identités ensuite",
    "identity": "identité",
    "left alone": "laissées seules",
    "link": "rapprochement",
    "match probability": "probabilité",
    "match weight": "poids de rapprochement",
    "methods": "méthodes",
    "new": "nouvelles",
    "not kept": "non conservé",
    "of {count}": "sur {count}",
    "pairs": "paires",
    "pairs compared": "paires comparées",
    "pairs kept as evidence": "paires retenues comme indices",
    "precision": "précision",
    "pseudonym": "pseudonyme",
    "publishing identities": "publication des identités",
    "purposes": "usages",
    "recall": "rappel",
    "recipients": "destinataires",
    "record": "fiche",
    "record joins": "fiche rejoint",
    "record leaves": "fiche quitte",
    "records": "fiches",
    "records that moved": "fiches déplacées",
    "records whose subject objects": "fiches dont la personne s'oppose",
    "rejected": "rejetées",
    "renewing blocking tags": "renouvellement des clés de regroupement",
    "rows": "lignes",
    "rows/s": "lignes/s",
    "source": "source",
    "sources": "sources",
    "the hardest pairs, for a steward": "les paires les plus difficiles, pour un gestionnaire",
    "time": "durée",
    "unchanged": "inchangées",
    "unsealing records": "descellement des fiches",
    "what": "quoi",
    "when": "quand",
    "why": "pourquoi",
    "why are these two one person?": "pourquoi ces deux fiches sont-elles une personne ?",
    "{count} absent records were kept: some rows could not be read, so nobody knows whose.": (
        "{count} fiches absentes ont été gardées : des lignes illisibles, on ne sait pas de qui."
    ),
    "{count} records written to {file}": "{count} fiches écrites dans {file}",
    "{merged} merged, {split} split": "{merged} fusionnées, {split} séparées",
    "{records} records, {identities} identity (its last digits in green)": "{records} fiches, {identities} identité (ses derniers chiffres en vert)",
    "{rows} rows, {rejected} rejected": "{rows} lignes, {rejected} rejetées",
}

FRENCH: Final[dict[str, str]] = {**_REPORTS, **HELP}
