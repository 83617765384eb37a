"""One development PKI and one workshop a test process."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import provenance
from provenance.trust.devpki import create
from tests.vectors.grid import Workshop


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    """Keys in all algorithms, and a folder to sign in."""
    pki = tmp_path_factory.mktemp("pki")
    create(pki, now=datetime.now(UTC))
    return Workshop(pki, tmp_path_factory.mktemp("signed"))


@pytest.fixture(scope="session")
def root(workshop: Workshop) -> bytes:
    """The development root, PEM."""
    return (workshop.pki / "root.pem").read_bytes()


@pytest.fixture(scope="session")
def trust(workshop: Workshop) -> provenance.TrustSettings:
    """Settings that trust the development root alone."""
    return provenance.TrustSettings.load(anchors=[workshop.pki / "root.pem"])


@pytest.fixture(scope="session")
def nobody() -> provenance.TrustSettings:
    """Settings that trust no one."""
    return provenance.TrustSettings.load(anchors=[])


@pytest.fixture(scope="session")
def root_path(workshop: Workshop) -> Path:
    """Where the development root lies."""
    return workshop.pki / "root.pem"
