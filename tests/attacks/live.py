"""Forgeries of live video: keys of somebody else, segments exchanged, repeated and left out."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from provenance.cbor import Tag
from tests.attacks.expect import Expect, attack
from tests.attacks.film import box
from tests.attacks.forge import NOW, Forge, Row, cbor, urn
from tests.attacks.stream import (
    INIT,
    KEYS,
    chained,
    emsg,
    init,
    keys,
    live,
    manifested,
    session_key,
    vouched,
)

STRANGER = ed25519.Ed25519PrivateKey.generate()
SEGMENT, MANIFEST = {"livevideo.segment.invalid"}, {"livevideo.manifest.invalid"}
ASSERTION = {"livevideo.assertion.invalid"}
METHOD, SESSION = {"livevideo.continuityMethod.invalid"}, {"livevideo.sessionkey.invalid"}


def of(forge: Forge, *segments: bytes, first: bytes | None = None, **how: Any) -> Expect:
    asset = init(forge) if first is None else first
    wrong = how.get("failures")
    return Expect(
        **(
            {"asset": asset, "state": "Invalid" if wrong else "Trusted", "fragments": segments}
            | how
        )
    )


@attack("C2PA 2.4 §19.4: a stream whose segments are vouched for")
def stream_of_words(forge: Forge) -> Expect:
    """Nothing is wrong."""
    return of(forge, *(vouched(forge, number) for number in (1, 2, 5)))


@attack("C2PA 2.4 §19.3: a stream whose segments have manifests")
def stream_of_manifests(forge: Forge) -> Expect:
    """Nothing is wrong: each names the one before."""
    return of(forge, *chained(forge), first=init(forge, cbor("org.example.note", {})))


@attack("C2PA 2.4 §19.2.2: a stream with both")
def stream_of_both(forge: Forge) -> Expect:
    """Nothing is wrong: a segment with a manifest, and the words of the next go with that one."""
    label = urn()
    segments = (
        vouched(forge, 1),
        manifested(forge, 2, INIT, label=label),
        vouched(forge, 3, lambda row: row.update(manifestId=label)),
    )
    return of(forge, *segments)


@attack("C2PA 2.4 §19.7.1: media in the initialisation segment")
def stream_with_media_in_init(forge: Forge) -> Expect:
    """What is shown first is vouched for by nothing that a stream has."""
    first = init(forge, more=box(b"mdat", b"frames"))
    return of(forge, vouched(forge, 1), first=first, failures={"livevideo.init.invalid"})


@attack("C2PA 2.4 §19.7.1: a segment that nobody signed")
def stream_with_bare_segment(forge: Forge) -> Expect:
    """It was put between those that are signed."""
    from tests.attacks.film import media_segment

    return of(forge, vouched(forge, 1), media_segment(2), vouched(forge, 3), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.2: words in a box of another form")
def stream_with_other_box(forge: Forge) -> Expect:
    """The value is not the one of these boxes, so these are not such words."""

    def other(message: bytes) -> bytes:
        return emsg(message, value=b"f")

    return of(forge, vouched(forge, 1, carried=other), failures=SEGMENT)


@attack("C2PA 2.4 §19.7.1: a segment that is cut")
def stream_with_cut_segment(forge: Forge) -> Expect:
    """A box reaches past its end."""
    return of(forge, vouched(forge, 1)[:-7], failures=SEGMENT)


@attack("C2PA 2.4 §19.7.3: frames of a segment were exchanged")
def stream_with_changed_segment(forge: Forge) -> Expect:
    """The words are those of the segment as it was."""
    segment = vouched(forge, 1).replace(b"frames", b"Frames", 1)
    return of(forge, segment, failures=SEGMENT)


@attack("C2PA 2.4 §19.7.3: words by a key that nobody vouched for")
def stream_by_unknown_key(forge: Forge) -> Expect:
    """A key of another name."""
    return of(forge, vouched(forge, 1, kid=b"key 9"), failures=SEGMENT)


@attack("C2PA 2.4 §19.7.3: words that the key did not sign")
def stream_by_stranger(forge: Forge) -> Expect:
    """The name of a good key, and another key."""
    return of(forge, vouched(forge, 1, key=STRANGER), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: words whose key has no name")
def stream_by_nameless_key(forge: Forge) -> Expect:
    """A list in its place."""
    return of(forge, vouched(forge, 1, kid=[1]), failures=SEGMENT)


@attack("C2PA 2.4 §19.7.3: a segment from before its key")
def stream_before_its_key(forge: Forge) -> Expect:
    """A recording from another day, numbered below what the key is for."""
    return of(forge, vouched(forge, 0), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: a segment that comes twice")
def stream_repeated(forge: Forge) -> Expect:
    """The number neither falls nor stays."""
    one = vouched(forge, 4)
    return of(forge, one, one, failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: segments the other way round")
def stream_reordered(forge: Forge) -> Expect:
    """What was first is shown second."""
    return of(forge, vouched(forge, 2), vouched(forge, 1), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: a segment of another manifest")
def stream_of_another_manifest(forge: Forge) -> Expect:
    """The words go with a manifest that is not the one that is active."""
    segment = vouched(forge, 1, lambda row: row.update(manifestId=urn()))
    return of(forge, segment, failures=SEGMENT)


@attack("C2PA 2.4 §19.7.3: words from when the key was not valid")
def stream_after_its_key(forge: Forge) -> Expect:
    """Signed, by its own word, a day later."""
    late = int((NOW + timedelta(days=1)).timestamp())
    return of(forge, vouched(forge, 1, protected={6: late}), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: words from when the key was valid")
def stream_within_its_key(forge: Forge) -> Expect:
    """Nothing is wrong."""
    return of(forge, vouched(forge, 1, protected={6: int(NOW.timestamp())}))


def changed_hash(change: Callable[[Row], object]) -> Callable[[Row], None]:
    def edit(row: Row) -> None:
        change(row["bmffHash"])

    return edit


@attack("C2PA 2.4 §19.4.1: words about a part of the segment")
def stream_without_our_box(forge: Forge) -> Expect:
    """The list of what is left out does not have the box of the words, so it cannot be it."""
    edit = changed_hash(lambda row: row["exclusions"].pop())
    return of(forge, vouched(forge, 1, edit), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: words with a tree")
def stream_with_tree(forge: Forge) -> Expect:
    """There is none in them."""
    tree = {"uniqueId": 1, "localId": 1, "count": 1, "hashes": [bytes(32)]}
    edit = changed_hash(lambda row: row.update(merkle=[tree]))
    return of(forge, vouched(forge, 1, edit), failures=SEGMENT)


@attack("C2PA 2.2 §13.1: words by an algorithm that is on no list")
def stream_by_md5(forge: Forge) -> Expect:
    """Its name in place of that of a good one."""
    edit = changed_hash(lambda row: row.update(alg="md5"))
    return of(forge, vouched(forge, 1, edit), failures=SEGMENT)


@attack("C2PA 2.4 §19.4.1: words without a number")
def stream_without_number(forge: Forge) -> Expect:
    """A field that must be there."""
    return of(forge, vouched(forge, 1, lambda row: row.pop("sequenceNumber")), failures=SEGMENT)


def bound_wrong(forge: Forge, change: Callable[[Row], object], **how: Any) -> Expect:
    first = init(forge, keys(session_key(forge, change, **how)))
    return of(forge, vouched(forge, 1), first=first, failures=SESSION | SEGMENT)


@attack("C2PA 2.4 §15.10.3.2.5: a key of somebody else")
def session_key_of_another(forge: Forge) -> Expect:
    """It is bound to a certificate that did not sign the manifest."""
    return bound_wrong(forge, lambda _: None, leaf=forge.other.chain[0])


@attack("C2PA 2.4 §15.10.3.2.5: a key that its owner did not bind")
def session_key_without_owner(forge: Forge) -> Expect:
    """Another key in its place: whoever put it there does not have it."""
    public = STRANGER.public_key().public_bytes_raw()
    return bound_wrong(forge, lambda row: row["key"].update({-2: public}))


@attack("C2PA 2.4 §18.25.2: a key without a name")
def session_key_without_name(forge: Forge) -> Expect:
    """No kid."""
    return bound_wrong(forge, lambda row: row["key"].pop(2))


@attack("C2PA 2.4 §18.25.2: a key of no kind")
def session_key_of_no_kind(forge: Forge) -> Expect:
    """A curve that signs nothing."""
    return bound_wrong(forge, lambda row: row["key"].update({-1: 4}))


@attack("C2PA 2.4 §18.25.2: a key without a beginning")
def session_key_without_date(forge: Forge) -> Expect:
    """No createdAt."""
    return bound_wrong(forge, lambda row: row.pop("createdAt"))


@attack("C2PA 2.4 §18.25.2: a key that began at no moment")
def session_key_with_bad_date(forge: Forge) -> Expect:
    """A date without a zone."""
    return bound_wrong(forge, lambda row: row.update(createdAt=Tag(0, "2026-01-01T00:00:00")))


@attack("C2PA 2.4 §18.25.2: a key that is valid without end")
def session_key_without_end(forge: Forge) -> Expect:
    """Longer than there is time."""
    return bound_wrong(forge, lambda row: row.update(validityPeriod=1 << 62))


@attack("C2PA 2.4 §18.25.2: a binding that is none")
def session_key_without_binding(forge: Forge) -> Expect:
    """Bytes in its place."""
    return bound_wrong(forge, lambda row: row.update(signerBinding=b"\x01"))


@attack("C2PA 2.4 §18.25.2: two keys of one name")
def session_keys_of_one_name(forge: Forge) -> Expect:
    """Which of them is meant? The manifest does not hold, so that neither serves."""
    first = init(forge, keys(session_key(forge), session_key(forge)))
    return of(forge, vouched(forge, 1), first=first, failures=SESSION | SEGMENT)


@attack("C2PA 2.4 §18.25.2: keys in two places")
def session_keys_twice(forge: Forge) -> Expect:
    """At most one such assertion may be there."""
    one = keys(session_key(forge))
    two = cbor(f"{KEYS}__1", {"keys": [session_key(forge)]})
    return of(forge, vouched(forge, 1), first=init(forge, one, two), failures=SESSION | SEGMENT)


@attack("C2PA 2.4 §18.25.2: no keys")
def session_keys_empty(forge: Forge) -> Expect:
    """A list that holds none."""
    return of(forge, vouched(forge, 1), first=init(forge, keys()), failures=SESSION | SEGMENT)


@attack("C2PA 2.4 §18.25.2: keys without number")
def session_keys_without_number(forge: Forge) -> Expect:
    """A thousand: we look at some."""
    rows = [session_key(forge, kid=b"%d" % number) for number in range(1000)]
    first = init(forge, keys(*rows))
    return of(forge, vouched(forge, 1, kid=b"3"), first=first, failures=SESSION | SEGMENT)


@attack("C2PA 2.4 §19.7.3: keys of a manifest that does not hold")
def stream_of_a_bad_init(forge: Forge) -> Expect:
    """The initialisation segment was changed: its keys vouch for nothing."""
    first = init(forge, edit=lambda row: row.update(hash=bytes(32)))
    wrong = SESSION | SEGMENT | {"assertion.bmffHash.mismatch"}
    return of(forge, vouched(forge, 1), first=first, failures=wrong - SESSION)


@attack("C2PA 2.4 §19.7.3: the certificate behind the keys is over")
def stream_of_an_expired_signer(forge: Forge) -> Expect:
    """Nobody knows any more whose keys these are."""
    late = NOW + timedelta(days=20_000)
    wrong = {"claimSignature.outsideValidity", "signingCredential.untrusted"}
    return of(forge, vouched(forge, 1), at=late, failures=wrong | SESSION | SEGMENT)


@attack("C2PA 2.4 §19.4.4.1: new keys on the way")
def stream_with_new_keys(forge: Forge) -> Expect:
    """Nothing is wrong: a manifest in a segment brings a key for those after it."""
    label = urn()
    fresh = keys(session_key(forge, kid=b"key 2"))
    segments = (
        vouched(forge, 1),
        manifested(forge, 2, INIT, fresh, label=label),
        vouched(forge, 3, lambda row: row.update(manifestId=label), kid=b"key 2"),
    )
    return of(forge, *segments)


@attack("C2PA 2.4 §19.7.1: the manifest of a segment does not hold")
def segment_changed(forge: Forge) -> Expect:
    """Its frames were exchanged."""
    first, second, third = chained(forge)
    changed = second.replace(b"frames", b"Frames", 1)
    return of(forge, first, changed, third, failures=MANIFEST | SEGMENT)


@attack("C2PA 2.4 §19.2.1: a segment with two manifest boxes")
def segment_with_two_stores(forge: Forge) -> Expect:
    """Which one counts?"""
    one = manifested(forge, 1)
    start = one.index(b"uuid") - 4
    length = int.from_bytes(one[start : start + 4])
    twice = one[: start + length] + one[start:]
    return of(forge, twice, failures=MANIFEST)


@attack("C2PA 2.4 §19.7.1: the manifest of a segment is none")
def segment_with_broken_store(forge: Forge) -> Expect:
    """Its type is another."""
    one = manifested(forge, 1).replace(b"jumdc2pa", b"jumdc2pb", 1)
    return of(forge, one, failures=MANIFEST)


@attack("C2PA 2.4 §19.7.2: a segment was left out")
def segment_missing(forge: Forge) -> Expect:
    """The one that the next names as the one before."""
    first, _, third = chained(forge)
    return of(forge, first, third, failures=SEGMENT)


@attack("C2PA 2.4 §19.7.2: a segment that comes twice")
def segment_repeated(forge: Forge) -> Expect:
    """Its number is not greater than its own."""
    first, *_ = chained(forge)
    return of(forge, first, first, failures=ASSERTION | SEGMENT)


@attack("C2PA 2.4 §19.7.2: a segment of another stream")
def segment_of_another_stream(forge: Forge) -> Expect:
    """It was put in, and names the right one before it."""
    label = urn()
    segments = (
        manifested(forge, 1, label=label),
        manifested(forge, 2, label, streamId="another stream"),
    )
    return of(forge, *segments, failures=ASSERTION)


@attack("C2PA 2.4 §19.4.1: the words and the manifest of a segment disagree")
def segment_with_two_numbers(forge: Forge) -> Expect:
    """Its words are those of another number."""
    from tests.attacks.stream import STYP, info, signed_file, without_emsg, words

    label = urn()

    def made(found: bytes) -> bytes:
        said = info(3, found, lambda row: row.update(manifestId=label))
        inner = emsg(words(said))
        from tests.attacks.film import fragment

        return signed_file(forge, STYP, inner + fragment(2), live(2, INIT), label=label)

    return of(forge, made(without_emsg(made(bytes(32)))), failures=SEGMENT)


@attack("C2PA 2.4 §19.7.2: a segment that says nothing of the one before")
def segment_without_method(forge: Forge) -> Expect:
    """It does not say how it goes on; a manifest that says so wrong does not hold."""
    one = manifested(forge, 1, continuityMethod=None)
    return of(forge, one, failures=MANIFEST)


@attack("C2PA 2.4 §19.7.2: a segment alone, without a method")
def segment_alone_without_method(forge: Forge) -> Expect:
    """Verified as an asset of its own."""
    return Expect(asset=manifested(forge, 1, continuityMethod=None), failures=METHOD)


@attack("C2PA 2.4 §19.7.2: a segment alone, by a method of its own")
def segment_alone_of_another_method(forge: Forge) -> Expect:
    """One that is not known here."""
    one = manifested(forge, 1, continuityMethod="org.example.chain")
    return Expect(asset=one, failures=METHOD)


@attack("C2PA 2.4 §19.7.2: a segment alone that names none before")
def segment_alone_without_previous(forge: Forge) -> Expect:
    """The one method there is needs it."""
    return Expect(asset=manifested(forge, 1, None), failures=METHOD)


@attack("C2PA 2.4 §19.3.2: a segment alone without its stream")
def segment_alone_without_stream(forge: Forge) -> Expect:
    """A field that must be there."""
    return Expect(asset=manifested(forge, 1, streamId=None), failures=ASSERTION)


@attack("C2PA 2.4 §19.3.2: a segment alone with a number below zero")
def segment_alone_below_zero(forge: Forge) -> Expect:
    """It counts the wrong way."""
    return Expect(asset=manifested(forge, 1, sequenceNumber=-1), failures=ASSERTION)


@attack("C2PA 2.4 §19.3: a segment alone")
def segment_alone(forge: Forge) -> Expect:
    """Nothing is wrong: it is bound by its own manifest."""
    return Expect(asset=manifested(forge, 1), state="Trusted")
