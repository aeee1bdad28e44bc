"""Synthetic French people, as four silos would hold them, with the truth beside.

Promises the same bytes for the same seed on every machine; numbers and addresses that nobody owns; the difficulty of
real customer files (households above all). Never reads or copies data of real people.
"""

from services.demo.files import Manifest, SiloFiles, write_population
from services.demo.population import SourceRow, population

__all__ = ["Manifest", "SiloFiles", "SourceRow", "population", "write_population"]
