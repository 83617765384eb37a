"""How generators write down what they did: one file each, texts in, a record out.

Each has `read(texts)`, which knows its own dialect by keys or words that only it has, and returns
None for all else. What a dialect reads it takes as it stands; what is not there stays None.
"""
