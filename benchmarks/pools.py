"""A folder checked by a pool of processes of a peer, as a user would write it.

    python benchmarks/pools.py c2pa-python|encypher-c2pa FOLDER ANCHORS.pem

Prints how many files came out how. Each process makes its trust settings once.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

__all__ = ["MIMES", "PEERS"]

MIMES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "tiff": "image/tiff",
    "svg": "image/svg+xml",
    "mp4": "video/mp4",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
}
_PROCESSES, _CHUNK = 2, 16
_work: Callable[[str], str | None]


def _c2pa(anchors: str) -> Callable[[str], str | None]:
    import c2pa

    settings = {
        "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
        "trust": {"trust_anchors": anchors},
    }
    context = c2pa.Context.from_dict(settings)

    def work(path: str) -> str | None:
        mime = MIMES[path.rpartition(".")[2]]
        try:
            with open(path, "rb") as stream, c2pa.Reader(mime, stream, context=context) as reader:
                state: str | None = reader.get_validation_state()
                return state
        except c2pa.C2paError.ManifestNotFound:
            return None

    return work


def _encypher(anchors: str) -> Callable[[str], str | None]:
    os.environ["ENCYPHER_C2PA_TELEMETRY"] = "off"
    os.environ["ENCYPHER_C2PA_ONLINE"] = "off"
    import encypher_c2pa

    def work(path: str) -> str | None:
        with open(path, "rb") as stream:
            data = stream.read()
        mime = MIMES[path.rpartition(".")[2]]
        report = encypher_c2pa.verify(
            data, mime, trust_pem=anchors, no_default_trust=True, online=False
        )
        state: str | None = report["validation_state"]
        return state

    return work


PEERS = {"c2pa-python": _c2pa, "encypher-c2pa": _encypher}


def _begin(peer: str, anchors: str) -> None:
    global _work  # a pool has no other place for what a process makes once
    _work = PEERS[peer](anchors)


def _one(path: str) -> str | None:
    return _work(path)


def main() -> None:
    """Check every file of a folder."""
    peer, folder, anchors = sys.argv[1:]
    files = sorted(str(path) for path in Path(folder).rglob("*") if path.is_file())
    arguments = (peer, Path(anchors).read_text())
    with get_context("spawn").Pool(_PROCESSES, _begin, arguments) as pool:
        found = Counter(pool.imap_unordered(_one, files, chunksize=_CHUNK))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
