"""The French of what the commands about consent say: English text → French text, same placeholders."""

from __future__ import annotations

from typing import Final

_HELP: Final[dict[str, str]] = {
    "Exit with 1 unless everything asked for is permitted.": "Sort avec 1 si tout ce qui est demandé n'est pas permis.",
    "For whom; every recipient of the purpose's if not said.": "Pour qui ; tous les destinataires de l'usage si rien n'est dit.",
    "How it was said: portal, form, phone, paper, link, …": "Comment : portal, form, phone, paper, link, …",
    "How sure it is who spoke: declared, device, contact, account.": (
        "À quel point on sait qui parlait : declared, device, contact, account."
    ),
    "In which language it was shown.": "Dans quelle langue elle a été montrée.",
    "May this caller use these data of this person, for this purpose, now? The answer is a report: exit code 0 whatever it is.": (
        "Cet appelant peut-il utiliser ces données de cette personne, pour cet usage, maintenant ? La réponse est un compte rendu : "
        "code de sortie 0 quelle qu'elle soit."
    ),
    "Publish purposes and notices. All of the file or nothing; the same again changes nothing.": (
        "Publie des usages et des textes d'information. Tout le fichier ou rien ; le même une seconde fois ne change rien."
    ),
    "Record what somebody said about the use of their data. It counts from this instant on, everywhere.": (
        "Enregistre ce qu'une personne a dit de l'utilisation de ses données. Cela vaut aussitôt, partout."
    ),
    "Show what was said on one record, oldest first.": "Montre ce qui a été dit sur une fiche, le plus ancien d'abord.",
    "Take in a CSV of what was said elsewhere. Importing the same file again changes nothing; a yes without proof permits nothing.": (
        "Reçoit un CSV de ce qui a été dit ailleurs. Reprendre le même fichier ne change rien ; un oui sans preuve ne permet rien."
    ),
    "The person is known to be under the age of consent.": "La personne n'a pas l'âge de consentir seule.",
    "The record's key there.": "La clé de la fiche dans ce système.",
    "The source system of the record.": "Le système source de la fiche.",
    "Version of the notice that was shown; the newest if not said.": (
        "Version du texte d'information montré ; la plus récente si rien n'est dit."
    ),
    "What for.": "Pour quoi faire.",
    "What it is about; every purpose if not said, which only a no may be.": (
        "De quel usage il s'agit ; de tous si rien n'est dit, ce que seul un non peut viser."
    ),
    "What people agreed to: purposes, and what was said about them.": (
        "Ce que les personnes ont accepté : les usages, et ce qui en a été dit."
    ),
    "What the answer was at this time.": "Quelle était la réponse à ce moment.",
    "What may this caller know of this person, for this purpose? Every value that is permitted, and not one more.": (
        "Que peut savoir cet appelant de cette personne, pour cet usage ? Chaque valeur permise, et pas une de plus."
    ),
    "When it ends; as the purpose says if not said.": "Quand cela prend fin ; selon l'usage si rien n'est dit.",
    "When it was said; now if not said.": "Quand cela a été dit ; maintenant si rien n'est dit.",
    "Where the proof is kept.": "Où la preuve est conservée.",
    "Which of them, as in email,phone; all that the purpose needs if not said.": (
        "Lesquelles, comme email,phone ; toutes celles que l'usage demande si rien n'est dit."
    ),
    "Who said it: self, guardian, agent, system.": "Qui l'a dit : self, guardian, agent, system.",
    "Who would receive them; the caller itself if not said.": "Qui les recevrait ; l'appelant lui-même si rien n'est dit.",
    "Who would use the data.": "Qui utiliserait les données.",
    "email, sms, phone, post, …; every one of the purpose's if not said.": (
        "email, sms, phone, post, … ; tous ceux de l'usage si rien n'est dit."
    ),
    "given, refused, withdrawn, objected, restricted, lifted, …": "given, refused, withdrawn, objected, restricted, lifted, …",
}

_REPORTS: Final[dict[str, str]] = {
    "--key takes at most {most} characters, and no control characters": (
        "--key prend au plus {most} caractères, et aucun caractère de commande"
    ),
    "--source takes lower-case letters, digits, - and _, starting with a letter": (
        "--source prend des minuscules, des chiffres, - et _, en commençant par une lettre"
    ),
    "--{option} is none of {known}": "--{option} n'est pas parmi {known}",
    "--{option} takes lower-case letters, digits, - and _": "--{option} prend des minuscules, des chiffres, - et _",
    "May we send offers to {name}, who once said yes to the CRM?": "Peut-on envoyer des offres à {name}, qui a un jour dit oui au CRM ?",
    "Nothing new: all of it was published before.": "Rien de nouveau : tout était déjà publié.",
    "Nothing was said on this record.": "Rien n'a été dit sur cette fiche.",
    "The demo ran before: signed in to the web shop, {name} says yes again.": (
        "La démonstration a déjà eu lieu : depuis son compte de la boutique en ligne, {name} redit oui."
    ),
    "The file is no UTF-8; it was read as Windows-1252.": "Le fichier n'est pas en UTF-8 ; il a été lu en Windows-1252.",
    "The same question, the next instant": "La même question, l'instant d'après",
    "What they agreed to: an old list of offers by e-mail": "Ce qu'ils ont accepté : une ancienne liste d'offres par courriel",
    "[dim]kept back[/]": "[dim]gardé[/]",
    "already there": "déjà présentes",
    "assurance": "assurance",
    "channel": "moyen",
    "every purpose": "tous les usages",
    "how": "comment",
    "notice": "texte",
    "purpose": "usage",
    "recorded": "enregistrées",
    "said": "dit",
    "the first line of {file} names no column {columns}": "la première ligne de {file} ne nomme pas de colonne {columns}",
    "the first line of {file}: column {place} is not one that is known": (
        "la première ligne de {file} : la colonne {place} n'est pas une colonne connue"
    ),
    "the first line of {file}: column {place} is there twice": "la première ligne de {file} : la colonne {place} y est deux fois",
    "the rejects of {file} cannot be written: {why}": "les rejets de {file} ne peuvent pas être écrits : {why}",
    "valid until {at}": "valable jusqu'au {at}",
    "what may be done with their data?": "que peut-on faire de ces données ?",
    "what was said to the web shop": "ce qui a été dit à la boutique en ligne",
    "{count} of them say yes without proof (notice_version and evidence): they are kept as unknown, and permit nothing.": (
        "{count} d'entre elles disent oui sans preuve (notice_version et evidence) : elles sont gardées comme inconnues et ne permettent rien."
    ),
    "{count} recorded": "{count} enregistrées",
    "{file} cannot be read: {why}": "{file} ne peut pas être lu : {why}",
    "{name} has second thoughts, and tells the web shop": "{name} change d'avis, et le dit à la boutique en ligne",
    "{file} is no CSV at line {line}; what came before is recorded": (
        "{file} n'est pas du CSV à la ligne {line} ; ce qui précède est enregistré"
    ),
}

_ERRORS: Final[dict[str, str]] = {
    "A stored event is not as it was written.": "Un événement enregistré n'est plus tel qu'il a été écrit.",
    "An expression cannot be recorded.": "Une expression ne peut pas être enregistrée.",
    "No such event.": "Il n'y a pas un tel événement.",
    "No such notice.": "Il n'y a pas un tel texte d'information.",
    "Nobody published such a purpose.": "Personne n'a publié un tel usage.",
    "Somebody changed the database by hand; nothing is decided upon it. Restore a backup.": (
        "Quelqu'un a modifié la base à la main ; rien n'est décidé sur cette base. Restaurez une sauvegarde."
    ),
    "The page token is not one this service gave.": "Le jeton de page n'a pas été donné par ce service.",
    "The purpose or notice cannot be published.": "L'usage ou le texte d'information ne peut pas être publié.",
    "The reader is too slow; resume from the last revision read.": "Le lecteur est trop lent ; reprenez à la dernière révision lue.",
    "The receipt does not verify.": "Le reçu n'est pas authentique.",
    "The request holds no item, or too many.": "La demande ne contient rien, ou trop.",
    "The revision asked for is not there yet.": "La révision demandée n'est pas encore là.",
    "The revision token is not one this service gave.": "Le jeton de révision n'a pas été donné par ce service.",
    "The server is stopping.": "Le serveur s'arrête.",
    "The version was published with another content; publish a newer one.": (
        "Cette version a été publiée avec un autre contenu ; publiez-en une plus récente."
    ),
    "What is published never changes: raise its version by one.": "Ce qui est publié ne change jamais : augmentez sa version d'un.",
    "Who belongs together cannot be had.": "On ne peut pas savoir qui va ensemble.",
}

CONSENT: Final[dict[str, str]] = {**_HELP, **_REPORTS, **_ERRORS}
