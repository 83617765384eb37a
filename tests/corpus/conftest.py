"""The corpus and the trust settings its expectations were made with."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import provenance
from tests.conftest import SHARED

CORPUS = SHARED / "corpus"


@lru_cache
def entries() -> tuple[dict[str, Any], ...]:
    """The files of expected.json; none where there is no corpus."""
    index = CORPUS / "expected.json"
    if not index.exists():
        return ()
    return tuple(json.loads(index.read_text("utf-8"))["files"])


@pytest.fixture(scope="session")
def corpus(shared: Path) -> Path:
    """Where the corpus lies."""
    return shared / "corpus"


@pytest.fixture(scope="session")
def primary(corpus: Path) -> provenance.TrustSettings:
    """The profile "primary" of the corpus."""
    trust = corpus / "trust"
    return provenance.TrustSettings.load(
        anchors=[trust / "anchors.pem"],
        allowed=trust / "allowed.pem",
        eku_config=trust / "store.cfg",
        identity_anchors=[trust / "cawg_anchors.pem"],
        identity_allowed=trust / "cawg_allowed.pem",
    )
