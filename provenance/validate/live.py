"""Live video: each segment of a stream by what comes with it, in the order of the stream.

    manifest box    a manifest of its own, which names the one before
    emsg box        its hash, number and manifest, signed by a session key from a manifest before

A stream is live when its initialisation segment brings session keys, or a segment has one of the
two. Segments bound by Merkle trees are another matter, see `bmff_fragments`.
Source: C2PA 2.4 §19.7.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hmac import compare_digest

from provenance.bindings.bmff import cover, digest_covered
from provenance.cbor import Tag, decode
from provenance.cose import algorithms
from provenance.cose.sign1 import Sign1, parse, sig_structure
from provenance.digests import is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.carriers import STORES, Carrier, carriers, read_store
from provenance.formats.bmff.tree import BmffBox, top_level
from provenance.limits import Limits
from provenance.model.assertions.live_video import KEYS, SCHEME, SegmentInfo, SessionKey
from provenance.model.store import ManifestStore
from provenance.source import ByteSource
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.live_assertions import keys_of, segment_of
from provenance.validate.reading import Reading
from provenance.validate.results import ValidationState, state_of
from provenance.validate.revocation import statuses_in
from provenance.validate.signature import Signed
from provenance.validate.status import Status
from provenance.validate.time import tokens_by_manifest
from provenance.validate.walk import target_label, walk

__all__ = ["Judged", "check_live", "is_live"]

_KID, _IAT = 4, 6  # RFC 9052 §3.1; RFC 8392
_VALUE = b"fseg"
_UNFIT = frozenset(
    (Status.CLAIM_SIGNATURE_OUTSIDE_VALIDITY, Status.SIGNING_CREDENTIAL_OCSP_REVOKED)
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A manifest that was checked: what was found about it, and who signed it."""

    reading: Reading
    signed: Signed
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Is it valid?"""
        return state_of(self.findings) is not ValidationState.INVALID


Judge = Callable[[Context], Judged]


@dataclass(frozen=True, slots=True)
class _Parts:
    """What of a segment concerns us."""

    source: ByteSource
    stores: tuple[Carrier, ...]
    infos: tuple[bytes, ...]  # the messages of our emsg boxes

    @classmethod
    def of(cls, source: ByteSource, limits: Limits) -> "_Parts":
        """Look at the root boxes of a segment.

        Raises:
            MalformedError, LimitError: as `top_level`.
        """
        roots = top_level(source, limits)
        found = tuple(one for one in carriers(source, roots) if one.purpose in STORES)
        messages = (_message(source, box, limits) for box in roots if box.type == b"emsg")
        return cls(source, found, tuple(one for one in messages if one is not None))


def _message(source: ByteSource, box: BmffBox, limits: Limits) -> bytes | None:
    """The message of an `emsg` box of ours (19.4.2): version 0, two texts, four numbers."""
    length = box.end - box.body
    if length > limits.text_bytes:
        return None
    body = source.read(box.body, length)
    scheme, _, rest = body[4:].partition(b"\0")
    value, nul, rest = rest.partition(b"\0")
    ours = body[:1] == b"\0" and scheme == SCHEME and value == _VALUE and nul
    return rest[16:] if ours and len(rest) >= 16 else None


@dataclass(slots=True)
class _Stream:
    """What is known of a stream at some segment: this state is the point of the exercise."""

    manifest: str  # the label of the manifest that is active
    keys: dict[bytes, SessionKey] = field(default_factory=dict)
    label: str | None = None  # of the manifest of the segment before, if it had one
    number: int | None = None
    stream: str | None = None
    signed: int | None = None  # the number that the session key of the one before signed


def is_live(active: Reading, context: Context) -> bool:
    """Are the segments those of a live stream? One that is neither is for the hard binding."""
    if any(active.named(KEYS)):
        return True
    for one in context.fragments:
        try:
            parts = _Parts.of(one, context.limits)
        except (MalformedError, LimitError):
            continue
        if parts.stores or parts.infos:
            return True
    return False


def check_live(first: Judged, context: Context, judge: Judge) -> Iterator[Finding]:
    """Each segment in the order given, which is to be that of the stream.

    Args:
        first: the manifest of the initialisation segment.
        context: with the segments.
        judge: checks the manifest of a segment as any other.
    """
    if _has_media(context):
        told = "the initialisation segment has an mdat box"
        yield Finding(Status.LIVEVIDEO_INIT_INVALID, None, told)
    stream = _Stream(manifest=first.reading.manifest.label)
    yield from _take_keys(first, stream, context.limits)
    for one in context.fragments:
        yield from _check(one, stream, context, judge)


def _has_media(context: Context) -> bool:
    try:
        return any(box.type == b"mdat" for box in top_level(context.asset, context.limits))
    except (MalformedError, LimitError):
        return False  # its hard binding has told


def _check(
    source: ByteSource, stream: _Stream, context: Context, judge: Judge
) -> Iterator[Finding]:
    def wrong(why: str, code: Status = Status.LIVEVIDEO_SEGMENT_INVALID) -> Finding:
        return Finding(code, None, f"{source.name}: {why}")

    try:
        parts = _Parts.of(source, context.limits)
    except (MalformedError, LimitError) as error:
        yield wrong(str(error))
        return
    if not parts.stores and not parts.infos:
        yield wrong("it has neither a manifest nor signed words about it")
        return
    said: int | None = None
    if parts.stores:
        judged = _manifest_of(parts, context, judge)
        if isinstance(judged, str):
            yield wrong(judged, Status.LIVEVIDEO_MANIFEST_INVALID)
        elif not judged.holds:
            failed = next((one for one in judged.findings if one.failed), None)
            why = f"{failed.status.code} {failed.explanation}" if failed else "it is not valid"
            yield wrong(why, Status.LIVEVIDEO_MANIFEST_INVALID)
        else:
            yield from _continuity(judged, source, stream)
            yield from _take_keys(judged, stream, context.limits)
            held = segment_of(judged.reading)
            said = held[1].number if held else None
            stream.manifest = stream.label = judged.reading.manifest.label
    for message in parts.infos:
        problem = _check_info(message, source, stream, said, context)
        if problem:
            yield wrong(problem)


def _manifest_of(parts: _Parts, context: Context, judge: Judge) -> Judged | str:
    """The manifest in a segment, checked by all the rules for an asset; or why it cannot be."""
    try:
        data = read_store(parts.source, parts.stores, context.limits)
        if data is None:
            return f"{len(parts.stores)} manifest boxes"
        store = ManifestStore.parse(data, context.limits)
        if store.active is None:
            return "the store holds no manifest"
        chain = walk(store, store.active, context.limits)
        statuses = statuses_in(chain.readings)
    except (MalformedError, LimitError) as error:
        return str(error)
    return judge(
        replace(
            context,
            asset=parts.source,
            carriers=tuple(one.span for one in parts.stores),
            core=None,
            store=store,
            readings=chain.readings,
            redacted=chain.redacted,
            redacted_manifests=frozenset(filter(None, map(target_label, chain.redacted))),
            tokens=tokens_by_manifest(chain.readings),
            statuses=statuses,
            fragments=(),
            folder=None,
        )
    )


def _continuity(judged: Judged, source: ByteSource, stream: _Stream) -> Iterator[Finding]:
    """Does the segment come after the one before it? (19.7.2)"""
    held = segment_of(judged.reading)
    if held is None:
        return
    listed, said = held
    if stream.number is not None and said.number <= stream.number:
        told = f"{source.name}: number {said.number} comes after {stream.number}"
        yield Finding(Status.LIVEVIDEO_ASSERTION_INVALID, listed.url, told)
    if stream.stream is not None and said.stream != stream.stream:
        told = f"{source.name}: it is of stream {said.stream[:80]!r}, not {stream.stream[:80]!r}"
        yield Finding(Status.LIVEVIDEO_ASSERTION_INVALID, listed.url, told)
    if stream.number is not None and stream.label is not None and said.previous != stream.label:
        told = f"{source.name}: before it comes {stream.label}, not {str(said.previous)[:80]}"
        yield Finding(Status.LIVEVIDEO_SEGMENT_INVALID, None, told)
    stream.number, stream.stream = said.number, said.stream


def _take_keys(judged: Judged, stream: _Stream, limits: Limits) -> Iterator[Finding]:
    """Session keys of a manifest that holds; of another, none."""
    url = next((one.url for one in judged.reading.named(KEYS)), None)
    if url is None:
        return
    unfit = next((one for one in judged.findings if one.status in _UNFIT), None)
    if unfit is not None:
        told = f"the certificate behind the keys: {unfit.status.code}"
        yield Finding(Status.LIVEVIDEO_SESSIONKEY_INVALID, url, told)
    if judged.holds and judged.signed.judgement is not None:
        leaf = judged.signed.judgement.leaf.der
        stream.keys |= {one.kid: one for one in keys_of(judged.reading, leaf, limits)}


def _check_info(
    message: bytes, source: ByteSource, stream: _Stream, said: int | None, context: Context
) -> str:
    """What is wrong with the signed words about a segment; empty when nothing is (19.7.3)."""
    if not stream.keys:
        return "there is no valid session key"
    try:
        sign1 = parse(message, context.limits)
        kid = sign1.unprotected.get(_KID)
        key = stream.keys.get(kid) if isinstance(kid, bytes) else None
        if key is None:
            return f"its session key {kid!r:.60} is not known"
        if not _verifies(sign1, key):
            return "its session key does not verify what is signed"
        info = SegmentInfo.read(decode(sign1.payload or b"", context.limits))
        return (
            _differs(info, key, stream, said)
            or _outside(sign1, key)
            or _hash(info, source, context.limits)
        )
    except (MalformedError, LimitError) as error:
        return str(error)


def _verifies(sign1: Sign1, key: SessionKey) -> bool:
    alg = algorithms.by_cose_id(sign1.algorithm_id)
    if alg is None or not sign1.payload:
        return False
    signed = sig_structure(sign1.protected_raw, sign1.payload)
    return algorithms.verify(alg, key.key, sign1.signature, signed)


def _differs(info: SegmentInfo, key: SessionKey, stream: _Stream, said: int | None) -> str:
    before, stream.signed = stream.signed, info.number
    if info.number < key.first_number:
        return f"number {info.number}, and its session key begins with {key.first_number}"
    if before is not None and info.number <= before:
        return f"number {info.number} comes after {before}"
    if said is not None and said != info.number:
        return f"number {info.number}, and its manifest says {said}"
    if info.manifest != stream.manifest:
        return f"it goes with {info.manifest[:80]}, not with {stream.manifest}"
    return ""


def _outside(sign1: Sign1, key: SessionKey) -> str:
    """Was it signed while the key was valid, as far as it says when?

    The standard asks this of the presentation time, which no segment has as a date; what a
    segment may have is the moment at which it was signed.
    """
    seconds = sign1.protected.get(_IAT, sign1.protected.get("iat"))
    if isinstance(seconds, Tag) and seconds.number == 1:
        seconds = seconds.value
    if isinstance(seconds, bool) or not isinstance(seconds, (int, float)):
        return ""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return "it was signed at no moment in time"
    if key.begins <= moment <= key.ends:
        return ""
    return f"signed at {moment:%Y-%m-%d %H:%M:%S UTC}, when its session key was not valid"


def _hash(info: SegmentInfo, source: ByteSource, limits: Limits) -> str:
    alg = info.hash.alg
    if not is_allowed(alg):
        return f"hash algorithm {alg!r:.40}"
    found = digest_covered(cover(source, info.hash.exclusions, limits), alg)
    same = compare_digest(found, info.hash.hash or b"")
    return "" if same else f"{source.size} bytes read, {alg} differs"
