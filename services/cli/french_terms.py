"""The French of words that the domain stores and sends: grades, levels, states, causes. On the screen only, never in JSON."""

from __future__ import annotations

from typing import Final

_COMPARISONS: Final[dict[str, str]] = {
    "address": "adresse",
    "birth_date": "date de naissance",
    "birth_place": "lieu de naissance",
    "email": "courriel",
    "given_name": "prénom",
    "loyalty_id": "carte de fidélité",
    "national_id": "numéro national",
    "phone": "téléphone",
    "sex": "sexe",
    "surname": "nom",
}

_LEVELS: Final[dict[str, str]] = {
    "alike": "ressemblant",
    "city_line_unknown": "même ville, rue inconnue",
    "close": "proche",
    "close_city": "ville proche",
    "close_line": "rue proche",
    "close_line_and_city": "rue et ville proches",
    "close_line_and_code": "rue proche, même code",
    "close_line_near_code": "rue et code proches",
    "code_line_unknown": "même code, rue inconnue",
    "contained": "contenu",
    "crossed": "croisé",
    "day_month_swapped": "jour et mois intervertis",
    "different": "différent",
    "distant": "éloigné",
    "exact": "identique",
    "initial": "initiale",
    "married": "nom de naissance contre nom d'usage",
    "missing": "absent",
    "near": "voisin",
    "near_code": "code proche",
    "same_city": "même ville",
    "same_code": "même code postal",
    "same_day_other_year": "même jour, autre année",
    "same_line": "même rue et numéro",
    "same_line_and_city": "même rue, numéro et ville",
    "same_line_and_code": "même rue, numéro et code",
    "same_month": "même mois",
    "same_region": "même département",
    "same_root": "même racine",
    "same_street_and_code": "même rue et code, autre numéro",
    "shared": "en partie commun",
    "sounds": "même son",
    "swapped": "interverti",
    "two_typos": "deux fautes de frappe",
    "typo": "faute de frappe",
    "within_month": "à un mois près",
    "within_ten_years": "à dix ans près",
    "within_year": "à un an près",
}

_GRADES: Final[dict[str, str]] = {
    # of answers
    "ambiguous": "ambigu",
    "certain": "certain",
    "none": "personne",
    "possible": "possible",
    "probable": "probable",
    # of pairs
    "hold": "maintien",
    "link": "lien",
    "review": "à examiner",
    "veto": "veto",
}

_LIVES: Final[dict[str, str]] = {
    # states of an identity, and what happens to it
    "created": "créée",
    "current": "actuelle",
    "quarantined": "retenue",
    "released": "libérée",
    "retired": "retirée",
    "revived": "rétablie",
    "split": "séparée",
    "superseded": "remplacée",
    # why
    "batch-link": "rapprochement d'ensemble",
    "deletion": "suppression",
    "ingest": "réception",
    "judgement": "jugement",
    "online-link": "rapprochement immédiat",
    # why one is held back
    "bridged": "tient à un seul lien",
    "sparse": "trop peu de liens",
    "too-large": "trop grande",
    "too-many-birth-dates": "trop de dates de naissance",
    # why a link was refused
    "contradicted": "contredit",
    "torn": "disputé",
    "unsupported": "trop peu soutenu",
}

_WORK: Final[dict[str, str]] = {
    # stages of a link
    "predict": "comparaison",
    "publish": "publication",
    "reassign": "rattachement",
    "tag": "clés",
    # states of a migration
    "applied": "appliquée",
    "changed": "modifiée",
    "pending": "en attente",
    "unknown": "inconnue",
    # how a file's encoding was found, and its delimiter
    "by its mark": "d'après sa marque",
    "guessed": "supposé",
    "tab": "tabulation",
}

_CONSENT: Final[dict[str, str]] = {
    # what was said
    "erased": "effacé",
    "expired": "échu",
    "given": "oui",
    "invalidated": "annulé",
    "lifted": "levé",
    "objected": "opposition",
    "refused": "non",
    "renewed": "oui, à nouveau",
    "requested": "demandé",
    "restricted": "limitation",
    "revoked": "révoqué",
    "withdrawn": "retrait",
    # how
    "form": "formulaire",
    "gpc": "signal du navigateur",
    "gpp": "chaîne GPP",
    "import": "import",
    "link": "lien",
    "paper": "papier",
    "portal": "portail",
    "tcf": "chaîne TCF",
    # how sure it is who spoke
    "account": "compte",
    "contact": "moyen de contact",
    "declared": "déclaré",
    "device": "appareil",
}

_RULES: Final[dict[str, str]] = {
    # why training chose a blocking rule, or not
    "adds nothing within the budget": "n'apporte rien dans le budget",
    "finds pairs that the others miss": "trouve des paires que les autres manquent",
    "too many comparisons": "trop de comparaisons",
}

_SYSTEM: Final[dict[str, str]] = {
    "Is a directory": "c'est un dossier",
    "No such file or directory": "fichier ou dossier introuvable",
    "No space left on device": "plus de place sur le disque",
    "Not a directory": "ce n'est pas un dossier",
    "Permission denied": "accès refusé",
    "Read-only file system": "disque en lecture seule",
}
"""What the system says when a file cannot be had (``OSError.strerror``)."""

TERMS: Final[dict[str, str]] = {**_COMPARISONS, **_LEVELS, **_GRADES, **_LIVES, **_WORK, **_CONSENT, **_RULES, **_SYSTEM}
