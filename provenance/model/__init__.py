"""What the boxes mean: store, manifest, claim, assertions. Frozen types, read and written."""
