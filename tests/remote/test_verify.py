"""Files and folders elsewhere: the reports of the same bytes here, and what is asked for them."""

import io
import os
import sys
import wave
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError, NoCredentialsError

import provenance
from provenance.batch.index import Index, Update
from provenance.batch.look import Look, Terms
from provenance.batch.walk import Wanted, batches, spread
from provenance.remote.address import absolute, is_address, join, split
from provenance.remote.blocks import BLOCK
from provenance.validate.results import ErrorKind, Location, ValidationState
from tests.batch.corpus import fill
from tests.build.workshop import MADE, picture, signer, trust
from tests.remote.counted import BROKEN, Asked, counted

MIB = 1 << 20
NOW = datetime.now(UTC)
HERE = "counted://all"


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("remote") / "all")


@pytest.fixture
def asked(local: Path) -> Iterator[Asked]:
    """The folder elsewhere."""
    found = (path for path in sorted(local.rglob("*")) if path.is_file())
    files = {f"all/{path.relative_to(local).as_posix()}": path.read_bytes() for path in found}
    with counted(**files) as noted:
        yield noted


def sound(size: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as stream:
        stream.setparams((1, 2, 44100, 0, "NONE", ""))
        stream.writeframes(bytes(size))
    return out.getvalue()


def names(folder: str, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()) -> list[str]:
    found = spread([folder], Wanted(include, exclude))
    return [one.path.removeprefix(f"{HERE}/") for one in found]


def test_the_reports_are_those_of_the_same_files_here(local: Path, asked: Asked) -> None:
    here = provenance.verify_many([local], ordered=True, trust=trust(), at=NOW)
    there = provenance.verify_many([HERE], ordered=True, trust=trust(), at=NOW)
    told = [one.to_dict() for one in there]
    for one, same in zip(told, here, strict=True):
        path = os.path.relpath(same.asset.path or "", local)
        assert one["asset"]["path"] == f"{HERE}/{path}"
        one["asset"]["path"] = same.asset.path
        assert one == same.to_dict()
    # A list for each folder, a range for each file and each sidecar that is read.
    assert (asked.lists, len(asked.ranges)) == (2, 9)
    assert asked.infos == 2  # is it a folder? how long is the sidecar?


def test_a_named_file_finds_its_sidecar(asked: Asked) -> None:
    report = provenance.verify(f"{HERE}/e.png", trust=trust(), at=NOW)
    assert (report.location, report.state) == (Location.SIDECAR, ValidationState.TRUSTED)
    assert report.asset.path == f"{HERE}/e.png"


def test_folders_are_walked_with_patterns(asked: Asked) -> None:
    assert names(HERE, include=("*.jpg",)) == ["inner/b.jpg"]
    assert names(HERE, include=("inner/*",)) == ["inner/b.jpg", "inner/d.png"]
    assert names(f"{HERE}/", exclude=("inner", "*.txt", "g.*")) == [
        *("a.png", "c.png", "e.png", "f.png", "lone.c2pa")
    ]
    assert names(f"{HERE}/*.png") == ["a.png", "c.png", "e.png", "f.png", "g.png"]
    assert names(f"{HERE}/**/*.jpg") == ["inner/b.jpg"]
    assert names(f"{HERE}/z*.png") == ["z*.png"]


def test_of_a_file_without_a_manifest_only_the_head_is_read() -> None:
    big = picture(1, "JPEG")[:-2] + bytes(40 * MIB) + b"\xff\xd9"
    with counted(**{"big.jpg": big}) as asked:
        assert provenance.verify("counted://big.jpg").location is Location.NONE
        assert asked.bytes == BLOCK
        assert asked.requests == 4  # size, a range, and for each of two sidecars: is it there?


def test_a_film_without_a_manifest_is_stepped_through() -> None:
    def box(kind: bytes, payload: bytes) -> bytes:
        return (8 + len(payload)).to_bytes(4) + kind + payload

    film = box(b"ftyp", b"isom\0\0\2\0isomiso2") + box(b"mdat", bytes(50 * MIB))
    film += box(b"free", bytes(10 * MIB)) + box(b"moov", box(b"mvhd", bytes(100)))
    with counted(**{"film.mp4": film}) as asked:
        assert provenance.verify("counted://film.mp4").location is Location.NONE
        assert asked.bytes <= 4 * BLOCK


def test_a_signed_file_is_fetched_once_in_large_ranges() -> None:
    out = io.BytesIO()
    provenance.sign(sound(30 * MIB), out, MADE, signer=signer(), verify_after=False)
    data = out.getvalue()
    with counted(**{"a.wav": data}) as asked:
        report = provenance.verify("counted://a.wav", trust=trust(), at=NOW)
        assert report.state is ValidationState.TRUSTED
        assert asked.bytes <= len(data) + 2 * BLOCK
        assert len(asked.ranges) <= 12


@pytest.mark.parametrize(
    ("raised", "told"),
    [
        (FileNotFoundError("x"), "no such file or directory"),
        (PermissionError("Forbidden"), "permission denied"),
        (TimeoutError(), "connection timed out"),
        (OSError(5, "Input/output error"), "input/output error"),
        (ClientError({"Error": {"Code": "SlowDown", "Message": "Slow"}}, "GetObject"), "slowdown"),
        (NoCredentialsError(), "unable to locate credentials"),
        (ValueError("two\nlines"), "two"),
    ],
)
def test_one_file_that_cannot_be_read_is_one_report(
    asked: Asked, raised: Exception, told: str
) -> None:
    BROKEN["/all/a.png"] = raised
    found = {one.asset.path: one for one in provenance.verify_many([HERE])}
    assert len(found) == 7
    (error,) = found[f"{HERE}/a.png"].errors
    assert error.kind is ErrorKind.IO
    assert error.message.startswith(f"{HERE}/a.png: ")
    assert told in error.message
    assert found[f"{HERE}/inner/b.jpg"].state is ValidationState.VALID


def test_a_folder_that_cannot_be_listed_is_one_report(asked: Asked) -> None:
    BROKEN["/all/inner"] = PermissionError("Forbidden")
    found = [one for one in provenance.verify_many([HERE]) if one.errors and not one.asset.format]
    assert [one.asset.path for one in found] == [f"{HERE}/inner"]
    assert [one.kind for one in found[0].errors] == [ErrorKind.IO]


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("gs://a/b.png", "needs gcsfs: pip install gcsfs"),
        ("nobody://a/b.png", "no file system is known for nobody://"),
        ("zip://a/b.png", "is no file system of its own"),
        ("simplecache://a", "is no file system of its own"),
        ("counted://all", "is a folder"),
    ],
)
def test_what_is_missing_is_a_sentence(asked: Asked, url: str, told: str) -> None:
    sys.modules.pop("gcsfs", None)
    with pytest.raises(OSError, match="://") as raised:
        provenance.verify(url)
    assert told in str(raised.value)
    (report,) = provenance.verify_many([url]) if url != HERE else [None]
    if report is not None:
        assert told in report.errors[0].message


def test_a_password_in_an_address_is_refused_and_not_shown() -> None:
    for scheme in ("sftp", "https", "s3"):
        (report,) = provenance.verify_many([f"{scheme}://me:sec@ret@host/a@b.png"])
        assert "has a password in it" in report.errors[0].message
        assert "sec" not in repr(report)
        assert report.asset.path == f"{scheme}://me:…@host/a@b.png"


def test_without_the_extra_a_sentence_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    (report,) = provenance.verify_many(["s3://bucket/a.png"])
    assert "pip install 'provenance-c2pa[remote]'" in report.errors[0].message


def test_a_name_with_two_colons_is_no_chain() -> None:
    with counted(**{"a::b.jpg": picture(1, "JPEG")}):
        assert provenance.verify("counted://a::b.jpg").asset.format == "image/jpeg"


def test_addresses_and_paths_are_told_apart() -> None:
    for one in ("s3://a", "memory:///a", "https://a.example/b.png", "gcs://b/c:d"):
        assert is_address(one)
    for other in ("a/b", "./s3://a", "c://a", "S3://a", "s3:/a", Path("s3://a"), b"s3://a", "://a"):
        assert not is_address(other)
    for path in ("s3://bucket/a/b.png", "memory://b.png", "/a/b.png"):
        assert join(*split(absolute(path))) == path
    assert absolute("s3://bucket/a/") == "s3://bucket/a"


def run(index: Path) -> tuple[set[str], int]:
    """What was looked at, and how many were known."""
    with Index.open(index, create=True) as held:
        terms = Terms(trust=trust(), at=NOW)
        update: Update[str] = Update(held, batches([HERE]), Look(terms, _path), roots=(HERE,))
        looked = {answer.facts.path for answer in update}
        for number in update.known:
            entry = held.entry(number)
            if entry is not None:
                assert entry.report()["asset"]["path"] == entry.path
        return looked, len(update.known)


def _path(examined: object) -> str:
    return ""


def test_an_index_knows_what_is_unchanged_from_the_list_alone(
    local: Path, asked: Asked, tmp_path: Path
) -> None:
    index = tmp_path / "i.db"
    looked, known = run(index)
    assert (len(looked), known) == (9, 0)
    asked.clear()
    assert run(index) == (set(), 9)
    assert not asked.ranges
    assert asked.lists == 2
    with counted(**{"all/c.png": picture(9), "all/e.c2pa": (local / "lone.c2pa").read_bytes()}):
        held_before = {f"{HERE}/c.png", f"{HERE}/e.png"}
        assert run(index)[0] == held_before


def test_an_index_that_names_an_address_leads_nowhere(asked: Asked) -> None:
    from provenance.batch.index_pictures import Lack, Subject, draw
    from provenance.batch.walk import mark_of

    mark = mark_of(f"{HERE}/a.png")
    assert mark is not None
    asked.clear()
    drawn = draw(Subject(1, f"{HERE}/a.png", mark, True, "image/png"))
    assert (drawn.picture, drawn.lack) == (None, Lack.UNREAD)
    assert asked.requests == 0
