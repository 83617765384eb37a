"""MPEG audio frames: is this an MP3 that has no tag to say so?

    11 set bits | version 2 | layer 2 | no CRC 1 | bitrate 4 | rate 2 | padding 1 | …

Any two bytes in a few hundred look like a frame's start, so its length must lead to the next.
Source: ISO 11172-3 §2.4.1.3; ISO 13818-3 §2.4.2.3.
"""

__all__ = ["is_mpeg_audio", "starts_mpeg_audio"]

_LEAST = 2  # frames that must follow each other
_MOST = 3
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_KBITS = {  # by MPEG 1 or not, and layer; index 0 means a free rate, 15 nothing
    (True, 1): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


def starts_mpeg_audio(data: bytes) -> bool:
    """May these be the first bytes of a frame of layer I, II or III? ADTS, which is AAC, is not."""
    return len(data) >= 2 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0 and data[1] & 0x06 != 0


def is_mpeg_audio(head: bytes) -> bool:
    """Do frames of one kind follow each other from the first byte on?

    Three, or as many as the head holds the starts of, though not less than two.
    """
    at, seen, kind = 0, 0, None
    while seen < _MOST:
        frame = _frame(head, at)
        if frame is None:
            # The head may end before the next frame starts.
            return seen >= _LEAST and at + 4 > len(head)
        length, this = frame
        if kind not in (None, this):
            return False
        at, seen, kind = at + length, seen + 1, this
    return True


def _frame(head: bytes, at: int) -> tuple[int, tuple[int, int, int]] | None:
    """Length of the frame at an offset, and what does not change from frame to frame."""
    if at + 4 > len(head) or not starts_mpeg_audio(head[at : at + 2]):
        return None
    version, layer = head[at + 1] >> 3 & 3, 4 - (head[at + 1] >> 1 & 3)
    bits, rate, padding = head[at + 2] >> 4, head[at + 2] >> 2 & 3, head[at + 2] >> 1 & 1
    if version == 1 or bits in (0, 15) or rate == 3:
        return None
    per_second = _KBITS[version == 3, layer][bits] * 1000
    frequency = _RATES[version][rate]
    if layer == 1:
        length = (12 * per_second // frequency + padding) * 4
    else:
        samples = 72 if layer == 3 and version != 3 else 144
        length = samples * per_second // frequency + padding
    return length, (version, layer, rate)
