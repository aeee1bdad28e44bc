"""Whether versions may follow those that were published, and whether a version that says it is compatible is.

Rules
- A published version never changes; the next one has the next number (``Changes.altered`` tells who broke the first, a fault the second).
- A compatible version lets permissions that were given before stand. So it may take nothing more than they were given for: no new
  attribute, recipient or channel, no other ground, no longer keeping or term, no protection less (GDPR Art. 6(4), 13(3); CNIL,
  délibération 2020-092: another use is another consent).
- Whoever is shown a notice that is not compatible with the one before is asked anew: its purposes get new versions that are not either.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from consent.domain.catalogue import Catalogue, Fault, Place
from consent.domain.duration import parse_duration
from consent.domain.purpose import Minors, Notice, Published, Purpose

_STRICTER = {Minors.ALIKE: 0, Minors.JOINT: 1, Minors.NEVER: 2}
Version = TypeVar("Version", Purpose, Notice)


@dataclass(frozen=True, slots=True)
class Changes:
    """What publishing a catalogue would do. ``altered``: published versions that it gives another content (name, version)."""

    purposes: tuple[Purpose, ...]
    notices: tuple[Notice, ...]
    unchanged: int
    altered: tuple[tuple[str, int], ...]
    faults: tuple[Fault, ...]


def compare(published: Published, catalogue: Catalogue) -> Changes:
    """Return what a catalogue adds to what is published, and what forbids it."""
    new_purposes, old_purposes, altered_purposes = _sort(
        [(one.purpose_id, one, published.purposes.get(one.purpose_id, ())) for one in catalogue.purposes]
    )
    new_notices, old_notices, altered_notices = _sort(
        [(one.notice_id, one, published.notices.get(one.notice_id, ())) for one in catalogue.notices]
    )
    faults: list[Fault] = []
    for purpose in new_purposes:
        place, before = ("purposes", purpose.purpose_id), published.purpose(purpose.purpose_id)
        faults += _follows(place, purpose.version, before.version if before else 0)
        if before is not None and purpose.compatible and purpose.version == before.version + 1:
            faults += widened(before, purpose)
    for notice in new_notices:
        last = published.notice(notice.notice_id)
        faults += _follows(("notices", notice.notice_id), notice.version, last.version if last else 0)
        if last is not None and not notice.compatible:
            faults += _asked_anew(notice, new_purposes, published)
    return Changes(
        tuple(new_purposes), tuple(new_notices), old_purposes + old_notices, (*altered_purposes, *altered_notices), tuple(faults)
    )


def _sort(items: Sequence[tuple[str, Version, Sequence[Version]]]) -> tuple[list[Version], int, list[tuple[str, int]]]:
    """Return the versions that were not published, how many were, and those that were with another content."""
    new, unchanged, altered = [], 0, []
    for name, version, versions in items:
        before = next((one for one in versions if one.version == version.version), None)
        if before is None:
            new.append(version)
        elif before == version:
            unchanged += 1
        else:
            altered.append((name, version.version))
    return new, unchanged, altered


def _follows(place: Place, version: int, before: int) -> Iterator[Fault]:
    if version != before + 1:
        said = f"version {before} is the newest published" if before else "nothing is published yet"
        yield Fault((*place, "version"), f"version {version} cannot follow: {said}, so the next is version {before + 1}")


def widened(before: Purpose, new: Purpose) -> Iterator[Fault]:
    """Yield in what a version goes beyond the one before, so that permissions for that one cannot count for it."""
    yield from _added(new, "attributes", "attribute", new.attributes - before.attributes, "GDPR Art. 5(1)(c), 13(3)")
    yield from _added(new, "recipients", "recipient", new.recipients - before.recipients, "GDPR Art. 13(1)(e), 13(3)")
    yield from _added(new, "channels", "channel", new.channels - before.channels, "CPCE L34-5, C. conso. L223-1: consent is for a channel")
    if new.basis is not before.basis or new.soft_opt_in != before.soft_opt_in:
        yield _wider(new, "basis", f'changes the basis from "{before.basis}" to "{new.basis}"', "GDPR Art. 6, 13(1)(c)")
    if new.prospecting != before.prospecting:
        yield _wider(new, "prospecting", f"says prospecting = {str(new.prospecting).lower()}, unlike before", "GDPR Art. 6(4), 21(2)")
    keeps, kept = parse_duration(new.retention), parse_duration(before.retention)
    if keeps is None or kept is None or keeps.exceeds(kept):
        yield _wider(new, "retention", f"keeps data for {new.retention} instead of {before.retention}", "GDPR Art. 13(2)(a)")
    if before.valid_days is not None and (new.valid_days is None or new.valid_days > before.valid_days):
        yield _wider(new, "valid_days", "makes permissions last longer than was said", "GDPR Art. 7(1)")
    if _STRICTER[new.minors] < _STRICTER[before.minors]:
        yield _wider(
            new, "minors", f'asks less for children: "{new.minors}" instead of "{before.minors}"', "loi Informatique et Libertés art. 45"
        )
    if before.signal and not new.signal:
        yield _wider(new, "signal", "no longer heeds a refusal signal", "GDPR Art. 21(5)")
    dropped = sorted(set(before.obligations) - set(new.obligations))
    if dropped:
        yield _wider(new, "obligations", f"drops {', '.join(dropped)}", "GDPR Art. 13(3)")
    if new.notice != before.notice:
        yield _wider(new, "notice", f'is shown in notice "{new.notice}" instead of "{before.notice}"', "GDPR Art. 7(1), 13")


def _added(new: Purpose, key: str, what: str, names: Collection[str], law: str) -> Iterator[Fault]:
    for name in sorted(names):
        yield _wider(new, key, f'adds the {what} "{name}"', law)


def _wider(new: Purpose, key: str, what: str, law: str) -> Fault:
    place = ("purposes", new.purpose_id, key)
    return Fault(
        place, f"version {new.version} says it is compatible, but {what} ({law}): write compatible = false, and people are asked anew"
    )


def _asked_anew(notice: Notice, new: Sequence[Purpose], published: Published) -> Iterator[Fault]:
    renewed = {purpose.purpose_id for purpose in new if not purpose.compatible}
    shown = {purpose_id for purpose_id, versions in published.purposes.items() if versions and versions[-1].notice == notice.notice_id}
    asking = sorted(shown - renewed)
    if asking:
        named = ", ".join(asking)
        yield Fault(
            ("notices", notice.notice_id, "compatible"),
            f"version {notice.version} is not compatible with the one before, so neither are permissions given on that one: "
            f"publish new versions, not compatible either, of {named} together with it, or give the new text a name of its own",
        )
