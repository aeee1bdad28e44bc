"""Standardisation of what a source says about a person, French first, then any Latin script (DESIGN §4.2).

Promises: pure functions of their arguments, total on any text, ASCII lower case out, never an empty
string, and the same answer when fed their own output. Versioned as a whole by ``STANDARDISER_VERSION``:
whatever changes an output anywhere in this package raises it, and records that another version standardised are
then standardised anew wherever they are read (ADR 13).
Never: reads a clock, a file or the network, logs, or raises because of a value.
"""

from identity.domain.standardise.record import COLUMNS, STANDARDISER_VERSION, Given, standardise, standardise_all
from identity.domain.standardise.versioned import STANDARDISER, Standardiser

__all__ = ["COLUMNS", "STANDARDISER", "STANDARDISER_VERSION", "Given", "Standardiser", "standardise", "standardise_all"]
