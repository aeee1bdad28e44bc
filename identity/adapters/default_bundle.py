"""The bundle that ships with the product, so that the first resolve works before any training."""

from __future__ import annotations

from importlib.resources import files

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import parse


def default_bundle() -> Bundle:
    """Return the packaged bundle. It is canonical JSON without a signature: whoever can change it can change the code beside it.

    Raises:
        IdentityError: ``BUNDLE_NOT_FOUND`` if the package holds none, ``BUNDLE_INVALID`` if it is damaged.
    """
    document = files("identity.adapters").joinpath("bundles", "default.json")
    if not document.is_file():
        raise IdentityError(Reason.BUNDLE_NOT_FOUND, file="default.json")
    return parse(document.read_bytes())
