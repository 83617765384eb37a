"""Containers as named boxes: all of the file, in order, without gaps."""

import io
from functools import lru_cache

import pytest
from PIL import Image

from provenance.bindings.boxes import lay
from provenance.errors import MalformedError
from provenance.formats import registry
from provenance.formats.base import NamedBox
from provenance.limits import DEFAULT_LIMITS
from provenance.source import BufferSource
from tests.vectors.peer import picture


def boxes(data: bytes) -> tuple[NamedBox, ...]:
    source = BufferSource(data)
    found = registry.find(source).boxes(source, DEFAULT_LIMITS)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", ["jpeg", "png"])
def test_boxes_cover_a_file_without_gaps(kind: str) -> None:
    data = picture(kind)
    found = boxes(data)
    at = 0
    for one in found:
        assert one.span.start == at
        at = one.span.end
    assert at == len(data)


def test_a_jpeg_is_named_by_its_markers() -> None:
    names = [one.name for one in boxes(picture("jpeg"))]
    assert names[:2] == ["SOI", "APP0"]
    assert names[-2:] == ["SOS", "EOI"]


@lru_cache
def with_restarts() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 64), 40).save(out, "JPEG", restart_marker_blocks=4)
    return out.getvalue()


def test_restart_intervals_are_boxes_of_their_own() -> None:
    found = boxes(with_restarts())
    names = [one.name for one in found]
    assert {"RST0", "RST1"} <= set(names)
    assert sum(one.span.length for one in found) == len(with_restarts())


def test_a_list_may_fold_restarts_into_their_scan() -> None:
    found = boxes(with_restarts())
    folded = [one.name for one in found if not one.name.startswith("RST")]
    assert all(one.wrong is None for one in lay([folded], found))
    assert all(one.wrong is None for one in lay([[one.name for one in found]], found))


def test_an_image_after_the_image_and_a_tail_are_boxes() -> None:
    data = picture("jpeg") + picture("jpeg") + b"tail"
    names = [one.name for one in boxes(data)]
    assert names.count("SOI") == 2
    assert names[-1] == "c2pa.after"


@pytest.mark.parametrize("end", [3, 30, 300])
def test_a_cut_jpeg_is_malformed_or_covered(end: int) -> None:
    data = picture("jpeg")[:-end]
    try:
        found = boxes(data)
    except MalformedError:
        return
    assert sum(one.span.length for one in found) == len(data)
