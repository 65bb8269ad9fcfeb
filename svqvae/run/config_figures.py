"""How figures look by a configuration: kinds of file, colours, classes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from svqvae.errors import did_you_mean
from svqvae.pl.palette import DEFAULT, HEX, PALETTES
from svqvae.run.config_values import cut


def figures_of(config: Mapping[str, Any]) -> dict[str, Any]:
    """Return palette, kinds of file beside svg and png, and chosen classes of a configuration."""
    asked = config.get("analysis", {}).get("figures", {})
    return {
        "palette": asked.get("palette", DEFAULT),
        "kinds": tuple(k for k in dict.fromkeys(asked.get("format", ())) if k not in _ALWAYS),
        "classes": tuple(asked.get("classes", ())),
    }


_ALWAYS = ("svg", "png")


def problems(config: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the colours: names of palettes, and how a colour is written."""
    analysis = config.get("analysis")
    asked = analysis.get("figures") if isinstance(analysis, Mapping) else None
    palette = asked.get("palette") if isinstance(asked, Mapping) else None
    at = "analysis.figures.palette"
    if isinstance(palette, str):
        if palette in PALETTES:
            return []
        if HEX.fullmatch(palette):
            return [f"{at}: found one colour, '{palette}', expected a list of colours"]
        name = cut(palette, 60)
        return [f"{at}: no palette is called '{name}'{did_you_mean(palette[:60], PALETTES)}"]
    found: list[str] = []
    seen: set[str] = set()
    for k, colour in enumerate(palette if isinstance(palette, list) else ()):
        if not isinstance(colour, str) or not HEX.fullmatch(colour):
            said = cut(str(colour), 60)
            found.append(f"{at}.{k}: found '{said}', expected a colour as '#0072b2' (in quotes)")
        elif colour.lower() in seen:
            found.append(f"{at}.{k}: the colour '{colour}' is there twice")
        seen.add(str(colour).lower())
    return found
