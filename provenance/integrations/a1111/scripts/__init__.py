"""What the web UI loads when it starts; `provenance.py` registers the callbacks."""
