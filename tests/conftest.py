"""What all tests share: no network, one corpus folder, one hypothesis profile."""

import ipaddress
import os
import socket
from pathlib import Path

import pytest
from hypothesis import settings

SHARED = Path(__file__).parents[2] / "shared"

settings.register_profile("house", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "house"))


@pytest.fixture(autouse=True)
def network_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches beyond this machine: what tries to is a bug."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if self.family != socket.AF_UNIX:
            host = str(address[0]) if isinstance(address, tuple) else str(address)
            if not ipaddress.ip_address(host).is_loopback:
                raise AssertionError(f"a test wanted to reach {address!r}")
        connect(self, address)  # type: ignore[arg-type]  # whatever the caller passed

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture(autouse=True)
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads the trust lists or the profiles of whoever runs it."""
    monkeypatch.setenv("PROVENANCE_DATA", str(Path(__file__).parent / "no such folder"))
    monkeypatch.setenv("PROVENANCE_CONFIG", str(Path(__file__).parent / "no such file"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared test data beside the checkout; skips where there is none."""
    if not SHARED.is_dir():
        pytest.skip("needs ../shared")
    return SHARED
