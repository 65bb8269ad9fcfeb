"""Pieces of the page: skeleton, figures as data URIs, tables that the page's script sorts."""

from __future__ import annotations

import base64
import html
import re
from importlib.resources import files
from pathlib import Path

import jinja2
import pandas as pd

#: Larger SVGs (maps of many points) are shown as PNG.
_MAX_SVG = 200_000
#: Rows of a table on the page; the whole table is in the results folder.
_MAX_ROWS = 200
#: Longer tables scroll in a box of their own.
_SHORT = 12

_INTERVAL = re.compile(r"-?[\d.]+ \[")


def with_interval(value: float, low: float, high: float) -> str:
    """Return a figure and its interval as the page's tables show them; empty where unknown."""
    return "" if pd.isna(value) else f"{value:.3f} [{low:.3f}, {high:.3f}]"


def environment() -> jinja2.Environment:
    """Return where the page's skeleton is found; what it is given is escaped."""
    loader = jinja2.PackageLoader("svqvae", "report")
    return jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )


def asset(name: str) -> str:
    """Return a text file of the page."""
    return files("svqvae.report").joinpath(name).read_text(encoding="utf-8")


def image(stem: Path) -> str:
    """Return a data URI of a figure: its SVG, or its PNG where the SVG is large."""
    svg = stem.with_name(f"{stem.name}.svg")
    if svg.stat().st_size <= _MAX_SVG:
        return f"data:image/svg+xml;base64,{base64.b64encode(svg.read_bytes()).decode()}"
    png = stem.with_name(f"{stem.name}.png")
    return f"data:image/png;base64,{base64.b64encode(png.read_bytes()).decode()}"


def table_html(table: pd.DataFrame) -> str:
    """Return an HTML table that the page's script sorts and filters."""
    head = "".join(f"<th>{html.escape(str(c))}</th>" for c in table.columns)
    body = "".join(
        "<tr>" + "".join(_cell(v) for v in row) + "</tr>"
        for row in table.head(_MAX_ROWS).itertuples(index=False)
    )
    note = ""
    if len(table) > _MAX_ROWS:
        note = f"<p class='note'>The first {_MAX_ROWS} of {len(table):,} rows.</p>"
    height = " tall" if len(table) > _SHORT else ""
    return (
        f"<div class='scroll{height}'><table class='data'><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div>{note}"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        text = "" if pd.isna(value) else f"{value:.3g}"
        return f"<td class='number'>{text}</td>"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"<td class='number'>{value:,}</td>"
    kind = " class='interval'" if _INTERVAL.match(str(value)) else ""
    return f"<td{kind}>{html.escape(str(value))}</td>"
