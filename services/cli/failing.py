"""How a command ends: exit codes, and what a failure looks like.

Exit codes: 0 done, 1 the check failed, 2 bad usage or input, 3 a dependency is unreachable (DESIGN §9.2).
"""

from __future__ import annotations

import traceback
from typing import Final

from identity.domain.errors import IdentityError, Reason
from identity.domain.mapping_file import MappingError
from identity.ports.record_source import SourceFileError
from services.cli.screen import Screen, literal
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

_UNREACHABLE = frozenset({Reason.STORE_UNAVAILABLE, Reason.KEY_RING_UNUSABLE, Reason.LINKER_FAILED})
HINTS: Final = {
    Reason.CHURN_OVER_BUDGET: "Look at it with --dry-run; to let it through, raise --churn-budget.",
    Reason.KEY_RING_UNUSABLE: "Keys and database belong together: was one restored, moved or replaced without the other?",
    Reason.NOT_ENOUGH_DATA: "The default model serves until there are more records.",
    Reason.REQUEST_ID_REUSED: "Take a fresh request id for a different request.",
    Reason.JUDGEMENT_CONTRADICTS: "Judge the earlier pairs anew first, if they were wrong.",
}


class InputError(Exception):
    """What was typed cannot be used. ``what`` says why, ``hint`` what to do."""

    def __init__(self, what: str, hint: str = "") -> None:
        self.what = what
        self.hint = hint
        super().__init__(what)


def told(screen: Screen, error: BaseException) -> int:
    """Show a failure and return the exit code."""
    match error:
        case InputError():
            screen.fail(error.what, hint=error.hint)
        case MappingError() | SourceFileError():
            screen.fail(str(error))
        case IdentityError():
            return _identity(screen, error)
        case DatabaseError():
            screen.fail(f"{error.what} ({error.where})", hint=error.remedy)
            return UNREACHABLE
        case PortTakenError() | StartFailedError():
            screen.fail(str(error))
            return UNREACHABLE
        case SettingsError() | RegistryError():
            for fault in error.faults:
                screen.fail(fault)
        case CertificateError():
            screen.fail(str(error))
        case _:
            _defect(screen, error)
    return BAD_INPUT


def _identity(screen: Screen, error: IdentityError) -> int:
    facts = ", ".join(f"{name}: {value}" for name, value in error.facts.items())
    text = screen.language.text
    sentence = text(CATALOG[error.reason].sentence)
    screen.fail(f"{sentence} [{error.reason.value}{'; ' + facts if facts else ''}]", hint=text(HINTS.get(error.reason, "")))
    if error.reason in _UNREACHABLE:
        return UNREACHABLE
    return CHECK_FAILED if error.reason is Reason.CHURN_OVER_BUDGET else BAD_INPUT


def _defect(screen: Screen, error: BaseException) -> None:
    """Tell an unexpected error by its type and where it passed; its text and values may be personal."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    screen.fail(screen.language.say("This is a defect in Entente: {kind}.", kind=type(error).__name__))
    for frame in frames:
        screen.note(literal(f"  {frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"))
