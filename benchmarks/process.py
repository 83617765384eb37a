"""What a whole process takes: peak memory with a large file, and the time to start and end."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.material import Material, jpeg, write_large_png
from benchmarks.paired import median, ratios
from benchmarks.table import Bar, Row

__all__ = ["memory", "peak_beyond_bare", "start_up"]

_MB = 1 << 20
_LARGE = 200 * _MB
_PEAK = """
import resource, sys
try:
    with open("/proc/self/status") as status:
        peak = next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
except OSError:
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
print(peak)
"""
_SIGN = """
import sys
from pathlib import Path
import provenance
source, target, key, chain = sys.argv[1:]
signer = provenance.LocalSigner.from_files(key=key, chain=chain)
made = "trainedAlgorithmicMedia"
definition = {"title": "large", "digital_source_type": made, "thumbnail": False}
provenance.sign(Path(source), Path(target), definition, signer=signer)
"""
_VERIFY = """
import sys
from pathlib import Path
import provenance
trust = provenance.TrustSettings.load(anchors=[Path(sys.argv[2])])
assert provenance.verify(Path(sys.argv[1]), trust=trust).state == "Trusted"
"""
_IMPORTS = "import cryptography.x509, cbor2, click"


def memory(material: Material) -> Iterator[Row]:
    """Peak beyond a bare interpreter's, imports and all, in fresh processes."""
    source, target = material.folder / "large.png", material.folder / "large-signed.png"
    write_large_png(source, _LARGE)
    for name, code, arguments in (
        ("sign (and verify after)", _SIGN, [source, target, material.key, material.chain]),
        ("verify", _VERIFY, [target, material.root]),
    ):
        yield Row(
            name=f"{name} a 200 MB PNG, peak memory",
            figure=peak_beyond_bare(code, *arguments) / _MB,
            unit="MB",
            bar=Bar(40, at_least=False),
            note="beyond what python -c pass takes",
        )
    source.unlink()
    target.unlink()


def peak_beyond_bare(code: str, *arguments: Path) -> int:
    """Bytes that some code takes at its peak, beyond a bare interpreter's."""
    return _peak(code, *arguments) - _peak("")


def _peak(code: str, *arguments: Path) -> int:
    done = subprocess.run(
        [sys.executable, "-P", "-c", code + _PEAK, *arguments], check=True, stdout=subprocess.PIPE
    )
    return int(done.stdout)


def start_up(material: Material, *, rounds: int = 21) -> Iterator[Row]:
    """`provenance verify a.jpg` as a shell runs it, against the imports it cannot do without."""
    picture = material.folder / "a.jpg"
    picture.write_bytes(material.signed(jpeg(60 << 10)))
    command = Path(sys.executable).with_name("provenance")

    def ours() -> None:
        subprocess.run([command, "verify", picture], check=True, stdout=subprocess.DEVNULL)

    def imports() -> None:
        subprocess.run([sys.executable, "-c", _IMPORTS], check=True)

    yield Row(
        name="provenance verify a.jpg / its imports alone",
        figure=median(ratios(ours, imports, rounds)),
        unit="x",
        bar=Bar(3, at_least=False),
        note=f'{rounds} pairs; python -c "{_IMPORTS}"',
    )
