"""What a container says of the place where a store should be, as findings.

A handler knows bytes and no status codes; it leaves notes, and this is what they mean. They come
up only when no store was found anywhere: a promise that nothing keeps makes an asset invalid.
Source: C2PA 2.4 §A.7 to §A.9, §15.12.1.3; 2.5 §14.5.2.
"""

from collections.abc import Iterator, Mapping

from provenance.formats.base import Located, NoteKind
from provenance.validate.finding import Finding
from provenance.validate.status import Status

__all__ = ["check_located"]

_MEANING: Mapping[NoteKind, Status] = {
    "corrupted wrapper": Status.MANIFEST_TEXT_CORRUPTED_WRAPPER,
    "several wrappers": Status.MANIFEST_TEXT_MULTIPLE_WRAPPERS,
    "several elements": Status.MANIFEST_HTML_MULTIPLE_MANIFESTS,
    "lone delimiter": Status.MANIFEST_STRUCTURED_TEXT_NO_MANIFEST,
    "empty reference": Status.MANIFEST_STRUCTURED_TEXT_EMPTY_REFERENCE,
    "malformed reference": Status.MANIFEST_STRUCTURED_TEXT_MALFORMED_REFERENCE,
    "several references": Status.MANIFEST_STRUCTURED_TEXT_MULTIPLE_REFERENCES,
    "no way to reference": Status.MANIFEST_STRUCTURED_TEXT_NO_RESOLUTION_PATH,
    "broken checkpoint": Status.MANIFEST_APPEND_ONLY_TEXT_NO_SENTINEL,
    "unreadable text": Status.MANIFEST_INACCESSIBLE_MALFORMED,
}


def check_located(located: Located) -> Iterator[Finding]:
    """One finding a note; the explanation says where."""
    for note in located.notes:
        at = "" if note.span is None else f", at byte {note.span.start}"
        yield Finding(_MEANING[note.kind], None, note.told + at)
