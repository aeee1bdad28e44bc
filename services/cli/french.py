"""The French of what the command line says: English text → French text, same placeholders."""

from __future__ import annotations

from typing import Final

from services.cli.french_consent import CONSENT
from services.cli.french_help import HELP
from services.cli.french_verify import VERIFY

_REPORTS: Final[dict[str, str]] = {
    "  answered in {milliseconds} ms": "  réponse en {milliseconds} ms",
    "  marketing asks for the purpose “service”    [red]{code}[/] {message}": "  le marketing demande pour « service »    [red]{code}[/] {message}",
    "  match weight {match}, decision weight {decision} once the household is weighed in, probability {probability}": (
        "  poids {match}, poids de décision {decision} une fois le foyer pris en compte, probabilité {probability}"
    ),
    "  the chat robot gets its own pseudonym   {pseudonym}": "  le robot de discussion reçoit le sien   {pseudonym}",
    "Blocking rules": "Règles de regroupement",
    "Bundle {digest}; the whole report: {file}": "Modèle {digest} ; le compte rendu entier : {file}",
    "Columns that hardly any record has, left out: {names}": "Colonnes que presque aucune fiche n'a, laissées de côté : {names}",
    "Left out": "Laissé de côté",
    "Levels that no pair showed, left out: {names}": "Niveaux qu'aucune paire ne montre, laissés de côté : {names}",
    "Linked from {link} bits: of {pairs} such pairs {expected} % are expected to be false ({allowed} % allowed), and no single one "
    "with more than {doubt} % probability. Held together from {hold} bits, for review from {review}, certain from {certain}.": (
        "Rapprochées à partir de {link} bits : sur {pairs} telles paires, {expected} % devraient être fausses ({allowed} % permis), et aucune "
        "avec plus de {doubt} % de probabilité. Maintenues à partir de {hold} bits, à examiner à partir de {review}, certaines à partir de "
        "{certain}."
    ),
    "Not understood, and left out: {names}": "Non compris, et laissé de côté : {names}",
    "Nothing new was learnt: the bundle that serves stays.": "Rien de nouveau n'a été appris : le modèle qui sert reste.",
    "Not promoted: entente bundle promote {digest}": "Non promu : entente bundle promote {digest}",
    "Thresholds, and why": "Seuils, et pourquoi",
    "Training report": "Compte rendu d'entraînement",
    "What agreement is worth": "Ce que vaut une concordance",
    "[bold]Thresholds[/]  {reason}": "[bold]Seuils[/]  {reason}",
    "against strangers": "contre des inconnus",
    "against the household": "contre le foyer",
    "comparison": "comparaison",
    "false links, expected": "faux rapprochements attendus",
    "finding candidate pairs": "recherche des paires candidates",
    "found by": "trouvée par",
    "gain": "gain",
    "household": "foyer",
    "learning": "apprentissage",
    "level": "niveau",
    "of which compared": "dont comparées",
    "pairs looked at": "paires examinées",
    "pairs of one household, expected": "paires d'un même foyer, attendues",
    "pairs of one person, expected": "paires d'une même personne, attendues",
    "records too poor to link": "fiches trop pauvres pour être rapprochées",
    "rule": "règle",
    "serves now": "sert maintenant",
    "ships with Entente": "livré avec Entente",
    "train": "entraînement",
    "weight": "poids",
    "{digest} serves now; entente link brings the identities in line.": "{digest} sert maintenant ; entente link met les identités en accord.",
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
    "Look closer: entente explain --left ID --right ID; decide: entente judge --left ID --right ID --verdict same|different": (
        "Regarder : entente explain --left ID --right ID ; trancher : entente judge --left ID --right ID --verdict same|different"
    ),
    "More: entente review --page {token}": "Suite : entente review --page {token}",
    "Nothing to review.": "Rien à examiner.",
    "One person, scattered": "Une personne, dispersée",
    "Rejected rows, with line, column and reason: {file}": "Lignes rejetées, avec ligne, colonne et raison : {file}",
    "Some values are too common to search by; more detail may find more.": (
        "Certaines valeurs sont trop courantes pour chercher avec elles ; en donner plus peut trouver plus."
    ),
    "Somebody else of the same household, on the same phone": "Quelqu'un d'autre du même foyer, au même téléphone",
    "Sources with records that this caller may ask by: {known}": "Sources avec des fiches, que cet appelant peut citer : {known}",
    "The phone rings: who is this? (gRPC, mTLS)": "Le téléphone sonne : qui est-ce ? (gRPC, mTLS)",
    "The records are in identities {left} and {right}": "Les fiches sont dans les identités {left} et {right}",
    "The schema is up to date.": "Le schéma est à jour.",
    "There is no record of a source {source}.": "Il n'y a aucune fiche d'une source {source}.",
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
    "links refused, for a steward": "rapprochements refusés, pour un gestionnaire",
    "match weight {match}, decision weight {decision}": "poids de rapprochement {match}, poids de décision {decision}",
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
    "promoted {at}": "promu le {at}",
    "purposes": "usages",
    "recall": "rappel",
    "recipients": "destinataires",
    "record joins": "fiche rejoint",
    "record leaves": "fiche quitte",
    "records": "fiches",
    "records standardised anew": "fiches normalisées à nouveau",
    "records that moved": "fiches déplacées",
    "records whose subject objects": "fiches dont la personne s'oppose",
    "records with new blocking tags": "fiches aux nouvelles étiquettes de regroupement",
    "refused: another record claims one of the two nearly as strongly, and excludes the other": (
        "refusé : une autre fiche réclame l'une des deux presque aussi fortement, et exclut l'autre"
    ),
    "refused: records of their two identities contradict each other, or were judged different": (
        "refusé : des fiches de leurs deux identités se contredisent, ou ont été jugées différentes"
    ),
    "refused: too few of the pairs between their two identities are alike": (
        "refusé : trop peu des paires entre leurs deux identités se ressemblent"
    ),
    "rejected": "rejetées",
    "renewing blocking tags": "renouvellement des clés de regroupement",
    "rows": "lignes",
    "rows/s": "lignes/s",
    "source": "source",
    "sources": "sources",
    "stored by another version": "enregistrées par une autre version",
    "the hardest pairs, for a steward": "les paires les plus difficiles, pour un gestionnaire",
    "the record's own key, nothing was compared": "la clé même de la fiche, rien n'a été comparé",
    "time": "durée",
    "unchanged": "inchangées",
    "unsealing records": "descellement des fiches",
    "what": "quoi",
    "when (UTC)": "quand (UTC)",
    "when": "quand",
    "why": "pourquoi",
    "why are these two one person?": "pourquoi ces deux fiches sont-elles une personne ?",
    "{source}: declared as {encoding}, the file reads as {likelier}; correct encoding under [format] in the mapping.": (
        "{source} : déclaré en {encoding}, le fichier se lit en {likelier} ; corrigez encoding sous [format] dans le mapping."
    ),
    "{source}: there is U+FFFD in the place of letters: whoever wrote the file read it in a wrong encoding before.": (
        "{source} : des U+FFFD remplacent des lettres : qui a écrit le fichier l'avait lu dans un mauvais encodage."
    ),
    "{count} absent records were kept: some rows could not be read, so nobody knows whose.": (
        "{count} fiches absentes ont été gardées : des lignes illisibles, on ne sait pas de qui."
    ),
    "{count} records written to {file}": "{count} fiches écrites dans {file}",
    "{merged} merged, {split} split": "{merged} fusionnées, {split} séparées",
    "{name}: {count} values of {stored} records were not understood; is the mapping right?": (
        "{name} : {count} valeurs sur {stored} fiches n'ont pas été comprises ; le mapping est-il juste ?"
    ),
    "{records} records, {identities} identity (its last digits in green)": "{records} fiches, {identities} identité (ses derniers chiffres en vert)",
    "{unknown} of {count} records of the truth are unknown here, and left out.": (
        "{unknown} des {count} fiches de la vérité sont inconnues ici, et laissées de côté."
    ),
    "{rows} rows, {rejected} rejected": "{rows} lignes, {rejected} rejetées",
}

FRENCH: Final[dict[str, str]] = {**_REPORTS, **HELP, **CONSENT, **VERIFY}
