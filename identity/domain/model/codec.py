"""Bundles as canonical JSON (RFC 8785), and back, strictly.

Rules
- Encoding is a function of the value: equal bundles give equal bytes, so their SHA-256 names them.
- Decoding refuses what it does not know: a field too many or too few, another type, another format, bytes that are not canonical.
- A condition carries its class name under ``is``; everything else is told by its place.
"""

from __future__ import annotations

import hashlib
import json
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union

import rfc8785

from identity.domain.errors import IdentityError, Reason
from identity.domain.model.bundle import Bundle
from identity.domain.model.levels import Condition

_TAG = "is"
_CONDITIONS = frozenset(typing.get_args(Condition))


def canonical(bundle: Bundle) -> bytes:
    """Return the bundle's canonical JSON."""
    return rfc8785.dumps(_plain(bundle))


def digest(bundle: Bundle) -> str:
    """Return the bundle's name: the hex SHA-256 of its canonical JSON."""
    return hashlib.sha256(canonical(bundle)).hexdigest()


def parse(document: bytes) -> Bundle:
    """Return the bundle that ``document`` is the canonical JSON of.

    Raises:
        IdentityError: ``BUNDLE_INVALID``.
    """
    try:
        bundle = _value(Bundle, json.loads(document), "bundle")
        if not isinstance(bundle, Bundle) or canonical(bundle) != document:
            raise IdentityError(Reason.BUNDLE_INVALID, why="not canonical")
    except (ValueError, TypeError, RecursionError, AttributeError, rfc8785.CanonicalizationError):
        raise IdentityError(Reason.BUNDLE_INVALID, why="not readable") from None
    return bundle


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    if is_dataclass(value) and not isinstance(value, type):
        content = {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
        return {_TAG: type(value).__name__, **content} if type(value) in _CONDITIONS else content
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _value(kind: Any, data: Any, where: str) -> Any:  # noqa: ANN401, PLR0911 - one case per kind of type
    origin = typing.get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union(kind, data, where)
    if origin is tuple:
        return _tuple(typing.get_args(kind), _expect(list, data, where), where)
    if origin is Mapping:
        of = typing.get_args(kind)[1]
        return {key: _value(of, item, where) for key, item in _expect(dict, data, where).items()}
    if is_dataclass(kind):
        return _dataclass(kind, _expect(dict, data, where))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(_expect(str, data, where))
    if kind is float and type(data) is int:
        return float(data)
    return _expect(kind, data, where)


def _union(kind: Any, data: Any, where: str) -> Any:  # noqa: ANN401 - a union of types, and JSON
    members = typing.get_args(kind)
    if data is None and type(None) in members:
        return None
    members = tuple(member for member in members if member is not type(None))
    if len(members) == 1:
        return _value(members[0], data, where)
    if type(data) in members:
        return data
    content = dict(_expect(dict, data, where))
    name = content.pop(_TAG, None)
    for member in members:
        if name == getattr(member, "__name__", None):
            return _value(member, content, where)
    raise IdentityError(Reason.BUNDLE_INVALID, why="unknown condition", where=where)


def _tuple(kinds: tuple[Any, ...], data: list[Any], where: str) -> tuple[Any, ...]:
    if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return tuple(_value(kinds[0], item, where) for item in data)
    if len(kinds) != len(data):
        raise IdentityError(Reason.BUNDLE_INVALID, why="length", where=where)
    return tuple(_value(kind, item, where) for kind, item in zip(kinds, data, strict=True))


def _dataclass(kind: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401 - any dataclass of the model
    hints = _hints(kind)
    if set(hints) != set(data):
        raise IdentityError(Reason.BUNDLE_INVALID, why="fields", where=kind.__name__)
    return kind(**{name: _value(hint, data[name], f"{kind.__name__}.{name}") for name, hint in hints.items()})


def _expect(kind: type, data: Any, where: str) -> Any:  # noqa: ANN401 - JSON
    if type(data) is not kind:
        raise IdentityError(Reason.BUNDLE_INVALID, why="type", where=where)
    return data


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)
