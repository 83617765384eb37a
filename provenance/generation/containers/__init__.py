"""Where containers keep text: one file each, bytes in, `Text`s out; none decodes a pixel.

Each has `texts(source, limits)`, which yields what it finds up to where the file is broken.
"""
