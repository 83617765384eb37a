"""What goes with the segments of a live stream is read, or told to be none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.cbor import Tag
from provenance.errors import LimitError, MalformedError
from provenance.limits import DEFAULT_LIMITS
from provenance.model.assertions.live_video import SCHEME, LiveSegment, SegmentInfo, SessionKey
from tests.attacks.forge import the_forge
from tests.attacks.stream import KID, info, session_key

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9) | st.binary(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)


def test_a_session_key_is_read() -> None:
    key = SessionKey.read(session_key(the_forge()), DEFAULT_LIMITS)
    assert (key.kid, key.first_number) == (KID, 1)
    assert (key.ends - key.begins).total_seconds() == 7200


def test_the_box_of_the_words_is_found_by_its_scheme() -> None:
    """The standard counts from the start of the box and writes 0; the scheme comes after 12."""
    read = SegmentInfo.read(info(1, bytes(32)))
    ours = read.hash.exclusions[-1]
    assert (ours.xpath, ours.data) == ("/emsg", ((12, SCHEME),))
    elsewhere = info(1, bytes(32))
    elsewhere["bmffHash"]["exclusions"][-1]["data"][0]["offset"] = 12
    assert SegmentInfo.read(elsewhere) == read


def test_a_segment_that_names_no_method_is_read_all_the_same() -> None:
    read = LiveSegment.read({"sequenceNumber": 3, "streamId": "x"})
    assert (read.number, read.method, read.previous) == (3, None, None)


@pytest.mark.parametrize("name", sorted(session_key(the_forge())))
@given(value=ANYTHING)
def test_no_session_key_is_more_than_malformed(name: str, value: Any) -> None:
    for row in ({name: value}, {name: Tag(0, value)}, {name: Tag(18, value)}):
        try:
            SessionKey.read(session_key(the_forge()) | row, DEFAULT_LIMITS)
        except (MalformedError, LimitError):
            continue


@pytest.mark.parametrize("name", ["sequenceNumber", "manifestId", "bmffHash"])
@given(value=ANYTHING)
def test_no_words_are_more_than_malformed(name: str, value: Any) -> None:
    try:
        SegmentInfo.read(info(1, bytes(32)) | {name: value})
    except MalformedError:
        return
