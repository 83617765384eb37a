"""Which version of the standard a claim follows: for the rules that came and went.

Source: C2PA 2.3 §10.2 (`specVersion` of the claim), 2.4 §10.2 (of `claim_generator_info`).
"""

import re
from datetime import UTC, datetime

from provenance.model.claim import Claim

__all__ = ["SpecVersion", "spec_version"]

SpecVersion = tuple[int, int]

_NUMBERS = re.compile(r"(\d{1,3})\.(\d{1,3})(?:\.|\Z)")
# When a version was published: what was signed before cannot follow it.
_PUBLISHED = (
    ((2, 4), datetime(2026, 4, 1, tzinfo=UTC)),
    ((2, 3), datetime(2025, 12, 1, tzinfo=UTC)),
)


def spec_version(claim: Claim | None, made: datetime | None) -> SpecVersion | None:
    """What the claim says, else the newest there was when it was signed, else None.

    Args:
        claim: of version 1 or 2; the first is as 1.4 had it.
        made: when it was signed, if a time stamp attests it.
    """
    if claim is None:
        return None
    info = claim.generator_info[0] if claim.generator_info else {}
    for told in (info.get("specVersion"), claim.spec_version):
        found = _NUMBERS.match(told) if isinstance(told, str) else None
        if found is not None:
            return int(found[1]), int(found[2])
    if claim.version == 1:
        return 1, 4
    if made is None:
        return None
    if made >= _PUBLISHED[0][1]:
        return None  # this one, or any later
    return next((one for one, day in _PUBLISHED if made >= day), (2, 2))
