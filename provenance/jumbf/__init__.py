"""JUMBF: the tree of labelled boxes that a manifest store is made of. Payloads stay bytes."""

from provenance.jumbf.reader import Shelf, parse
from provenance.jumbf.tree import Box, SuperBox
from provenance.jumbf.uri import JumbfUri

__all__ = ["Box", "JumbfUri", "Shelf", "SuperBox", "parse"]
