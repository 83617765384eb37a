"""Errors say what, where and how; and they survive a trip to another process."""

import pickle

import pytest

from provenance import errors
from provenance.errors import MalformedError, ProvenanceError

KINDS = [
    one
    for one in vars(errors).values()
    if isinstance(one, type) and issubclass(one, ProvenanceError)
]


def test_there_are_several_kinds() -> None:
    public = (getattr(errors, name) for name in errors.__all__)
    assert set(KINDS) == {one for one in public if isinstance(one, type)}


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_one_sentence_with_its_place(kind: type[ProvenanceError]) -> None:
    assert str(kind("caBX chunk", "is cut", offset=33)) == "caBX chunk at byte 33: is cut"
    assert str(kind("caBX chunk", "is cut")) == "caBX chunk: is cut"
    assert str(kind("caBX chunk", "is cut", offset=0)) == "caBX chunk at byte 0: is cut"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("offset", [None, 0, 7])
def test_an_error_crosses_processes(kind: type[ProvenanceError], offset: int | None) -> None:
    error = pickle.loads(pickle.dumps(kind("box", "is cut", offset=offset)))
    assert type(error) is kind
    assert (error.what, error.problem, error.offset) == ("box", "is cut", offset)


def test_a_cause_is_kept() -> None:
    cause = KeyError("x")
    with pytest.raises(MalformedError) as caught:
        raise MalformedError("box", "is cut") from cause
    assert caught.value.__cause__ is cause
