"""The bombs, one after the other in a process of its own, take no more memory than a picture."""

import os
import subprocess
import sys

MOST = 256 << 20  # bytes, the interpreter and the forge itself included

SCRIPT = """
from pathlib import Path
import resource
import provenance
from tests.attacks import bombs
from tests.attacks.expect import ATTACKS
from tests.attacks.forge import the_forge

forge = the_forge()
for one in ATTACKS:
    if one.make.__module__ == bombs.__name__ and "cbor" in one.make.__name__:
        asset = one.make(forge).asset
        provenance.verify(asset, trust=forge.trust).to_dict()
status = Path("/proc/self/status")
if status.exists():  # ru_maxrss remembers the process that started this one, and VmHWM does not
    lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
    print(int(lines["VmHWM"].split()[0]) * 1024)
else:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
"""


def test_bombs_take_no_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=os.environ
    )
    assert int(done.stdout) < MOST
