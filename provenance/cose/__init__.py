"""COSE_Sign1 as C2PA uses it: the claim signature, its algorithms, and who signs."""

from provenance.cose.algorithms import ALGORITHMS, Algorithm, by_cose_id, by_name, verify
from provenance.cose.sign1 import Sign1, encode_sign1, parse, sig_structure
from provenance.cose.signer import CallbackSigner, LocalSigner, Signer
from provenance.cose.signing import protected_header, sign_claim

__all__ = [
    "ALGORITHMS",
    "Algorithm",
    "CallbackSigner",
    "LocalSigner",
    "Sign1",
    "Signer",
    "by_cose_id",
    "by_name",
    "encode_sign1",
    "parse",
    "protected_header",
    "sig_structure",
    "sign_claim",
    "verify",
]
