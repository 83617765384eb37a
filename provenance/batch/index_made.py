"""What leads to a work in an index: its file is read, or its id is taken as it is."""

import re

from provenance.batch.index_select import Made
from provenance.chain.account import claim_id
from provenance.chain.files import sha256_of
from provenance.chain.prints import binding_of
from provenance.validate.content import bound_manifest
from provenance.validate.run import examine

__all__ = ["made_of"]

_DIGEST = re.compile(r"(?:asset:)?(sha(?:256|384|512):[0-9a-f]+)")


def made_of(given: str) -> Made:
    """A work by the path of its file, by the id that `trace` shows, or by its manifest's label.

    Raises:
        OSError: it is no id, and the file cannot be read.
    """
    if given.startswith("claim:sha256:"):
        return Made(claims=(given,))
    if (digest := _DIGEST.fullmatch(given)) is not None:
        return Made(digests=(digest[1],))
    if given.startswith(("urn:c2pa:", "urn:uuid:")):
        return Made(labels=(given,))
    return _of_file(given)


def _of_file(path: str) -> Made:
    context = examine(path).context
    digests = [] if (whole := sha256_of(path)) is None else [f"sha256:{whole}"]
    active = next(iter(context.readings.values()), None) if context is not None else None
    if context is None or active is None:
        return Made(digests=tuple(digests))
    claims = [claim_id(active.manifest)]
    bound = bound_manifest(active, context)
    if bound is not None:  # what it updates is the same work
        claims.append(claim_id(bound.manifest))
        content = binding_of(bound)["content_digest"]
        digests += [content] if content else []
    return Made(claims=tuple(dict.fromkeys(claims)), digests=tuple(dict.fromkeys(digests)))
