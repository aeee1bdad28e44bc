"""In which encoding a text file is: by its mark, else declared, else UTF-8 if all of it is, else what Western silos write.

The guess is honest, not clever: cp1252 decodes almost anything, so the report says that it was guessed.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE: Final = 1 << 20
_PROBE: Final = 4096
_SAMPLE: Final = 4 << 20
_BEYOND_ASCII: Final = re.compile(r"[^\x00-\x7f]")
_FAILING: Final = re.compile("[\udc80-\udcff]")
_CP1252_LACKS: Final = frozenset(b"\x81\x8d\x8f\x90\x9d")


def detect_encoding(path: Path, declared: str | None) -> tuple[str, str]:
    """Return the encoding to decode with, and how it is told in the report."""
    with path.open("rb") as file:
        head = file.read(_PROBE)
        mark = next((name for sign, name in _MARKS if head.startswith(sign)), None)
        if mark and (declared is None or _family(mark) == _family(declared)):
            return mark, f"{mark.removesuffix('-sig')} (by its mark)"
        if declared:
            return declared, declared
        for start, name in ((0, "utf-16-be"), (1, "utf-16-le")):  # Latin script in UTF-16: nearly every second byte is zero
            if head[start::2].count(0) * 2 > len(head[start::2]) > 0:
                return name, f"{name} (guessed)"
        file.seek(0)
        return _eight_bit(iter(lambda: file.read(_PIECE), b""))


def _eight_bit(pieces: Iterator[bytes]) -> tuple[str, str]:
    decoder = codecs.getincrementaldecoder("utf-8")()
    utf8, western = True, True
    for piece in pieces:
        if utf8:
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                utf8 = False
        western = western and not _CP1252_LACKS.intersection(piece)
    if utf8:
        return "utf-8", "utf-8"
    return ("cp1252", "cp1252 (guessed)") if western else ("latin-1", "latin-1 (guessed)")


@dataclass(frozen=True, slots=True)
class EncodingDoubt:
    """What speaks against an encoding: ``likelier`` is one that fits better, ``lost`` that there are letters nobody can bring back."""

    likelier: str = ""
    lost: bool = False


def doubt_encoding(path: Path, used: str, *, declared: bool) -> EncodingDoubt:
    """Look at the beginning of a file for signs that the encoding it is read with is not its own.

    Only what was declared is doubted. UTF-8 is when more of its bytes beyond ASCII fail to decode than do; an 8-bit encoding, which takes
    anything, is when all that is beyond ASCII decodes as UTF-8, which does not happen by chance.
    """
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    family = _family(used)
    if family.startswith(("utf16", "utf32")):
        return EncodingDoubt(lost="\ufffd" in codecs.getincrementaldecoder(used)("replace").decode(sample))
    text = codecs.getincrementaldecoder("utf-8")("surrogateescape").decode(sample)
    failing, lost = len(_FAILING.findall(text)), "\ufffd" in text
    sound = len(_BEYOND_ASCII.findall(text)) - failing
    if family == "utf8":
        return EncodingDoubt("cp1252" if declared and failing > sound else "", lost)
    return EncodingDoubt("utf-8" if declared and sound and not failing else "", lost and not failing)


def _family(name: str) -> str:
    try:
        return codecs.lookup(name).name.replace("-", "").removesuffix("sig").removesuffix("le").removesuffix("be")[:5]
    except LookupError:
        return name
