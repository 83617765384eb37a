"""What a file names elsewhere is not looked for unless somebody asks, and then with care."""

from pathlib import Path

import pytest

import provenance
from provenance.fetch import Door
from provenance.validate.results import Location, VerificationReport
from tests.attacks.away import BOX, beside, cloud, pointing
from tests.attacks.elsewhere import with_items
from tests.attacks.forge import Recipe, digest, the_forge
from tests.attacks.internet import OPEN
from tests.web import Reply, site


def told(report: VerificationReport, code: str) -> list[str]:
    return [one.explanation for one in report.findings if one.status.code == code]


def test_nobody_is_asked_unless_somebody_wants_it() -> None:
    with site(lambda _: Reply(BOX)) as there:
        assets = (with_items(the_forge(), cloud(there.url)), pointing(the_forge(), there.url))
        for asset in assets:
            provenance.verify(asset, trust=the_forge().trust)
    assert there.asked == []


def test_only_tls_is_spoken_with_what_carries_no_signature_of_its_own() -> None:
    with site(lambda _: Reply(BOX)) as there:
        report = provenance.verify(pointing(the_forge(), there.url), online=True)
        (why,) = told(report, "manifest.inaccessible")
        assert why.endswith("is not https")
        cloudy = with_items(the_forge(), cloud(there.url))
        report = provenance.verify(cloudy, trust=the_forge().trust, online=True)
        (why,) = told(report, "assertion.inaccessible")
        assert why.endswith("is not https")
    assert there.asked == []


def test_no_neighbour_is_spoken_to() -> None:
    with site(lambda _: Reply(BOX)) as there:
        door = Door(plain=True)
        report = provenance.verify(pointing(the_forge(), there.url), online=door)
        (why,) = told(report, "manifest.inaccessible")
        assert "private network" in why
    assert there.asked == []
    assert report.state == "Invalid"
    assert report.location is Location.REMOTE


def test_a_store_on_the_web_is_bounded() -> None:
    limits = provenance.Limits(store_bytes=1000)
    door = Door(plain=True, private=True, max_bytes=1000, seconds=5)
    with site(lambda _: Reply(bytes(100_000))) as there:
        asset = pointing(the_forge(), there.url)
        report = provenance.verify(asset, online=door, limits=limits)
    assert told(report, "manifest.inaccessible")


def test_a_store_on_the_web_serves_as_one_in_the_file() -> None:
    held: list[bytes] = []
    with site(lambda _: Reply(held[0])) as there:
        asset = pointing(the_forge(), there.url)
        from tests.attacks.forge import Binding

        held.append(the_forge().store(Recipe(), binding=Binding((), digest(asset))))
        report = provenance.verify(asset, trust=the_forge().trust, online=OPEN)
    assert (report.state, report.location) == ("Trusted", Location.REMOTE)
    assert report.remote_url == there.url
    (asked,) = there.asked
    assert "application/c2pa" in asked.headers["Accept"]


@pytest.mark.parametrize(
    "uri", ["link.css", "folder/../style.css", "none.css", "folder", "a" * 5000]
)
def test_nothing_is_opened_outside_the_folder(tmp_path: Path, uri: str) -> None:
    secret = tmp_path / "secret.css"
    secret.write_bytes(b"x")
    folder = tmp_path / "site"
    (folder / "folder").mkdir(parents=True)
    (folder / "link.css").symlink_to(secret)
    (folder / "style.css").write_bytes(b"x")
    asset = folder / "a.png"
    asset.write_bytes(with_items(the_forge(), beside(uri, b"x")))
    report = provenance.verify(asset, trust=the_forge().trust)
    code = "invalidURI" if ".." in uri else "inaccessible"
    assert told(report, f"assertion.linkedResourceIntegrity.{code}")
    assert not told(report, "assertion.linkedResourceIntegrity.match")
