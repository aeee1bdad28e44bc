"""The French of the help texts and of error sentences: English text → French text."""

from __future__ import annotations

from typing import Final

_PAGE: Final[dict[str, str]] = {
    "Arguments": "Arguments",
    "Commands": "Commandes",
    "COMMAND [ARGS]...": "COMMANDE [ARGS]...",
    "Options": "Options",
    "Show this message and exit.": "Montre cette aide.",
    "Install completion for the current shell.": "Installe la complétion pour ce shell.",
    "Show completion for the current shell, to copy it or customize the installation.": (
        "Montre la complétion pour ce shell, pour la copier ou l'adapter."
    ),
    "[default: {}]": "[par défaut : {}]",
    "[required]": "[obligatoire]",
    "Exit codes: 0 done; 1 no: what was checked does not hold, or the change is more than its budget allows; 2 bad usage or input; "
    "3 a dependency cannot be reached or used; 70 a defect in Entente; 130 interrupted.": (
        "Codes de sortie : 0 fait ; 1 non : ce qui était vérifié n'est pas vrai, ou le changement dépasse son budget ; 2 mauvais usage ou "
        "mauvaise entrée ; 3 une dépendance est injoignable ou inutilisable ; 70 un défaut d'Entente ; 130 interrompu."
    ),
}

_COMMANDS: Final[dict[str, str]] = {
    "Invent 5,000 French people in four silos, link them, measure it, and ask over gRPC who is calling.": (
        "Invente 5 000 Français dans quatre silos, les rapproche, mesure le résultat et demande par gRPC qui appelle."
    ),
    "Serve gRPC over mTLS until told to stop. Makes a development CA, callers and the database on first start.": (
        "Sert gRPC en mTLS jusqu'à l'arrêt. Crée au premier démarrage une autorité de développement, les appelants et la base."
    ),
    "Take in a file of source records: CSV, Parquet or JSON Lines. Re-ingesting the same file changes nothing.": (
        "Reçoit un fichier de fiches sources : CSV, Parquet ou JSON Lines. Reprendre le même fichier ne change rien."
    ),
    "Learn a model from the records that are there, without labels, and let it serve.": (
        "Apprend un modèle sur les fiches présentes, sans étiquettes, et le met en service."
    ),
    "Trained models: which serves, and going back.": "Les modèles entraînés : lequel sert, et revenir en arrière.",
    "Show which bundle serves, and which served before.": "Montre quel modèle sert, et lesquels ont servi.",
    "Let a bundle serve; look at what it would change first: entente link --dry-run.": (
        "Met un modèle en service ; regardez d'abord ce qu'il changerait : entente link --dry-run."
    ),
    "Let the bundle serve that served before.": "Remet en service le modèle précédent.",
    "Link all records in one batch and publish the identities at once.": (
        "Rapproche toutes les fiches en une fois et publie les identités d'un seul coup."
    ),
    "Who is this? By any attributes, or by source and key.": "Qui est-ce ? Par des attributs, ou par source et clé.",
    "Say how the evidence on two records adds up: weights per attribute, never values.": (
        "Dit comment s'additionnent les indices sur deux fiches : des poids par attribut, jamais les valeurs."
    ),
    "Compare the identities with a known truth: pairwise and B³ precision, recall, F1.": (
        "Compare les identités à une vérité connue : précision, rappel et F1, par paires et B³."
    ),
    "Show the pairs that want a steward, hardest first.": "Montre les paires à examiner, les plus difficiles d'abord.",
    "Decide a pair of records; beats the machine, survives every new model.": (
        "Tranche sur deux fiches ; l'emporte sur la machine et survit à tout nouveau modèle."
    ),
    "Take records out of an identity; the parts never join again by themselves.": (
        "Retire des fiches d'une identité ; les parts ne se rejoignent plus d'elles-mêmes."
    ),
    "Tell what happened to an identity: its records over time, and who answers for it now.": (
        "Raconte une identité : ses fiches au fil du temps, et qui répond pour elle aujourd'hui."
    ),
    "Delete one source record: it leaves its identity.": "Supprime une fiche source : elle quitte son identité.",
    "Write what Entente knows to files.": "Écrit dans des fichiers ce qu'Entente sait.",
    "Write source, record_key, identity_id of every record. The file names source records: it is made 0600.": (
        "Écrit source, record_key, identity_id de chaque fiche. Le fichier nomme les fiches : il est créé en 0600."
    ),
    "Who may call, and for what.": "Qui peut appeler, et pour quoi.",
    "Show the registered callers.": "Montre les appelants enregistrés.",
    "Register a caller and make its certificate.": "Enregistre un appelant et crée son certificat.",
    "The database's schema.": "Le schéma de la base.",
    "Bring the schema up to date; forward only.": "Met le schéma à jour ; en avant seulement.",
    "Show which migrations are applied; exit 1 if any is pending, changed or missing.": (
        "Montre les migrations appliquées ; sort en 1 s'il en manque ou si l'une a changé."
    ),
}

_OPTIONS: Final[dict[str, str]] = {
    "How many people to invent.": "Combien de personnes inventer.",
    "identity or consent; all of them if not said.": "identity ou consent ; tous si rien n'est dit.",
    "TOML file that says how the file's columns become attributes.": "Fichier TOML qui dit comment les colonnes deviennent des attributs.",
    "The file is the whole source: records that it lacks are deleted.": "Le fichier est toute la source : les fiches absentes sont supprimées.",
    "Only store: the next link says who is who, however small the file.": (
        "Stocke seulement : le prochain rapprochement dira qui est qui, si petit que soit le fichier."
    ),
    "Largest share of the source that --full may delete.": "Plus grande part de la source que --full peut supprimer.",
    "Print the report as JSON on standard output.": "Écrit le compte rendu en JSON sur la sortie standard.",
    "Say what would change, and change nothing.": "Dit ce qui changerait, et ne change rien.",
    "Share of the established identities that may be disturbed.": "Part des identités établies qui peut être modifiée.",
    "given_name=Zoé email=… (- reads such lines from standard input, out of sight of process lists)": (
        "given_name=Zoé email=… (- lit de telles lignes sur l'entrée standard, hors de vue des listes de processus)"
    ),
    "Ask by a source record: its source.": "Demander par une fiche : sa source.",
    "Ask by a source record: its key.": "Demander par une fiche : sa clé.",
    "Act under this caller's registration.": "Agit sous l'enregistrement de cet appelant.",
    "What the answer is for; must be registered for the caller.": "À quoi sert la réponse ; doit être enregistré pour l'appelant.",
    "Who gets the answer; the caller itself if not said.": "Qui reçoit la réponse ; l'appelant si rien n'est dit.",
    "Keep the new model aside; it serves once promoted.": "Garde le nouveau modèle de côté ; il sert une fois promu.",
    "The bundle's digest, or its first eight or more digits.": "L'empreinte du modèle, ou ses huit premiers chiffres ou plus.",
    "SOURCE:KEY": "SOURCE:CLÉ",
    "SOURCE:KEY, or the record's id": "SOURCE:CLÉ, ou l'identifiant de la fiche",
    "CSV with source, record_key, person_id.": "CSV avec source, record_key, person_id.",
    "Most pairs to show.": "Nombre maximal de paires.",
    "Page token of the page before.": "Jeton de la page précédente.",
    "What they are.": "Ce qu'elles sont.",
    "The identity to split.": "L'identité à séparer.",
    "SOURCE:KEY or id of a record that is somebody else; repeat.": (
        "SOURCE:CLÉ ou identifiant d'une fiche qui est quelqu'un d'autre ; répétable."
    ),
    "An identity's id, current or not.": "L'identifiant d'une identité, actuelle ou non.",
    "As it was known at this time.": "Telle qu'on la connaissait à cet instant.",
    "RPC it may call; repeat for several.": "RPC qu'il peut appeler ; répétable.",
    "Purpose it may name; repeat.": "Usage qu'il peut nommer ; répétable.",
    "Who may receive what it asks for; itself if not said.": "Qui peut recevoir ce qu'il demande ; lui-même si rien n'est dit.",
    "Source system whose records it may name, and write with the methods for it; repeat.": (
        "Système source dont il peut nommer les fiches, et les écrire s'il en a les méthodes ; répétable."
    ),
}

_ERRORS: Final[dict[str, str]] = {
    "decisions over HTTP (AuthZEN): {where}": "décisions par HTTP (AuthZEN) : {where}",
    "This use is not in the catalogue.": "Cette utilisation ne figure pas au catalogue.",
    "The system that asks is not registered for this use.": "L'outil qui demande n'est pas enregistré pour cette utilisation.",
    "The recipient is not among those to whom this use gives access.": (
        "Le destinataire n'est pas de ceux à qui cette utilisation donne accès."
    ),
    "The caller is not registered for this.": "L'appelant n'est pas enregistré pour cela.",
    "Fields of the request are missing or wrong.": "Des champs de la demande manquent ou sont faux.",
    "The call needs a deadline.": "L'appel demande une échéance.",
    "The caller has too many calls in flight.": "L'appelant a trop d'appels en cours.",
    "The answer was not ready at the deadline.": "La réponse n'était pas prête à l'échéance.",
    "Something failed. The error id finds it in the log.": "Une erreur est survenue. Son identifiant la retrouve dans le journal.",
    "An attribute cannot be taken in.": "Un attribut ne peut pas être reçu.",
    "The mapping cannot be used.": "Le mapping ne peut pas être utilisé.",
    "The page token is not one this service gave.": "Ce jeton de page n'est pas de ce service.",
    "The request holds too many items.": "La demande contient trop d'éléments.",
    "No such record.": "Aucune fiche de ce nom.",
    "No such identity.": "Aucune identité de ce nom.",
    "The identity no longer stands for itself; its history says what does.": (
        "L'identité ne répond plus pour elle-même ; son histoire dit qui répond."
    ),
    "The records are not all in the identity, or they are all of it.": "Les fiches ne sont pas toutes dans l'identité, ou la forment toute.",
    "Earlier judgements imply the opposite.": "Des jugements antérieurs impliquent le contraire.",
    "Both sides of the pair are one record.": "Les deux côtés de la paire sont une même fiche.",
    "The model bundle does not verify.": "Le modèle ne se vérifie pas.",
    "No such model bundle.": "Aucun modèle de ce nom.",
    "The model has parts that no data trained.": "Le modèle a des parties qu'aucune donnée n'a entraînées.",
    "There is too little to learn from.": "Il y a trop peu pour apprendre.",
    "The change would disturb too many identities.": "Le changement modifierait trop d'identités.",
    "The request id was used before with another body.": "Cet identifiant de demande a déjà servi pour un autre contenu.",
    "A sealed record does not open.": "Une fiche scellée ne s'ouvre pas.",
    "The keys cannot be had.": "Les clés ne sont pas disponibles.",
    "The database cannot be reached, or is too busy.": "La base est injoignable ou trop occupée.",
    "The linkage worker failed.": "Le processus de rapprochement a échoué.",
    "Look at it with --dry-run; to let it through, raise --churn-budget.": (
        "Regardez avec --dry-run ; pour laisser passer, augmentez --churn-budget."
    ),
    "{absent} of {stored} records would be deleted; is the file whole? To let it through, raise --deletion-budget.": (
        "{absent} fiches sur {stored} seraient supprimées ; le fichier est-il entier ? Pour laisser passer, augmentez --deletion-budget."
    ),
    "Keys and database belong together: was one restored, moved or replaced without the other?": (
        "Clés et base vont ensemble : l'une a-t-elle été restaurée, déplacée ou remplacée sans l'autre ?"
    ),
    "The default model serves until there are more records.": "Le modèle par défaut sert jusqu'à ce qu'il y ait plus de fiches.",
    "Take a fresh request id for a different request.": "Prenez un nouvel identifiant pour une autre demande.",
    "Judge the earlier pairs anew first, if they were wrong.": "Jugez d'abord à nouveau les paires antérieures, si elles étaient fausses.",
}

_INPUT: Final[dict[str, str]] = {
    "'{name}' is no attribute": "« {name} » n'est pas un attribut",
    "'{name}' is given twice": "« {name} » est donné deux fois",
    "Known are {known}; extras are x_NAME.": "Sont connus {known} ; les autres s'écrivent x_NOM.",
    "Known are {known}.": "Sont connus {known}.",
    "Try: {command} --help": "Voir : {command} --help",
    "Write it with commas, or name its columns source, record_key, person_id.": (
        "Séparez par des virgules, et nommez les colonnes source, record_key, person_id."
    ),
    "a record is named SOURCE:KEY, such as crm:42": "une fiche se nomme SOURCE:CLÉ, par exemple crm:42",
    "Where its id is taken too, `entente review` shows it.": "Là où son identifiant convient aussi, `entente review` le montre.",
    "a time is written as in 2026-03-01T12:00:00+01:00": "un instant s'écrit comme 2026-03-01T12:00:00+01:00",
    "an identity is named by its id, such as 0193a1c0-7c1e-7f52-9a44-0b5f6a2d9c11": (
        "une identité se nomme par son identifiant, par exemple 0193a1c0-7c1e-7f52-9a44-0b5f6a2d9c11"
    ),
    "argument {number} is not NAME=VALUE": "l'argument {number} n'est pas de la forme NOM=VALEUR",
    "line {number} of standard input is not NAME=VALUE": "la ligne {number} de l'entrée standard n'est pas de la forme NOM=VALEUR",
    "give attributes (NAME=VALUE ..., or - and lines on standard input), or --source and --key": (
        "donnez des attributs (NOM=VALEUR ..., ou - et des lignes sur l'entrée standard), ou --source et --key"
    ),
    "For example: entente resolve given_name=Zoé phone=0639980012": "Par exemple : entente resolve given_name=Zoé phone=0639980012",
    "in production certificates are made by your own CA": "en production, les certificats viennent de votre propre autorité",
    "Sign one with the caller's URI SAN, and add the caller to {file}.": (
        "Signez-en un avec l'URI SAN de l'appelant, et ajoutez l'appelant à {file}."
    ),
    "standard input is longer than {limit} bytes": "l'entrée standard dépasse {limit} octets",
    "standard input is not UTF-8 text": "l'entrée standard n'est pas du texte UTF-8",
    "there is no service '{name}'": "il n'y a pas de service « {name} »",
    "{home} holds a demo of another size": "{home} contient une démonstration d'une autre taille",
    "{home} holds {held} records already": "{home} contient déjà {held} fiches",
    "Take a fresh home: ENTENTE_HOME=.entente-demo entente demo": "Prenez un dossier neuf : ENTENTE_HOME=.entente-demo entente demo",
    "{path} cannot be read: {why}": "{path} ne peut pas être lu : {why}",
    "{path} cannot be written: {why}": "{path} ne peut pas être écrit : {why}",
    "{path} is not UTF-8 text": "{path} n'est pas du texte UTF-8",
    "{path} is separated by {delimiter}, not by commas": "{path} est séparé par {delimiter}, et non par des virgules",
    "none of the {count} records of the truth is known here": "aucune des {count} fiches de la vérité n'est connue ici",
    "Its source and record_key must be those that were ingested: entente export memberships shows them.": (
        "Ses source et record_key doivent être celles qui ont été reçues : entente export memberships les montre."
    ),
    "{path} lacks the column {columns}": "il manque à {path} la colonne {columns}",
}

HELP: Final[dict[str, str]] = {**_PAGE, **_COMMANDS, **_OPTIONS, **_ERRORS, **_INPUT}
