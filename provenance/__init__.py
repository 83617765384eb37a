"""Sign, verify and trace C2PA Content Credentials.

    import provenance

    report = provenance.verify("picture.jpg")
    report.state            # "Valid"; None when there is no manifest
    report.to_dict()        # the JSON that `provenance verify --format json` prints
    for report in provenance.verify_many(["pictures"]): ...    # all cores, bounded memory

    signer = provenance.LocalSigner.from_files(key="es256.key.pem", chain="es256.chain.pem")
    provenance.sign("in.png", "out.png", {"generator": {"name": "Painter"}}, signer=signer)

    lineage = provenance.trace("picture.jpg")
    lineage.contributors()  # everyone behind it, and how surely that is known
    lineage.split("100.00").shares

A name is imported when it is first used: whoever verifies does not load what signing needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from provenance.version import VERSION as __version__

if TYPE_CHECKING:
    from provenance.batch.many import verify_many
    from provenance.batch.sign_many import sign_many
    from provenance.batch.sign_task import SignOutcome
    from provenance.build.definition import ManifestDefinition
    from provenance.build.identity import IdentitySigner
    from provenance.build.reveal import RevealResult, reveal
    from provenance.build.sign import SignReceipt, sign, sign_bytes, strip
    from provenance.build.store import attach, detach
    from provenance.build.update import redact, timestamp, update
    from provenance.cose.signer import CallbackSigner, LocalSigner, Signer
    from provenance.errors import (
        CredentialError,
        DefinitionError,
        LimitError,
        MalformedError,
        ProvenanceError,
        SigningError,
        SplitError,
        UnsupportedFormatError,
    )
    from provenance.keys import open_signer
    from provenance.limits import Limits
    from provenance.pipeline.from_metadata import definition_from
    from provenance.policy import Policy, PolicyError
    from provenance.profiles import Profile, ProfileError, load_profile
    from provenance.rights.accepting import accept
    from provenance.rights.lineage import Lineage
    from provenance.rights.tracing import trace
    from provenance.trust.settings import TrustSettings
    from provenance.validate.finding import Finding
    from provenance.validate.policy_result import PolicyResult
    from provenance.validate.results import ValidationState, VerificationReport
    from provenance.validate.run import verify
    from provenance.validate.status import Kind, Status

_HOMES = {
    "batch.many": ("verify_many",),
    "batch.sign_many": ("sign_many",),
    "batch.sign_task": ("SignOutcome",),
    "build.definition": ("ManifestDefinition",),
    "build.identity": ("IdentitySigner",),
    "build.reveal": ("RevealResult", "reveal"),
    "build.sign": ("SignReceipt", "sign", "sign_bytes", "strip"),
    "build.store": ("attach", "detach"),
    "build.update": ("redact", "timestamp", "update"),
    "cose.signer": ("CallbackSigner", "LocalSigner", "Signer"),
    "errors": (
        *("CredentialError", "DefinitionError", "LimitError", "MalformedError"),
        *("ProvenanceError", "SigningError", "SplitError", "UnsupportedFormatError"),
    ),
    "keys": ("open_signer",),
    "limits": ("Limits",),
    "pipeline.from_metadata": ("definition_from",),
    "policy": ("Policy", "PolicyError"),
    "profiles": ("Profile", "ProfileError", "load_profile"),
    "rights.accepting": ("accept",),
    "rights.lineage": ("Lineage",),
    "rights.tracing": ("trace",),
    "validate.policy_result": ("PolicyResult",),
    "trust.settings": ("TrustSettings",),
    "validate.finding": ("Finding",),
    "validate.results": ("ValidationState", "VerificationReport"),
    "validate.run": ("verify",),
    "validate.status": ("Kind", "Status"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "CallbackSigner",
    "CredentialError",
    "DefinitionError",
    "Finding",
    "IdentitySigner",
    "Kind",
    "LimitError",
    "Limits",
    "Lineage",
    "LocalSigner",
    "MalformedError",
    "ManifestDefinition",
    "Policy",
    "PolicyError",
    "PolicyResult",
    "Profile",
    "ProfileError",
    "ProvenanceError",
    "RevealResult",
    "SignOutcome",
    "SignReceipt",
    "Signer",
    "SigningError",
    "SplitError",
    "Status",
    "TrustSettings",
    "UnsupportedFormatError",
    "ValidationState",
    "VerificationReport",
    "__version__",
    "accept",
    "attach",
    "definition_from",
    "detach",
    "load_profile",
    "open_signer",
    "redact",
    "reveal",
    "sign",
    "sign_bytes",
    "sign_many",
    "strip",
    "timestamp",
    "trace",
    "update",
    "verify",
    "verify_many",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module 'provenance' has no attribute {name!r}")
    value = getattr(import_module(f"provenance.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
