"""The script of the page: small files beside this one, joined in their order; no build tool."""

from __future__ import annotations

from importlib.resources import files

#: Each uses what stands before it.
FILES = (
    "block.js",
    "dom.js",
    "state.js",
    "frames.js",
    "table.js",
    "draw.js",
    "zoom.js",
    "forest.js",
    "selective.js",
    "benchmark.js",
    "heatmap.js",
    "network.js",
    "relations.js",
    "class.js",
    "compound.js",
    "gene.js",
    "query.js",
    "scatter.js",
    "map.js",
    "rest.js",
    "glance.js",
    "calibration.js",
    "input.js",
    "search.js",
    "main.js",
)


def script() -> str:
    """Return the page's script."""
    folder = files("svqvae.report.browser")
    return "\n".join(folder.joinpath(name).read_text(encoding="utf-8") for name in FILES)
