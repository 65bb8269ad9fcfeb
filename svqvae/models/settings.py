"""Settings of a model: a frozen dataclass whose fields carry their default and their bounds."""

from __future__ import annotations

import math
import reprlib
from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any, TypeVar

from svqvae.errors import SvqvaeError, did_you_mean

N = TypeVar("N", int, float)
S = TypeVar("S", bound="ModelSettings")

#: The most that any number may be: beyond it arithmetic fails or memory does.
_MOST = 1e9
#: The most units, dimensions, trees of one kind.
MOST_UNITS = 100_000
#: What models of format 1 have in their cards and no model reads any more.
_RETIRED = {"kind", "net", "gamma"}
#: What cards of baselines and published models have since version 0.3.
_ADDED = {"balance"}


@dataclass(frozen=True)
class Bounds:
    """What values a setting may have: numbers of a range, or one of a few words."""

    least: float = 0.0
    most: float = _MOST
    is_open: bool = False
    words: tuple[str, ...] = ()

    def problem(self, value: Any) -> str | None:
        """Return what is wrong with a value of the right type; None if nothing is."""
        shown = reprlib.repr(value)
        if isinstance(value, str):
            return None if value in self.words else f"'{value}'{did_you_mean(value, self.words)}"
        if isinstance(value, float) and not math.isfinite(value):
            return f"{shown}, expected a number"
        if self.is_open and value <= 0:
            return f"{shown}, expected a number above 0"
        if value < 0:
            return f"{shown}, expected 0 or more"
        if value < self.least:
            return f"{shown}, expected {self.least:g} or more"
        return f"{shown}, expected at most {self.most:g}" if value > self.most else None


def positive(default: N, *, least: float = 0.0, most: float = _MOST) -> N:
    """Return a field for a number above 0."""
    bounds = Bounds(least=least, most=most, is_open=True)
    return field(default=default, metadata={"bounds": bounds})


def units(default: int) -> int:
    """Return a field for a number of units or dimensions, at least one."""
    return positive(default, most=MOST_UNITS)


def not_negative(default: N, *, most: float = _MOST) -> N:
    """Return a field for a number that may be 0."""
    return field(default=default, metadata={"bounds": Bounds(most=most)})


def share(default: float) -> float:
    """Return a field for a number from 0 to 1."""
    return not_negative(default, most=1)


def choice(default: str, *others: str) -> str:
    """Return a field for one of a few words."""
    return field(default=default, metadata={"bounds": Bounds(words=(default, *others))})


@dataclass(frozen=True, kw_only=True)
class ModelSettings:
    """Base of all; a model without settings of its own takes it as it is."""

    balance: float = share(0.5)  # calibration for signatures alike (0) or for classes alike (1)

    @staticmethod
    def unread(values: Mapping[str, Any]) -> set[str]:
        """Return the settings that change nothing, given the values of all."""
        return set()


@dataclass(frozen=True, kw_only=True)
class NetworkSettings(ModelSettings):
    """What every training by gradient has; what is no field here, a subclass may make one."""

    epochs: int = positive(300)
    batch_size: int = positive(256)
    lr: float = positive(1e-3, most=10)  # of Adam with amsgrad
    # constant, or cosine after a warm-up
    schedule = "constant"
    # auto: bf16 where the hardware multiplies it
    precision = "float32"
    # epochs without a better held-out loss after which training stops; 0: it does not
    patience = 0


def defaults(kind: type[ModelSettings], preset: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a preset: what it sets itself, and the fields' defaults."""
    return {one.name: preset.get(one.name, one.default) for one in fields(kind)}


def problems(
    kind: type[ModelSettings], name: str, preset: Mapping[str, Any], overrides: Mapping[str, Any]
) -> list[str]:
    """Return what is wrong with the settings that replace those of the preset ``name``."""
    known: dict[str, Field[Any]] = {one.name: one for one in fields(kind)}
    own = defaults(kind, preset)
    unread = kind.unread({**own, **overrides})
    found = []
    for key, value in overrides.items():
        if key not in known:
            hint = did_you_mean(key, known.keys() - unread)
            found.append(f"preset '{name}' has no setting '{key}'{hint}")
        elif key in unread:
            found.append(f"'{key}' is set, but convolutional nets do not read it; leave it out")
        elif problem := _problem(known[key], own[key], value):
            found.append(f"'{key}' is {problem}")
    return found


def _problem(known: Field[Any], example: Any, value: Any) -> str | None:
    """Return a setting's value and what is wrong with it."""
    wanted = type(example)
    numeric = wanted is float and isinstance(value, int) and not isinstance(value, bool)
    if type(value) is not wanted and not numeric:
        return f"{reprlib.repr(value)}, expected {wanted.__name__}, e.g. {example!r}"
    if "bounds" not in known.metadata:
        raise TypeError(f"{known.name}: give its default by positive(), share() or another of them")
    bounds: Bounds = known.metadata["bounds"]
    return bounds.problem(value)


def make(kind: type[S], name: str, preset: Mapping[str, Any], overrides: Mapping[str, Any]) -> S:
    """Return the settings of a preset with ``overrides`` in place of some.

    Raises
    ------
    SvqvaeError
        If a setting is unknown, never read, of the wrong type or out of its bounds; all of them.
    """
    if found := problems(kind, name, preset, overrides):
        raise SvqvaeError(found)
    return kind(**{**defaults(kind, preset), **overrides})


def of_card(
    kind: type[ModelSettings], preset: Mapping[str, Any], card: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the overrides that make a preset's settings those of a saved model.

    Raises
    ------
    SvqvaeError
        If settings are missing.
    """
    own = defaults(kind, preset)
    missing = sorted(own.keys() - card.keys() - _ADDED)
    if missing:
        raise SvqvaeError(f"its settings lack {', '.join(missing)}")
    left_out = (_RETIRED - own.keys()) | {"preset"}
    read = {k: v for k, v in card.items() if k not in left_out}
    unread = kind.unread({**own, **read})
    return {k: v for k, v in read.items() if k not in unread and not _same(v, own.get(k))}


def _same(one: object, other: object) -> bool:
    return type(one) is type(other) and one == other


def as_dict(settings: ModelSettings) -> dict[str, Any]:
    """Return the values by name."""
    return asdict(settings)
