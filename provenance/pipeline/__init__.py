"""From what a generator recorded to what a manifest says.

    file → generation.read_generation → GenerationRecord → definition_of → ManifestDefinition → sign

It stands above `generation`, which reads and never signs, and `build`, which signs and has never
heard of a generator; the two do not know each other.
"""
