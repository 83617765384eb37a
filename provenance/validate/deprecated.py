"""Algorithms that are good still, and should not be used any more.

The standard's own list is empty; a validator may have more (`TrustSettings.deprecated`).
Source: C2PA 2.2 §15.4, §13.1, §13.2.
"""

from collections.abc import Iterator
from typing import Any

from provenance.cose import algorithms
from provenance.validate.assertions import hard_bindings
from provenance.validate.context import Context
from provenance.validate.finding import Finding
from provenance.validate.reading import Reading
from provenance.validate.signature import Signed
from provenance.validate.status import Status

__all__ = ["check_deprecated"]


def check_deprecated(reading: Reading, signed: Signed, context: Context) -> Iterator[Finding]:
    """Each such algorithm once for each box that names it."""
    listed = context.trust.deprecated
    if not listed:
        return
    for url, alg in dict.fromkeys(_named(reading, signed)):
        if alg in listed:
            yield Finding(Status.ALGORITHM_DEPRECATED, url, alg)


def _named(reading: Reading, signed: Signed) -> Iterator[tuple[str, str]]:
    if reading.claim is not None and reading.claim.alg is not None:
        yield reading.claim_url, reading.claim.alg
    if signed.sign1 is not None:
        row = algorithms.by_cose_id(signed.sign1.algorithm_id)
        if row is not None:
            yield reading.claim_url, row.name
    for one in reading.assertions:
        if one.ref.alg is not None:
            yield one.url, one.ref.alg
    for one in hard_bindings(reading):
        alg = _own(one.value)
        if alg is not None:
            yield one.url, alg


def _own(value: Any) -> str | None:
    alg = value.get("alg") if isinstance(value, dict) else None
    return alg if isinstance(alg, str) else None
