"""A folder with several people's keys in it, and the command, for the tests of lineage."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from PIL import Image

from provenance.cli import main

__all__ = ["Desk", "keys_of", "picture", "tensors"]


def keys_of(who: str) -> tuple[str, ...]:
    """The options that name somebody's key."""
    return ("--key", f"keys/{who}.key.pem", "--chain", f"keys/{who}.chain.pem")


@dataclass
class Desk:
    """The folder is the working one; keys lie in `keys`."""

    folder: Path
    runner: CliRunner = field(default_factory=CliRunner)

    def __call__(self, *arguments: str, code: int = 0) -> str:
        result = self.runner.invoke(main, arguments)
        assert result.exit_code == code, result.output
        return result.stdout

    def sign(self, who: str, *arguments: str) -> str:
        return self("sign", *arguments, *keys_of(who))

    def refused(self, who: str, *arguments: str) -> str:
        """What is said where a verb does not do it."""
        result: Result = self.runner.invoke(main, [*arguments, *keys_of(who)])
        assert result.exit_code in (1, 2), result.output
        return " ".join(result.stderr.split())

    def traced(self, *arguments: str) -> dict[str, Any]:
        row: dict[str, Any] = json.loads(
            self("trace", *arguments, "--trust-anchors", "keys/root.pem", "--format", "json")
        )
        return row

    def shares(self, *arguments: str) -> dict[str, str]:
        """The parts of 100.00, by name; UNCLAIMED with the title of the work for the rest."""
        row = self.traced(*arguments, "--split", "100.00")
        titles = {one["id"]: one["title"] for one in row["works"]}
        found = {one["name"]: one["amount"] for one in row["split"]["shares"]}
        for one in row["split"]["unclaimed"]:
            found[f"UNCLAIMED:{titles[one['work']]}"] = one["amount"]
        return found


def picture(name: str, colour: tuple[int, int, int]) -> None:
    Image.new("RGB", (32, 24), colour).save(name)


def tensors(name: str, seed: int) -> None:
    header = b'{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}'
    header = header.ljust(-(-len(header) // 8) * 8)
    Path(name).write_bytes(len(header).to_bytes(8, "little") + header + bytes([seed]) * 8)
