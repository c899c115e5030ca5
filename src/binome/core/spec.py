"""Specs rebuild a plug-in from a file; their hash names what the plug-in made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


def canonical_json(value: Any) -> str:
    """JSON with sorted keys and no spaces: equal values give equal bytes.

    Raises:
        TypeError: for a value that JSON cannot hold.
        ValueError: for NaN or an infinity, which JSON cannot hold either.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """SHA-256, in hexadecimal, of a value's canonical JSON."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


@dataclass(frozen=True)
class Spec:
    """What is needed to build a plug-in again: its kind (`explainer`), its name and its parameters."""

    kind: str
    name: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {"kind": self.kind, "name": self.name, "params": dict(self.params)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Spec:
        return cls(kind=data["kind"], name=data["name"], params=dict(data.get("params", {})))

    @property
    def key(self) -> str:
        """64 hexadecimal digits that change with the kind, the name or any parameter."""
        return digest(self.as_dict())
