"""The collection hash: how files are matched with rows, and hashed."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from provenance.bindings.collection import CollectionBinding, Rows, look_at
from provenance.cbor import encode
from provenance.errors import MalformedError
from provenance.formats import registry
from provenance.formats.base import Keep, Member, Members, Plan
from provenance.limits import DEFAULT_LIMITS
from provenance.model.assertions.collection_hash import CollectionHash, CollectionRow, leads_astray
from provenance.source import BufferSource
from provenance.spans import Span
from tests.formats.sample_zip import archive


def members(*files: Member, folder: str | None = None) -> Members:
    return Members(files=iter(files), folder=folder)


def row(uri: str) -> CollectionRow:
    return CollectionRow(uri, uri.encode())


def file(uri: str, *names: str) -> Member:
    return Member(uri=uri, size=0, names=names)


@pytest.mark.parametrize(
    ("signed", "found"),
    [
        ("a%20b", file("a%20b", "a b")),
        ("a b", file("a%20b", "a b")),  # as the reference writes it
        ("a%20b", file("a%2520b", "a%20b")),  # a name that looks encoded, written as it is
        ("%61", file("a", "a")),
        ("ü", file("%C3%BC", "ü")),
        ("folder", file("folder/", "folder/", "folder")),
    ],
)
def test_a_file_is_found_however_its_uri_is_spelled(signed: str, found: Member) -> None:
    assert Rows([row(signed)], members(found)).of(found) == row(signed)


def test_of_two_names_that_look_alike_each_has_its_row() -> None:
    both = [row("a%20b"), row("a%2520b")]
    rows = Rows(both, members())
    assert rows.of(file("a%20b", "a b")) == both[0]
    assert rows.of(file("a%2520b", "a%20b")) == both[1]


def test_so_they_do_where_nothing_is_encoded() -> None:
    both = [row("a b"), row("a%20b")]
    for listed in (both, both[::-1]):
        rows = Rows(listed, members())
        assert rows.of(file("a%20b", "a b")) == both[0]
        assert rows.of(file("a%2520b", "a%20b")) == both[1]


def test_uris_may_start_with_the_folder() -> None:
    rows = [row("data/a"), row("data/b")]
    assert Rows(rows, members(folder="data")).of(file("a", "a")) == rows[0]
    assert Rows([*rows, row("c")], members(folder="data")).of(file("a", "a")) is None


@pytest.mark.parametrize(
    "uri",
    [
        *("..", "a/../b", "./a", "a/.", "/a", "%2E%2e/a", "a/%2e%2e", "..\\a", "C:/a", "c:\\a"),
        *("https://example.com/a", "", "//host/a", "a\0b", "%2Fetc", "a/..%5Cb"),
    ],
)
def test_a_uri_that_leads_astray(uri: str) -> None:
    assert leads_astray(uri)


@pytest.mark.parametrize("uri", ["a", "a/b", ".hidden", "a..b", "...", "a//b", "a%20b", "x:y/z"])
def test_a_uri_that_does_not(uri: str) -> None:
    assert not leads_astray(uri)


def test_an_entry_may_be_hashed_without_its_descriptor() -> None:
    data = b"header and data, descriptor"
    one = Member(uri="a", names=("a",), size=27, span=Span(0, 27), shorter=Span(0, 15))
    for span in (one.span, one.shorter):
        assert span is not None
        hope = hashlib.sha256(data[: span.length]).digest()
        (found,) = look_at([(one, hope)], BufferSource(data), "sha256")
        assert found.digest == hope
    (found,) = look_at([(one, bytes(32))], BufferSource(data), "sha256")
    assert found.digest == hashlib.sha256(data).digest()


def test_files_are_hashed_in_order_and_as_they_are_asked_for(tmp_path: Path) -> None:
    for number in range(5000):
        (tmp_path / f"{number:04}").write_bytes(b"%d" % number)
    asked = 0

    def each() -> Iterator[tuple[Member, None]]:
        nonlocal asked
        for path in sorted(tmp_path.iterdir()):
            asked += 1
            yield Member(uri=path.name, names=(path.name,), size=0, path=path), None

    found = look_at(each(), BufferSource(b""), "sha512")
    first = next(found)
    assert first.digest == hashlib.sha512(b"0").digest()
    assert asked < 2000  # what comes later is not held
    rest = [first, *found]
    assert [one.member.uri for one in rest] == [f"{number:04}" for number in range(5000)]
    assert rest[-1].digest == hashlib.sha512(b"4999").digest()


@pytest.mark.parametrize("alg", ["sha256", "sha384", "sha512"])
def test_the_blank_is_as_long_as_the_truth(alg: str) -> None:
    data = archive(("a", "b" * 300), ("c d", bytes(70_000)))
    source, plan = BufferSource(data), Plan((Keep(Span(0, len(data))),))
    binding = CollectionBinding(alg, registry.find(source), DEFAULT_LIMITS)  # type: ignore[arg-type]  # it is one
    fitted = binding.fitted(source, plan)
    assert fitted is not binding
    assert fitted.fitted(source, plan) is fitted
    assert len(encode(fitted.blank())) == len(encode(fitted.bound(source, plan)))
    read = CollectionHash.read(fitted.bound(source, plan))
    assert [one.uri for one in read.rows] == ["a", "c%20d"]
    assert read.directory is not None


def test_an_archive_with_a_name_twice_is_not_signed() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = archive(("a", "b"), ("a", "c"))
    source = BufferSource(data)
    binding = CollectionBinding("sha256", registry.find(source), DEFAULT_LIMITS)
    with pytest.raises(MalformedError, match="two files are called 'a'"):
        binding.fitted(source, Plan(()))
