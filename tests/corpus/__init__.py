"""The shared corpus: files of many makers, and what the reference implementation says of them."""
