"""When was an identity assertion signed, as far as a time stamp of its own attests it?

Only `sigTst2` counts here: the older form stamps the claim, which this signature is not about.
Source: CAWG identity 1.3 §8.2; C2PA 2.2 §15.8.
"""

from dataclasses import dataclass
from datetime import datetime

from provenance.cbor import encode
from provenance.cose.sign1 import Sign1, sig_structure
from provenance.errors import MalformedError
from provenance.trust.cms import read_token
from provenance.trust.timestamp import Flaw, Verdict, check_token
from provenance.validate.context import Context

__all__ = ["Stamp", "own_stamp"]


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time stamp of an identity assertion, judged."""

    verdict: Verdict

    @property
    def time(self) -> datetime | None:
        """The moment, if it may be relied on."""
        return self.verdict.time if self.verdict.usable else None


def own_stamp(sign1: Sign1, context: Context, *, any_authority: bool = False) -> Stamp | None:
    """Read and judge the time stamp in an identity's signature; None when there is none.

    Args:
        sign1: the signature.
        context: whose word counts.
        any_authority: take any authority's word, as for the claims of version 1.
    """
    try:
        held = dict(sign1.time_stamps)
        if not held:
            return None
        if "sigTst2" not in held:
            raise MalformedError("time stamp", "sigTst, a form that identities do not have")
        token = read_token(held["sigTst2"], response=False)
    except MalformedError as error:
        return Stamp(Verdict(None, Flaw.MALFORMED, error.problem))
    message = sig_structure(sign1.protected_raw, encode(sign1.signature), "CounterSignature")
    anchors = None if any_authority else context.trust.tsa_by_subject
    return Stamp(check_token(token, (message,), anchors, context.limits))
