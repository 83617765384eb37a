"""Watch a folder, and sign what is dropped there: once, and complete files only.

    for outcome in Watch(folder=…, place=…, sign=…).outcomes():
        print(outcome.path, outcome.status)

It looks again and again, and needs no help of the system: that works on network folders too.
"""

from provenance.watch.memory import Memory
from provenance.watch.run import Outcome, OutcomeStatus, Watch
from provenance.watch.signing import Signing

__all__ = ["Memory", "Outcome", "OutcomeStatus", "Signing", "Watch"]
