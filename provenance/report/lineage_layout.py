"""Where to draw the nodes of a graph: in layers from the root down, with few crossings.

    layer 0            root
    layer 1        a         b          a node lies below all that lead to it
    layer 2          c   ·              · an edge that passes a layer, bent around what lies there

The same graph always gives the same picture. Source: Sugiyama, Tagawa and Toda, 1981; the places
within a layer are the least squares fit to those of its neighbours.
"""

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["HEIGHT", "WIDTH", "Drawing", "layout"]

WIDTH, HEIGHT = 190.0, 58.0  # of a node
_GAP, _LEVEL = 28.0, 128.0  # between nodes; from layer to layer
_BEND = 84.0  # room that a passing edge takes, with its label
_MARGIN = 16.0
_SWEEPS, _FITS = 8, 12

_Links = list[list[int]]  # neighbours of each node


@dataclass(frozen=True, slots=True)
class Drawing:
    """Centres of nodes, and the points that each edge passes, ends included."""

    width: float
    height: float
    nodes: tuple[tuple[float, float], ...]
    edges: tuple[tuple[tuple[float, float], ...], ...]


def layout(count: int, edges: Sequence[tuple[int, int]]) -> Drawing:
    """Place nodes, numbered from 0, the root.

    Args:
        count: how many nodes there are.
        edges: from and to, in any order; those that close a circle are drawn upwards.

    Time grows with the nodes and edges, and with the layers that edges pass.
    """
    rank = _ranks(count, edges)
    paths, down, up, rank = _bent(count, edges, rank)
    layers = _ordered(_layers(rank), down, up)
    x = _placed(layers, down, up, count)
    left = min((x[node] - _room(node, count) / 2 for node in range(len(rank))), default=0.0)
    shift = _MARGIN - left
    place = [
        (round(x[node] + shift, 1), round(_MARGIN + HEIGHT / 2 + level * _LEVEL, 1))
        for node, level in enumerate(rank)
    ]
    right = max((place[node][0] + _room(node, count) / 2 for node in range(len(rank))), default=0)
    return Drawing(
        width=round(right + _MARGIN, 1),
        height=round(2 * _MARGIN + HEIGHT + max(rank, default=0) * _LEVEL, 1),
        nodes=tuple(place[:count]),
        edges=tuple(tuple(place[node] for node in path) for path in paths),
    )


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The layer of each node: the longest way to it from above."""
    below: _Links = [[] for _ in range(count)]
    open_edges = [0] * count
    for start, end in edges:
        below[start].append(end)
        open_edges[end] += 1
    rank = [0] * count
    ready = deque(node for node in range(count) if not open_edges[node])
    done = [False] * count
    rest = iter(range(count))
    while True:
        if not ready:  # all that is left is in a circle, or behind one: cut it at the first
            first = next((node for node in rest if not done[node]), None)
            if first is None:
                return rank
            ready.append(first)
        node = ready.popleft()
        if done[node]:
            continue
        done[node] = True
        for end in below[node]:
            open_edges[end] -= 1
            if not done[end]:
                rank[end] = max(rank[end], rank[node] + 1)
                if not open_edges[end]:
                    ready.append(end)


def _bent(
    count: int, edges: Sequence[tuple[int, int]], rank: list[int]
) -> tuple[list[list[int]], _Links, _Links, list[int]]:
    """Bends for edges that pass layers: each edge's nodes, the links between layers, all ranks."""
    rank = [*rank]
    down: _Links = [[] for _ in range(count)]
    up: _Links = [[] for _ in range(count)]
    paths: list[list[int]] = []
    for start, end in edges:
        path = [start]
        for level in range(rank[start] + 1, rank[end]):
            path.append(len(rank))
            rank.append(level)
            down.append([])
            up.append([])
        path.append(end)
        paths.append(path)
        if rank[start] < rank[end]:
            for one, other in pairwise(path):
                down[one].append(other)
                up[other].append(one)
    return paths, down, up, rank


def _layers(rank: list[int]) -> list[list[int]]:
    layers: list[list[int]] = [[] for _ in range(max(rank, default=-1) + 1)]
    for node, level in enumerate(rank):
        layers[level].append(node)
    return layers


def _ordered(layers: list[list[int]], down: _Links, up: _Links) -> list[list[int]]:
    """Put each node near the middle of its neighbours, and keep what crosses least."""
    best, least = layers, _crossings(layers, down)
    for sweep in range(_SWEEPS):
        if not least:
            break
        layers = [[*layer] for layer in layers]
        towards = up if sweep % 2 == 0 else down
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            _sort(layer, layers, towards)
        crossing = _crossings(layers, down)
        if crossing < least:
            best, least = layers, crossing
    return best


def _sort(layer: list[int], layers: list[list[int]], links: _Links) -> None:
    at: dict[int, int] = {node: at for row in layers for at, node in enumerate(row)}
    middle = {
        node: sum(at[one] for one in links[node]) / len(links[node]) if links[node] else at[node]
        for node in layer
    }
    layer.sort(key=lambda node: (middle[node], at[node]))


def _crossings(layers: list[list[int]], down: _Links) -> int:
    at: Mapping[int, int] = {node: at for row in layers for at, node in enumerate(row)}
    found = 0
    for layer in layers:
        ends: list[int] = []
        for node in layer:
            below = sorted(at[one] for one in down[node])
            found += sum(len(ends) - bisect_right(ends, one) for one in below)
            for one in below:
                insort(ends, one)
    return found


def _placed(layers: list[list[int]], down: _Links, up: _Links, count: int) -> list[float]:
    x = [0.0] * len(down)
    for layer in layers:
        edge = 0.0
        for node in layer:
            x[node] = edge + _room(node, count) / 2
            edge += _room(node, count)
    for fit in range(_FITS):
        links = up if fit % 2 else down
        for layer in layers if fit % 2 else reversed(layers):
            wanted = [
                sum(x[one] for one in links[node]) / len(links[node]) if links[node] else x[node]
                for node in layer
            ]
            for node, place in zip(layer, _fitted(layer, wanted, count), strict=True):
                x[node] = place
    return x


def _fitted(layer: list[int], wanted: list[float], count: int) -> list[float]:
    """The places nearest to those wanted that keep the order and the room between.

    Neighbours that want to be too near become a block, which lies where its mean wants to be.
    """
    offset, offsets = 0.0, []
    for at, node in enumerate(layer):
        offset += (_room(layer[at - 1], count) + _room(node, count)) / 2 if at else 0.0
        offsets.append(offset)
    blocks: list[tuple[float, int]] = []  # sum of what is wanted, and how many
    for place, step in zip(wanted, offsets, strict=True):
        total, size = place - step, 1
        while blocks and blocks[-1][0] / blocks[-1][1] > total / size:
            more, number = blocks.pop()
            total, size = total + more, size + number
        blocks.append((total, size))
    starts = [total / size for total, size in blocks for _ in range(size)]
    return [start + step for start, step in zip(starts, offsets, strict=True)]


def _room(node: int, count: int) -> float:
    return WIDTH + _GAP if node < count else _BEND
