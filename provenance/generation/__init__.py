"""What a generator left in a file: text in some carrier, in some dialect, read as one record.

    bytes → carriers.collect → Texts → dialects (the first that knows them) → GenerationRecord

A carrier (PNG chunk, EXIF tag, video tag …) knows nothing of what the text says, and a dialect
(AUTOMATIC1111, ComfyUI …) nothing of where it stood. All of it is what a program wrote about
itself, unsigned: a claim, not a proof.
"""
