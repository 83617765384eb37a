"""IPTC's own fields in XMP for what an AI system made: who, with what words, of which kind.

`AISystemUsed`, `AISystemVersionUsed`, `AIPromptInformation`, `DigitalSourceType`; Google writes a
credit line. They say little, so that every other dialect comes first.
Source: IPTC Photo Metadata Standard 2025.1, "AI" properties.
"""

import re

from provenance.generation.record import GenerationRecord
from provenance.generation.texts import Texts
from provenance.generation.values import text

__all__ = ["read"]

_ALGORITHMIC = re.compile(r"(?:trained|composite\w*)Algorithmic\w*|compositeSynthetic|dataDriven")
_GOOGLE = "Made with Google AI"


def read(texts: Texts) -> GenerationRecord | None:
    """See `provenance.generation.dialects`."""
    system = text(texts.get("iptc:AISystemUsed", carrier="xmp"))
    kind = text(texts.get("iptc:DigitalSourceType", carrier="xmp"))
    prompt = text(texts.get("iptc:AIPromptInformation", carrier="xmp"))
    credit = text(texts.get("photoshop:Credit", "2:110"))
    made = bool(kind and _ALGORITHMIC.search(kind.rsplit("/", 1)[-1]))
    if not (system or prompt or made or credit == _GOOGLE):
        return None
    tool = text(texts.get("xmp:CreatorTool", carrier="xmp"))
    named = system or ("Google Generative AI" if credit == _GOOGLE else tool if made else None)
    extra = {"digital_source_type": kind, "xmp_credit": credit}
    return GenerationRecord(
        family="iptc",
        generator=named or None,
        version=text(texts.get("iptc:AISystemVersionUsed", carrier="xmp")),
        prompt=prompt,
        extra={key: value for key, value in extra.items() if value},
    )
