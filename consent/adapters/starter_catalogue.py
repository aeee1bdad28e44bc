"""The catalogue that a fresh deployment starts with, as package data."""

from __future__ import annotations

from importlib.resources import files

from consent.domain.catalogue import Catalogue
from consent.domain.catalogue_file import parse_catalogue

FILENAME = "starter.toml"


def starter_text() -> str:
    """Return the starter catalogue as TOML, comments and all: what an operator copies to begin with."""
    return files("consent.adapters").joinpath("catalogues", FILENAME).read_text("utf-8")


def starter_catalogue() -> Catalogue:
    """Return the starter catalogue.

    Raises:
        CatalogueError: if the package is damaged.
    """
    return parse_catalogue(starter_text(), FILENAME)
