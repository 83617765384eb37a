"""Merkle trees of a BMFF hash: parts of a file are leaves, and one row of the tree is signed.

    row 2                  H(H(ab)c)            a node without a sibling moves up unchanged
    row 1          H(ab)              c
    row 0      a          b           c         leaves

Leaves are hashed by as many threads as there are cores, where the source can be shared.
Source: C2PA 2.2 §A.5.4, §18.6.6; the order within a node from the reference and encypher alike.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from provenance.digests import HashAlg, digest, new_hasher, remembered
from provenance.source import ByteSource
from provenance.spans import Span

__all__ = ["climb", "in_parallel", "leaves", "proof", "tree"]

T = TypeVar("T")
R = TypeVar("R")

_RUN = 16 << 20  # bytes of leaves that one thread takes at a time
_MOST_RUNS = 1 << 10
_MOST_THREADS = 16


def tree(row: Sequence[bytes], alg: HashAlg) -> list[list[bytes]]:
    """All rows from the leaves up to the root."""
    rows = [list(row)]
    while len(rows[-1]) > 1:
        below = rows[-1]
        above = [digest(a + b, alg) for a, b in zip(below[::2], below[1::2], strict=False)]
        rows.append(above + below[len(above) * 2 :])
    return rows


def proof(rows: Sequence[Sequence[bytes]], location: int, up_to: int) -> tuple[bytes, ...]:
    """The siblings of a leaf and of the nodes above it, to reach row `up_to`; absent ones omitted.

    Args:
        rows: a whole tree.
        location: of the leaf.
        up_to: the number of a row, 0 for the leaves.
    """
    places = ((row, (location >> level) ^ 1) for level, row in enumerate(rows[:up_to]))
    return tuple(row[place] for row, place in places if place < len(row))


def climb(
    leaf: bytes, location: int, count: int, hashes: Sequence[bytes], length: int, alg: HashAlg
) -> tuple[int, bytes] | None:
    """Go up from a leaf by its proof to the row that was signed.

    Args:
        leaf: its digest.
        location: its index.
        count: leaves of the tree.
        hashes: the proof.
        length: nodes in the row that was signed.
        alg: of the tree.

    Returns:
        The index in that row and the digest there; None if location, proof or row do not fit.
    """
    if not 0 <= location < count:
        return None
    left = list(reversed(hashes))
    while count > max(length, 1):
        beside = location ^ 1
        if beside < count:
            if not left:
                return None
            other = left.pop()
            leaf = digest(other + leaf if location & 1 else leaf + other, alg)
        location, count = location // 2, (count + 1) // 2
    return (location, leaf) if count == length and not left else None


def leaves(source: ByteSource, start: int, sizes: Iterable[int], alg: HashAlg) -> Iterator[bytes]:
    """The digests of parts of a file that follow each other, in order.

    Args:
        source: the file.
        start: where the first part begins.
        sizes: bytes of each part.
        alg: a name on the allow-list.

    Raises:
        MalformedError: the asset ends before.
    """
    runs = list(_runs(start, sizes))

    def hashed(run: tuple[int, list[int]]) -> list[bytes]:
        at, parts = run
        key = ("leaves", alg, at, tuple(parts))
        row = remembered(source, key, lambda: b"".join(_hash_run(source, at, parts, alg)))
        size = len(row) // len(parts)
        return [row[place : place + size] for place in range(0, len(row), size)]

    for some in in_parallel(hashed, runs, shared=source.shared):
        yield from some


def _runs(start: int, sizes: Iterable[int]) -> Iterator[tuple[int, list[int]]]:
    """Parts in runs worth a thread's while."""
    sizes = list(sizes)
    enough = max(_RUN, sum(sizes) // _MOST_RUNS)
    run: list[int] = []
    length = 0
    for size in sizes:
        run.append(size)
        length += size
        if length >= enough or len(run) >= 1 << 16:
            yield start, run
            start, run, length = start + length, [], 0
    if run:
        yield start, run


def _hash_run(source: ByteSource, start: int, sizes: Sequence[int], alg: HashAlg) -> list[bytes]:
    found: list[bytes] = []
    blocks = source.blocks(Span(start, sum(sizes)))
    block = memoryview(b"")
    for size in sizes:
        hasher = new_hasher(alg)
        while size:
            if not block:
                block = next(blocks)
            part = block[:size]
            hasher.update(part)
            size -= len(part)
            block = block[len(part) :]
        found.append(hasher.digest())
    return found


def in_parallel(work: Callable[[T], R], items: Sequence[T], *, shared: bool) -> Iterator[R]:
    """Results in the order of the items, worked out on all cores; one by one if not `shared`."""
    threads = min(_cores(), len(items), _MOST_THREADS)
    if threads < 2 or not shared:
        yield from map(work, items)
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(threads) as pool:
        pending = [pool.submit(work, item) for item in items]
        try:
            for one in pending:
                yield one.result()
        finally:  # whoever saw enough does not wait for the rest
            pool.shutdown(wait=False, cancel_futures=True)


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1
