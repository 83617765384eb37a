"""Digital source types: the short code a person types, and the URI a manifest holds.

Source: IPTC NewsCodes, digital source type; C2PA 2.2 §18.14.5.
"""

from difflib import get_close_matches

from provenance.errors import DefinitionError

__all__ = ["COMPOSITE_GENERATED", "EMPTY", "GENERATED", "source_type_uri"]

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_C2PA = "http://c2pa.org/digitalsourcetype/"
_CODES = (
    *("algorithmicMedia", "algorithmicallyEnhanced", "composite", "compositeCapture"),
    *("compositeSynthetic", "compositeWithTrainedAlgorithmicMedia", "computationalCapture"),
    *("dataDrivenMedia", "digitalArt", "digitalCapture", "digitalCreation", "humanEdits"),
    *("minorHumanEdits", "multiFrameCapture", "negativeFilm", "positiveFilm", "print"),
    *("screenCapture", "softwareImage", "trainedAlgorithmicMedia", "virtualRecording"),
)
_OURS = ("empty", "trainedAlgorithmicData")
_BY_CODE = {code.lower(): _IPTC + code for code in _CODES}
_BY_CODE |= {code.lower(): _C2PA + code for code in _OURS}

GENERATED = _IPTC + "trainedAlgorithmicMedia"
COMPOSITE_GENERATED = _IPTC + "compositeWithTrainedAlgorithmicMedia"
EMPTY = _C2PA + "empty"


def source_type_uri(text: str) -> str:
    """The URI that a code or a URI stands for.

    Raises:
        DefinitionError: a code nobody knows; says which was likely meant.
    """
    if text.startswith(("http://", "https://")):
        return text
    found = _BY_CODE.get(text.lower())
    if found is not None:
        return found
    names = {code.lower(): code for code in (*_CODES, *_OURS)}
    near = get_close_matches(text.lower(), names, n=1)
    hint = f"did you mean {names[near[0]]!r}?" if near else f"known: {', '.join(names.values())}"
    raise DefinitionError("digital_source_type", f"{text[:60]!r} is no code; {hint}")
