"""Files that lie elsewhere, under an address, and are read by range.

address   what an address is, and its parts
files     file systems that `fsspec` knows: `s3://`, `gs://`, `hf://`, `memory://` …
web       one file on the web: `https://`
blocks    what was read and may be wanted again, bounded
source    a `ByteSource` over any of them
writing   results put elsewhere

Naming an address is asking for what lies there and, where a sidecar may be, beside it. Nothing
else is fetched.
"""
