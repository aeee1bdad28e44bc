"""The French of what the commands that verify say: English text → French text, same placeholders."""

from __future__ import annotations

from typing import Final

VERIFY: Final[dict[str, str]] = {
    "Are these the keys of who issued it? If they are, this is not what was issued.": (
        "Ces clés sont-elles celles de qui l'a remis ? Si oui, ce n'est pas ce qui a été remis."
    ),
    "It may be of a newer version: verify it with that one.": "Il vient peut-être d'une version plus récente : à vérifier avec elle.",
    "It proves what was recorded then. Whether it still holds: entente decide.": (
        "Il prouve ce qui a été enregistré alors. Si cela vaut encore : entente decide."
    ),
    "Not valid: it was altered, or none of these keys signed it.": "Non valable : il a été modifié, ou aucune de ces clés ne l'a signé.",
    "Not valid: it was signed, but is no receipt as Entente writes them, at {at}.": (
        "Non valable : il a été signé, mais n'est pas un reçu tel qu'Entente les écrit, à {at}."
    ),
    "The keys are those of who issued the receipt.": "Les clés sont celles de qui a remis le reçu.",
    "The published keys (JWKS); those in the home if not said.": "Les clés publiées (JWKS) ; celles du dossier d'Entente si rien n'est dit.",
    "The receipt.": "Le reçu.",
    "Verify a receipt: that one of the keys signed exactly this, and what it says. Exit code 1 if not.": (
        "Vérifie un reçu : qu'une des clés a signé exactement cela, et ce qu'il dit. Code de sortie 1 sinon."
    ),
    "Verify what Entente gave out, without asking it.": "Vérifie ce qu'Entente a remis, sans le lui demander.",
    "[bold green]Valid[/]: signed with key {key}, and not altered since.": (
        "[bold green]Valable[/] : signé avec la clé {key}, et non modifié depuis."
    ),
    "channels": "moyens",
    "expressed": "exprimé le",
    "recorded at": "enregistré le",
    "subject": "personne",
    "valid until": "valable jusqu'au",
    "{file} is longer than any receipt or key set": "{file} est plus long que tout reçu et tout jeu de clés",
    "{file} is no set of published keys": "{file} n'est pas un jeu de clés publiées",
}
