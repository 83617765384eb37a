"""A time-stamping authority behind a URL. Source: RFC 3161 §3.4."""

from dataclasses import dataclass

from provenance.fetch import Door

__all__ = ["HttpAuthority"]

# What comes through it carries its own signature, so http will do, as authorities have it; and
# the user names the address by hand, so it may lie anywhere.
_DOOR = Door(seconds=30.0, max_bytes=256 << 10, plain=True, private=True)


@dataclass(frozen=True, slots=True)
class HttpAuthority:
    """An `Authority` that is asked over the network, each time something is signed."""

    url: str
    door: Door = _DOOR

    def stamp(self, request: bytes) -> bytes:
        """See `provenance.trust.tsa.Authority`.

        Raises:
            FetchError: not reached, or not answered.
        """
        return self.door.post(
            self.url,
            request,
            content_type="application/timestamp-query",
            accept="application/timestamp-reply",
        )
