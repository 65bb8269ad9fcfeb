"""Lay out a network part by part: those that hang together each by itself, packed in rows."""

from __future__ import annotations

import networkx as nx
import numpy as np


def component_layout(graph: nx.Graph, *, aspect: float = 1.4) -> dict[str, np.ndarray]:
    """Lay out each connected part by itself, then pack the parts in rows, largest first."""
    parts = sorted((sorted(p) for p in nx.connected_components(graph)), key=len, reverse=True)
    if not parts:
        return {}
    side = np.sqrt([len(p) for p in parts])
    corners = min(
        (_shelves(side, width) for width in np.cumsum(side)),
        key=lambda c: max((c[:, 0] + side).max() / aspect, (c[:, 1] + side).max()),
    )
    place: dict[str, np.ndarray] = {}
    for part, size, corner in zip(parts, side, corners, strict=True):
        inner = nx.kamada_kawai_layout(_ordered(graph, part), weight=None)
        scaled = _turned(np.array([inner[c] for c in part])) * 0.8 + 0.1
        x, y = corner[0] + size * scaled[:, 0], -(corner[1] + size * scaled[:, 1])
        place |= {name: np.array(xy) for name, xy in zip(part, zip(x, y, strict=True), strict=True)}
    return place


def _ordered(graph: nx.Graph, nodes: list[str]) -> nx.Graph:
    """Return a part of a graph, nodes and edges in order: a layout begins from it.

    ``graph.subgraph`` keeps nodes in the order of a set, which is another in every process.
    """
    part = nx.Graph()
    part.add_nodes_from(nodes)
    part.add_edges_from(sorted(tuple(sorted(edge)) for edge in graph.subgraph(nodes).edges))
    return part


def _turned(points: np.ndarray) -> np.ndarray:
    """Turn points, and scale them into a unit square, so that names beside them keep apart.

    Names are written across: of the turns whose closest two nodes in height are far apart
    (nearly as far as any turn makes them), the narrowest.
    """
    turns = []
    for angle in np.deg2rad(np.arange(0, 180, 3)):
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        turned = points @ turn
        turned = (turned - turned.min(0)) / max(float(np.ptp(turned, axis=0).max()), 1e-9)
        gap = float(np.diff(np.sort(turned[:, 1])).min()) if len(points) > 1 else 0.0
        turns.append((gap, turned))
    widest = max(gap for gap, _ in turns)
    apart = [turned for gap, turned in turns if gap >= 0.8 * widest]
    return min(apart, key=lambda turned: np.ptp(turned[:, 0]))


def _shelves(side: np.ndarray, width: float) -> np.ndarray:
    """Return the corner (x, y down) of squares put in rows of at most ``width``."""
    corners, x, y, tallest = [], 0.0, 0.0, 0.0
    for size in side:
        if x and x + size > width + 1e-9:
            x, y, tallest = 0.0, y + tallest, 0.0
        corners.append((x, y))
        x, tallest = x + size, max(tallest, float(size))
    return np.array(corners)
