"""How a command ends: exit codes, and what a failure looks like.

Exit codes (DESIGN §9.2; the defect's is sysexits' EX_SOFTWARE), stable for scripts:

====  =========================================================================================================
0     done
1     no: what was checked does not hold, or the change is more than its budget allows; nothing was changed
2     bad usage or input: another try needs other words, another file or another setting
3     a dependency cannot be reached or used: database, keys, port, linkage worker; another try may do
70    a defect in Entente
130   interrupted; what was acknowledged is kept
====  =========================================================================================================
"""

from __future__ import annotations

import traceback
from typing import Final

from consent.domain.catalogue import CatalogueError
from consent.domain.errors import ConsentError
from consent.domain.errors import Reason as ConsentReason
from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping_file import MappingError
from identity.ports.record_source import SourceFileError
from services.cli.language import Language
from services.cli.screen import Screen
from services.consent.error_catalog import CATALOG as CONSENT_CATALOG
from services.database import DatabaseError
from services.identity.error_catalog import CATALOG
from services.rpc.address import PortTakenError
from services.rpc.registry import RegistryError
from services.rpc.workers import StartFailedError
from services.settings import SettingsError
from services.wiring.certificates import CertificateError

DONE: Final = 0
CHECK_FAILED: Final = 1
BAD_INPUT: Final = 2
UNREACHABLE: Final = 3
DEFECT: Final = 70
INTERRUPTED: Final = 130

_UNREACHABLE = frozenset({Reason.STORE_UNAVAILABLE, Reason.KEY_RING_UNUSABLE, Reason.LINKER_FAILED})
_CONSENT_OUT = frozenset({ConsentReason.STORE_UNAVAILABLE, ConsentReason.DIRECTORY_UNAVAILABLE, ConsentReason.EVENT_ALTERED})
CONSENT_HINTS: Final = {
    ConsentReason.VERSION_IS_PUBLISHED: "What is published never changes: raise its version by one.",
    ConsentReason.EVENT_ALTERED: "Somebody changed the database by hand; nothing is decided upon it. Restore a backup.",
}
HINTS: Final = {
    Reason.CHURN_OVER_BUDGET: "Look at it with --dry-run; to let it through, raise --churn-budget.",
    Reason.KEY_RING_UNUSABLE: "Keys and database belong together: was one restored, moved or replaced without the other?",
    Reason.NOT_ENOUGH_DATA: "The default model serves until there are more records.",
    Reason.REQUEST_ID_REUSED: "Take a fresh request id for a different request.",
    Reason.JUDGEMENT_CONTRADICTS: "Judge the earlier pairs anew first, if they were wrong.",
}


class InputError(Exception):
    """What was typed cannot be used. ``what`` says why, ``hint`` what to do: texts with a French, into which ``values`` are put.

    A value called ``why`` is the system's own word for what it did not do (``OSError.strerror``); it is put into French, too.
    """

    def __init__(self, what: str, hint: str = "", **values: object) -> None:
        self.what = what
        self.hint = hint
        self.values = values
        super().__init__(what.format(**values))

    def told(self, language: Language) -> tuple[str, str]:
        """Return what and hint in a language."""
        values = {name: language.term(str(value)) if name == "why" else value for name, value in self.values.items()}
        return language.say(self.what, **values), language.say(self.hint, **values)


def told(screen: Screen, error: BaseException) -> int:
    """Show a failure and return the exit code."""
    match error:
        case InputError():
            what, hint = error.told(screen.language)
            screen.fail(what, hint=hint)
        case MappingError() | SourceFileError() | CatalogueError() | CertificateError():
            screen.fail(str(error))
        case IdentityError() | ConsentError():
            return _of_a_context(screen, error)
        case DatabaseError():
            screen.fail(f"{error.what} ({error.where})", hint=error.remedy)
            return UNREACHABLE
        case PortTakenError() | StartFailedError():
            screen.fail(str(error))
            return UNREACHABLE
        case SettingsError() | RegistryError():
            for fault in error.faults:
                screen.fail(fault)
        case _:
            _defect(screen, error)
            return DEFECT
    return BAD_INPUT


def _of_a_context(screen: Screen, error: IdentityError | ConsentError) -> int:
    """Show an error of a context by its catalogue's sentence, its reason and its facts, which may be shown."""
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    text = screen.language.text
    if isinstance(error, ConsentError):
        sentence, hint = text(CONSENT_CATALOG[error.reason].sentence), text(CONSENT_HINTS.get(error.reason, ""))
    else:
        sentence, hint = text(CATALOG[error.reason].sentence), _hint(screen.language, error)
    screen.fail(f"{sentence} [{error.reason.value}{'; ' + facts if facts else ''}]", hint=hint)
    if error.reason in _UNREACHABLE or error.reason in _CONSENT_OUT:
        return UNREACHABLE
    return CHECK_FAILED if error.reason is Reason.CHURN_OVER_BUDGET else BAD_INPUT


def _hint(language: Language, error: IdentityError) -> str:
    """Say what to do: two commands have a budget, and what ``ingest --full`` would delete is ``absent``."""
    facts = error.facts
    if error.reason is Reason.CHURN_OVER_BUDGET and "absent" in facts:
        return language.say(
            "{absent} of {stored} records would be deleted; is the file whole? To let it through, raise --deletion-budget.",
            absent=facts["absent"],
            stored=facts.get("stored", ""),
        )
    return language.text(HINTS.get(error.reason, ""))


def _defect(screen: Screen, error: BaseException) -> None:
    """Tell an unexpected error by its type and where it passed; its text and values may be personal."""
    frames = [
        f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)[-8:]
    ]
    screen.fail(screen.language.say("This is a defect in Entente: {kind}.", kind=type(error).__name__), hint="\n  ".join(frames))
