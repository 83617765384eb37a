"""What is wrong between a BMFF hash and a file, and what the checks of it share."""

from dataclasses import dataclass

from provenance.cbor import decode_padded
from provenance.digests import HashAlg, is_allowed
from provenance.errors import LimitError, MalformedError
from provenance.formats.bmff.carriers import Carrier
from provenance.limits import Limits
from provenance.model.assertions.bmff_hash import BmffMerkleMap, MerkleRow
from provenance.source import ByteSource
from provenance.validate.status import Status

__all__ = ["Problem", "alg_of", "malformed", "mismatch", "read_merkle"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A failure, before it has the assertion's URL."""

    status: Status
    told: str


def mismatch(told: str) -> Problem:
    """The file is not what was signed."""
    return Problem(Status.BMFF_HASH_MISMATCH, told)


def malformed(told: str) -> Problem:
    """The assertion, or a merkle box that belongs to it, breaks a rule."""
    return Problem(Status.BMFF_HASH_MALFORMED, told)


def alg_of(row: MerkleRow, usual: HashAlg) -> HashAlg:
    """The algorithm of a tree, which has been looked at already."""
    return row.alg if is_allowed(row.alg) else usual


def read_merkle(
    source: ByteSource, carrier: Carrier, limits: Limits
) -> BmffMerkleMap | MalformedError | LimitError:
    """What a merkle box says, or what is wrong with it."""
    if carrier.data.length > limits.text_bytes:
        return LimitError("merkle box", f"{carrier.data.length} bytes", offset=carrier.box.start)
    try:
        data = source.read(carrier.data.start, carrier.data.length)
        return BmffMerkleMap.read(decode_padded(data, limits))
    except MalformedError as error:
        return MalformedError(error.what, error.problem, offset=carrier.box.start)
