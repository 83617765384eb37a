"""AUTOMATIC1111 and Forge: copy or link this folder into `extensions`.

provenance itself must be installed where the web UI runs: `pip install provenance-c2pa`.
"""
