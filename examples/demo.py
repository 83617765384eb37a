"""A picture and its history, from keys to a caught forgery; `make demo` runs this.

    python examples/demo.py [FOLDER]

Everything lands in FOLDER (default: demo). Each step but the drawing is the command line, so what
is printed can be typed again.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw

INVALID = 4  # exit code of `provenance verify`


def main() -> None:
    """Make a signed picture with parents, show it, change one byte, and see it refused."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.chdir(folder)

    say("Keys for development: a root, an intermediate, a signer in each algorithm.")
    run("keys dev --out keys")
    keys = "--key keys/es256.key.pem --chain keys/es256.chain.pem"

    say("A sketch, signed by the program that drew it. It will be the parent.")
    draw(Path("sketch.png"), "#f5f0e6")
    run(f"sign sketch.png -o parent.png --title Sketch --generator Sketcher@1.0 {keys}")

    say("A picture made from it by a model, with a prompt and a source photograph.")
    draw(Path("fox.png"), "#cfe3f5")
    Image.linear_gradient("L").save("snow.jpg")
    write_model(Path("painter.safetensors"))
    run(
        "sign fox.png -o signed.png --title 'Fox in the snow' --generator Painter@2.1 "
        "--model painter.safetensors --prompt 'a fox in the snow, watercolour' "
        f"--source snow.jpg --parent parent.png --creator Ada {keys}"
    )

    say("Is it what was signed, and by someone we trust?")
    run("verify signed.png --trust-anchors keys/root.pem")

    say("The chain: what its manifests say, the active one first.")
    run("inspect signed.png")

    say("One bit of the picture changed: it no longer is what was signed.")
    tamper(Path("signed.png"), Path("tampered.png"))
    run("verify tampered.png --trust-anchors keys/root.pem", expect=INVALID)
    say(f"As it should: the last command ended with exit code {INVALID}, for invalid.")


def say(text: str) -> None:
    """A heading."""
    print(f"\n{textwrap.fill('# ' + text, 80, subsequent_indent='# ')}", flush=True)


def run(arguments: str, *, expect: int = 0) -> None:
    """Show a command, run it, and insist on its exit code."""
    words = shlex.split(arguments)
    shown = textwrap.wrap(
        shlex.join(["$", "provenance", *words]).replace("'$'", "$"),
        78,
        subsequent_indent="    ",
        break_long_words=False,
        break_on_hyphens=False,
    )
    print(" \\\n".join(shown), flush=True)
    command = Path(sys.executable).with_name("provenance")
    done = subprocess.run([command, *words], env={**os.environ, "COLUMNS": "80"}, check=False)
    if done.returncode != expect:
        sys.exit(f"exit code {done.returncode}, where {expect} was due")


def draw(path: Path, sky: str) -> None:
    """A fox's head, in five shapes."""
    image = Image.new("RGB", (320, 240), sky)
    pen = ImageDraw.Draw(image)
    for left, right in (((90, 40), (140, 100)), ((230, 40), (180, 100))):
        pen.polygon([left, (left[0], 120), right], fill="#b5501b")
    pen.polygon([(80, 100), (240, 100), (160, 220)], fill="#d9662b")
    for x in (120, 184):
        pen.ellipse([x, 120, x + 16, 136], fill="#222222")
    pen.ellipse([150, 200, 170, 220], fill="#222222")
    image.save(path)


def write_model(path: Path) -> None:
    """A tiny safetensors file: 8 bytes of header length, a JSON header, the tensor's bytes."""
    tensor = bytes(4 * 4)
    header = json.dumps(
        {
            "__metadata__": {"format": "pt"},
            "weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, len(tensor)]},
        }
    ).encode()
    header += b" " * (-len(header) % 8)
    path.write_bytes(len(header).to_bytes(8, "little") + header + tensor)


def tamper(source: Path, target: Path) -> None:
    """Flip one bit near the end of the pixels: the last IDAT chunk holds it."""
    data = bytearray(source.read_bytes())
    data[data.rindex(b"IDAT") + 8] ^= 1
    target.write_bytes(data)


if __name__ == "__main__":
    main()
