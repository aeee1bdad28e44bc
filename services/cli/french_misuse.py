"""The French of the command line parser: the form of its English sentences → French."""

from __future__ import annotations

from typing import Final

MISUSE: Final[tuple[tuple[str, str], ...]] = (
    (r"No such option: (?P<name>\S+)(?: \(Possible options: (?P<near>.+)\))?", "Option inconnue : {name}."),
    (r"No such command '(?P<name>.*)'\.", "Commande inconnue : « {name} »."),
    (r"Missing command\.", "Il manque la commande."),
    (r"Missing option (?P<name>'.+?')\.(?:.*)", "Il manque l'option {name}."),
    (r"Missing argument (?P<name>'.+?')\.(?:.*)", "Il manque l'argument {name}."),
    (r"Option (?P<name>'.+?') does not take a value\.", "L'option {name} ne prend pas de valeur."),
    (r"Option (?P<name>'.+?') requires an argument\.", "L'option {name} demande une valeur."),
    (r"Got unexpected extra argument\(s\) \((?P<words>.*)\)", "Arguments en trop : {words}."),
    (r"Invalid value for (?P<name>'.+?'): (?:Value error, )?(?P<reason>.*)", "Valeur inutilisable pour {name} : {reason}"),
    (r"Input should be greater than or equal to (?P<least>\S+)", "il faut au moins {least}."),
    (r"Input should be less than or equal to (?P<most>\S+)", "il faut au plus {most}."),
    (r"Input should be a valid integer.*", "il faut un nombre entier."),
    (r"Input should be a valid number.*", "il faut un nombre."),
    (r"(?P<value>'.*') is not one of (?P<choice>.*)\.", "{value} n'est pas parmi {choice}."),
)
