"""A bundle ready for use: compiled once, shared by whoever resolves, assigns or explains."""

from __future__ import annotations

from identity.domain.model.bundle import Bundle
from identity.domain.model.codec import digest
from identity.domain.model.decision import Decider
from identity.domain.model.scorer import Scorer


class Model:
    """A bundle with its digest, scorer and decider. Safe to share between threads."""

    def __init__(self, bundle: Bundle) -> None:
        self.bundle = bundle
        self.digest = digest(bundle)
        self.scorer = Scorer(bundle)
        self.decider = Decider(bundle)
