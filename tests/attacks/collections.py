"""Forgeries of the collection hash: archives whose files are not those that were signed.

The archives are made by Python's zipfile, and hashed here byte by byte: nothing of ours helps.
"""

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from tests.attacks.expect import Expect, attack
from tests.attacks.forge import Forge, Recipe, cbor, created, digest, nothing, urn

MISMATCH = {"assertion.collectionHash.mismatch"}
MALFORMED = {"assertion.collectionHash.malformed"}
INVALID_URI = {"assertion.collectionHash.invalidURI"}
COUNT = {"assertion.collectionHash.incorrectFileCount"}
NOT_COVERED = {"org.provenance-c2pa.collectionHash.notCovered"}

LABEL = "c2pa.hash.collection.data"
STORE = "META-INF/content_credential.c2pa"
FILES = {"mimetype": b"application/epub+zip", "one.txt": b"one " * 20, "two.txt": b"two " * 20}
Row = dict[str, Any]


def archive(files: Mapping[str, bytes]) -> bytes:
    """A ZIP; what is in it lies there as it is."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, data in files.items():
            made.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), data)
    return out.getvalue()


def row(name: str, data: bytes) -> Row:
    """A file as it is listed: local header and data."""
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        info = opened.getinfo(name)
    end = info.header_offset + 30 + len(name.encode()) + info.file_size
    return {"uri": name, "hash": digest(data[info.header_offset : end])}


def start_of_directory(data: bytes) -> int:
    return int.from_bytes(data[-6:-2], "little")


def crc_of_store(data: bytes) -> int:
    """Where the CRC of the store stands in the directory."""
    return data.rindex(STORE.encode()) - 46 + 16


def directory(data: bytes) -> bytes:
    """The digest of the directory, without that CRC."""
    at = crc_of_store(data)
    return digest(data[start_of_directory(data) : at] + data[at + 4 :])


def honest(data: bytes, names: Mapping[str, bytes]) -> Row:
    """The assertion as it should be."""
    uris = [row(name, data) for name in names]
    return {"alg": "sha256", "uris": uris, "zip_central_directory_hash": directory(data)}


def signed(
    forge: Forge,
    edit: Callable[[Row], object] = nothing,
    files: Mapping[str, bytes] = FILES,
    **recipe: Any,
) -> bytes:
    """A signed archive; `edit` is done to the assertion before it is signed."""
    label = urn()

    def store(data: bytes) -> bytes:
        content = honest(data, files)
        edit(content)
        return forge.store(Recipe(label=label, items=[created(), cbor(LABEL, content)], **recipe))

    length = len(store(archive({**files, STORE: b""})))
    blank = archive({**files, STORE: bytes(length)})
    return archive({**files, STORE: store(blank)})


def listing(*rows: Row) -> Callable[[Row], object]:
    return lambda content: content["uris"].extend(rows)


def naming(uri: str) -> Callable[[Row], object]:
    return lambda content: content["uris"][1].update(uri=uri)


def with_entry(data: bytes, name: str, content: bytes) -> bytes:
    """An archive that somebody added to."""
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a") as opened:
        opened.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


@attack("C2PA 2.4 §A.6.2: a sound collection hash")
def honest_archive(forge: Forge) -> Expect:
    """Nothing is wrong: what follows breaks what this one keeps."""
    return Expect(asset=signed(forge), state="Trusted")


@attack("C2PA 2.2 §A.6.2.2: the directory as it stands, the store's CRC as zeros")
def archive_of_the_older_standard(forge: Forge) -> Expect:
    """Before 2.4 the CRC was 0, and all of the directory was hashed."""

    def zeroed(data: bytes) -> bytes:
        at = crc_of_store(data)
        return data[:at] + bytes(4) + data[at + 4 :]

    label = urn()

    def store(data: bytes) -> bytes:
        whole = digest(zeroed(data)[start_of_directory(data) :])
        content = honest(data, FILES) | {"zip_central_directory_hash": whole}
        return forge.store(Recipe(label=label, items=[created(), cbor(LABEL, content)]))

    length = len(store(archive({**FILES, STORE: b""})))
    data = archive({**FILES, STORE: store(archive({**FILES, STORE: bytes(length)}))})
    return Expect(asset=zeroed(data), state="Trusted")


@attack("C2PA 2.2 §18.8.2: a map where the standard has a list")
def collection_as_a_map(forge: Forge) -> Expect:
    """The reference implementation writes it so."""

    def mapped(content: Row) -> None:
        content["uris"] = {one["uri"]: {"hash": one["hash"]} for one in content["uris"]}

    return Expect(asset=signed(forge, mapped), state="Trusted")


@attack("C2PA 2.5 §16.8: no algorithm of its own")
def collection_with_the_claims_algorithm(forge: Forge) -> Expect:
    """The claim's serves."""
    return Expect(asset=signed(forge, lambda content: content.pop("alg")), state="Trusted")


@attack("C2PA 2.2 §15.12.5.1: a file was changed")
def archive_file_changed(forge: Forge) -> Expect:
    """One letter of a text, and nothing in the directory."""
    return Expect(asset=signed(forge).replace(b"two two", b"two too", 1), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.5.1: a local header was changed")
def archive_local_header_changed(forge: Forge) -> Expect:
    """The time of a file, where only unpackers that read on the way see it."""
    data = bytearray(signed(forge))
    data[10] ^= 1
    return Expect(asset=bytes(data), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.5.2: a file that nobody signed")
def archive_file_added(forge: Forge) -> Expect:
    """The directory has one entry more."""
    return Expect(asset=with_entry(signed(forge), "three.txt", b"3"), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.5.2: a file exchanged for another of its name")
def archive_file_replaced(forge: Forge) -> Expect:
    """The old one still lies there; the directory points at the new."""
    data = signed(forge)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        files = {one: opened.read(one) for one in opened.namelist()}
    return Expect(asset=archive(files | {"two.txt": b"2"}), failures=MISMATCH)


@attack("C2PA 2.2 §15.12.5.1: a file is gone")
def archive_file_removed(forge: Forge) -> Expect:
    """It was listed, and the directory knew it."""
    data = signed(forge)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        files = {one: opened.read(one) for one in opened.namelist() if one != "two.txt"}
    return Expect(asset=archive(files), failures=MISMATCH | COUNT)


@attack("C2PA 2.2 §15.12.5.1: a file that never was")
def archive_lists_a_ghost(forge: Forge) -> Expect:
    """The list names one more than there are."""
    ghost = {"uri": "three.txt", "hash": bytes(32)}
    return Expect(asset=signed(forge, listing(ghost)), failures=COUNT)


@attack("C2PA 2.2 §15.12.5.1: a way out of the collection")
def collection_uri_climbs(forge: Forge) -> Expect:
    """Where the files are on a disk, this names another folder's."""
    return Expect(asset=signed(forge, naming("a/../../etc/passwd")), failures=INVALID_URI)


@attack("C2PA 2.2 §15.12.5.1: a way out, encoded")
def collection_uri_climbs_in_disguise(forge: Forge) -> Expect:
    """Decoding comes after a careless check."""
    return Expect(asset=signed(forge, naming("%2e%2e/one.txt")), failures=INVALID_URI)


@attack("C2PA 2.2 §15.12.5.1: a place that is not relative")
def collection_uri_is_absolute(forge: Forge) -> Expect:
    """It starts at the root."""
    return Expect(asset=signed(forge, naming("/one.txt")), failures=INVALID_URI)


@attack("C2PA 2.2 §15.12.5.1: a way out by the other slash")
def collection_uri_climbs_backwards(forge: Forge) -> Expect:
    """Some systems take it for a separator."""
    return Expect(asset=signed(forge, naming("..\\one.txt")), failures=INVALID_URI)


@attack("C2PA 2.2 §15.12.5.1: a place on the network")
def collection_uri_is_remote(forge: Forge) -> Expect:
    """Whoever follows it tells that the archive is being looked at."""
    return Expect(asset=signed(forge, naming("https://example.com/one.txt")), failures=INVALID_URI)


@attack("C2PA 2.2 §15.12.5.1: no list")
def collection_without_uris(forge: Forge) -> Expect:
    """Nothing is covered."""
    return Expect(asset=signed(forge, lambda row: row.pop("uris")), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.5.1: an empty list")
def collection_of_nothing(forge: Forge) -> Expect:
    """The standard wants one at the least."""
    return Expect(asset=signed(forge, lambda row: row["uris"].clear()), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.5.1: a file without a hash")
def collection_row_without_hash(forge: Forge) -> Expect:
    """It could be any file of that name."""
    asset = signed(forge, lambda row: row["uris"][1].pop("hash"))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §15.12.5.1: a hash without a file")
def collection_row_without_uri(forge: Forge) -> Expect:
    """Of which file?"""
    return Expect(asset=signed(forge, lambda row: row["uris"][1].pop("uri")), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.5.1: a file listed twice")
def collection_lists_a_file_twice(forge: Forge) -> Expect:
    """With two hashes, of which one may be right."""
    again = {"uri": "one.txt", "hash": bytes(32)}
    return Expect(asset=signed(forge, listing(again)), failures=MALFORMED)


@attack("C2PA 2.2 §15.12.5.2: no hash of the directory")
def archive_without_directory_hash(forge: Forge) -> Expect:
    """Files could be added and renamed."""
    asset = signed(forge, lambda row: row.pop("zip_central_directory_hash"))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §15.4: a broken digest")
def collection_by_md5(forge: Forge) -> Expect:
    """The files are hashed with something anybody can forge."""
    asset = signed(forge, lambda row: row.update(alg="md5"))
    return Expect(asset=asset, failures={"algorithm.unsupported"})


@attack("C2PA 2.2 §18.8: a collection that is a picture")
def collection_hash_in_a_picture(forge: Forge) -> Expect:
    """A PNG is made of no files."""
    content = {"alg": "sha256", "uris": [{"uri": "a", "hash": bytes(32)}]}
    asset = forge.png(Recipe(items=[created(), cbor(LABEL, content)]))
    return Expect(asset=asset, failures=MALFORMED)


@attack("C2PA 2.2 §A.6.2.1: a file that the signer did not list")
def archive_file_not_listed(forge: Forge) -> Expect:
    """Its name and size are bound by the directory, its content is not: that is said."""
    asset = signed(forge, lambda row: row["uris"].pop())
    return Expect(asset=asset, state="Trusted", notes=NOT_COVERED)


@attack("C2PA 2.2 §A.6.2.2: a program before the archive")
def archive_behind_a_program(forge: Forge) -> Expect:
    """No hash covers what lies before the first entry: that is said."""
    asset = b"#!/bin/run-me\n" + signed(forge)
    return Expect(asset=asset, state="Trusted", notes=NOT_COVERED)


@attack("C2PA 2.2 §A.6.2.2: bytes behind the archive")
def archive_with_a_tail(forge: Forge) -> Expect:
    """The end record is the last there is."""
    return Expect(asset=signed(forge) + b"tail", failures=MISMATCH)


@attack("C2PA 2.2 §A.6.2.2: another comment")
def archive_with_another_comment(forge: Forge) -> Expect:
    """Some programs show it."""
    data = signed(forge)
    return Expect(asset=data[:-2] + struct.pack("<H", 5) + b"trust", failures=MISMATCH)


@attack("C2PA 2.2 §15.12.5.2: two files have changed names")
def archive_names_exchanged(forge: Forge) -> Expect:
    """Each content was signed, under the other's name."""
    data = signed(forge)
    head, tail = data[: start_of_directory(data)], data[start_of_directory(data) :]
    tail = tail.replace(b"one.txt", b"xxx.txt").replace(b"two.txt", b"one.txt")
    return Expect(asset=head + tail.replace(b"xxx.txt", b"two.txt"), failures=MISMATCH)


@attack("PKWARE APPNOTE §4.3.1: entries that share bytes")
def archive_entries_overlap(forge: Forge) -> Expect:
    """Each points at the same data: hashing a thousand of these would take a thousand times."""
    data = bytearray(signed(forge))
    at = start_of_directory(bytes(data))
    for _ in range(2):
        at = data.index(b"PK\1\2", at + 1)
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as opened:
        one = opened.getinfo("one.txt")
    struct.pack_into("<I", data, at + 42, one.header_offset)
    data[at + 46 : at + 53] = b"one.txt"
    return Expect(asset=bytes(data), failures=MISMATCH)


@attack("C2PA 2.2 §15.12: media segments of an archive")
def archive_with_media_segments(forge: Forge) -> Expect:
    """No collection hash speaks of them: what is not checked must not pass for checked."""
    failures = {"org.provenance-c2pa.hardBinding.notChecked"}
    return Expect(asset=signed(forge), fragments=(b"segment",), failures=failures)
