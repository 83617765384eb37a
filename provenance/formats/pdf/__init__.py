"""PDF: the manifest store is an embedded file that the catalogue names as an associated file.

    %PDF-1.7 … startxref 1234 %%EOF | cross-reference, catalogue, file specification, store … %%EOF

A store is added by an incremental update: no byte of what was there changes, so signatures in the
PDF stay as valid as they were, and cutting the update off gives the file back.
Source: C2PA 2.2 §A.4, §15.5.2.2; ISO 32000-1 §7.5.6, §7.11.4.
"""

from provenance.formats.base import Handler, Located, Plan
from provenance.limits import Limits
from provenance.source import ByteSource

__all__ = ["HANDLER"]

_BLANKS = b"\xef\xbb\xbf\0\t\n\f\r "


class _Pdf(Handler):
    name: str = "PDF"
    media_types: tuple[str, ...] = ("application/pdf",)
    suffixes: tuple[str, ...] = (".pdf",)
    can_embed: bool = True

    def sniff(self, head: bytes) -> bool:
        """See `Handler`. A few blanks may come first: readers have always passed over them."""
        return head.startswith(b"%PDF-") or head[:64].lstrip(_BLANKS).startswith(b"%PDF-")

    def locate(self, source: ByteSource, limits: Limits) -> Located:
        """See `Handler`. Stores of all updates are joined into one; XMP is for when there is none.

        Raises:
            EncryptedError: there is a store, and it cannot be read without a password.
            UnsupportedFormatError: whether there is a store cannot be told without one.
        """
        from provenance.formats.pdf.sections import read_document
        from provenance.formats.pdf.stores import located

        return located(read_document(source, limits))

    def plan(self, source: ByteSource, store_length: int, limits: Limits) -> Plan:
        """See `Handler`.

        Raises:
            UnsupportedFormatError: the PDF is encrypted, or certified against any such change.
        """
        from provenance.formats.pdf.update import planned

        return planned(source, store_length, limits)


HANDLER: Handler = _Pdf()
