"""Words that people and programs write where they have no value; they are absent, not equal.

Rules
- A placeholder is the whole value, never a part of it ("Client" is one, "Clientis" is not).
- Where a word is also a rare name ("Null", "Inconnu", "Na") absence wins: a missing value costs a little
  recall, a shared placeholder joins strangers.
"""

from __future__ import annotations

from identity.domain.standardise.folding import spaced

_TABLE = """
inconnu|inconnue|inconnus|unknown|unk|anonyme|anonymous|anonymise|anonymisee|anonymized|anonymised|non renseigne|non renseignee
nonrenseigne|non communique|non connu|non connue|non precise|non precisee|non disponible|non applicable|non fourni|non determine
non defini|not provided|not available|not applicable|not known|undefined|unspecified|nr|n r|nc|n c|na|n a|nd|n d|nsp|n s p|neant|aucun
aucune|sans nom|sans prenom|sans adresse|sans objet|s o|blank|empty|null|none|nan|tbd|tbc|a completer|a renseigner|a definir
a supprimer|a saisir|en attente|voir note|voir notes|voir commentaire|test|tests|test test|essai|toto|foobar|dummy|exemple|azerty|qwerty
qwertz|asdf|qsdf|abc|abcd|client|cliente|clients|client client|client inconnu|client web|client internet|client divers|clients divers
client de passage|client passage|client comptoir|client anonyme|client test|client supprime|customer|utilisateur|unknown customer
particulier|divers|comptoir|vente comptoir|internaute|passager|ne pas utiliser|ne plus utiliser|ne pas contacter|ne pas appeler
ne plus appeler|do not use|do not contact|do not call|doublon|duplicate|supprime|supprimee|deleted|efface|effacee|removed|rgpd|gdpr
desactive|obsolete|nom|prenom|nom prenom|nom de famille|name|first name|last name|firstname|lastname|surname|adresse|address|city|email
mail|telephone|x|xx|z|zz|pas de nom|pas de prenom|pas d adresse|pas de mail|pas d email|pas de telephone|refuse|refusee|ne souhaite pas
idem|meme adresse|npai|n p a i|sdf|sans domicile fixe|poste restante|adresse inconnue|pas d adresse connue|adresse incomplete
"""
_PLACEHOLDERS = frozenset(_TABLE.strip().replace("\n", "|").split("|"))
_REPEATS = 3


def is_placeholder(folded: str) -> bool:
    """Whether a folded value stands for "no value": a known word, no letter or digit, or one character repeated."""
    words = folded if folded.isalnum() else spaced(folded)
    if not words or words in _PLACEHOLDERS:
        return True
    return words[0] == words[-1] and (letters := words.replace(" ", "")) == letters[0] * max(_REPEATS, len(letters))
