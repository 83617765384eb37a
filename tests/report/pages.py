"""The page of an index, taken apart again."""

import json
import zlib
from base64 import b64decode
from html.parser import HTMLParser
from typing import Any

__all__ = ["Taken"]


class Taken(HTMLParser):
    """What the script elements of a page hold; none of it is run."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.policy = ""
        self._inside = False
        self.feed(text)
        self.close()
        assert not self._inside

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "script":
            self._inside = True
            self.scripts.append((found, ""))
        if tag == "meta" and found.get("http-equiv"):
            self.policy = found["content"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            attributes, text = self.scripts[-1]
            self.scripts[-1] = attributes, text + data

    def json(self, name: str) -> Any:
        """The value in the element with an id."""
        (found,) = (text for one, text in self.scripts if one.get("id") == name)
        return json.loads(found)

    @property
    def blocks(self) -> list[dict[str, list[Any]]]:
        """The blocks of rows."""
        return [json.loads(text) for one, text in self.scripts if one.get("class") == "block"]

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The rows, with what their numbers mean."""
        shared = self.json("shared")
        found = []
        for block in self.blocks:
            for row in range(len(block["name"])):
                one: dict[str, Any] = {name: column[row] for name, column in block.items()}
                for name, facet in shared["facets"].items():
                    group = facet["groups"][block[facet["column"]][row]]
                    one[name] = [facet["values"][number] for number in group]
                one["folder"] = shared["folders"][one["folder"]]
                found.append(one)
        return found

    def pictures(self) -> list[bytes]:
        """All thumbnails."""
        ids = (str(one.get("id")) for one, _ in self.scripts)
        names = [one for one in ids if one.startswith("pictures")]
        return [b64decode(text) for name in names for text in self.json(name)]

    def details(self, group: int = 0) -> Any:
        """Some files' details."""
        return json.loads(zlib.decompress(b64decode(self.json(f"details{group}"))))
