"""A headless Chromium, spoken to over a pipe: what it asks for, complains of and reads aloud."""

import json
import os
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import pytest

__all__ = ["Browser", "Seen", "Tab", "browser"]

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_OPTIONS = (
    *("--headless=new", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--remote-debugging-pipe"),
)


@dataclass(frozen=True)
class Seen:
    """What came of opening a page."""

    requests: tuple[str, ...]  # URLs asked for, the page's own included
    complaints: tuple[str, ...]  # console messages, exceptions, violations of the policy
    tree: tuple[tuple[str, str], ...]  # the accessibility tree: role, and name or text within
    text: str
    background: str  # computed colour of the page
    overflow: int  # pixels that one would have to scroll sideways


@dataclass
class Browser:
    """A connection; commands are answered in order, events are kept."""

    to: BinaryIO
    back: BinaryIO
    number: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)

    def call(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        self.number += 1
        message: dict[str, Any] = {"id": self.number, "method": method, "params": params}
        if session is not None:
            message["sessionId"] = session
        self.to.write(json.dumps(message).encode() + b"\0")
        self.to.flush()
        while True:
            answer = self.read()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result
            self.events.append(answer)

    def read(self) -> dict[str, Any]:
        data = bytearray()
        while (byte := self.back.read(1)) != b"\0":
            assert byte, "the browser went away"
            data += byte
        message: dict[str, Any] = json.loads(data)
        return message

    def load(self, session: str, method: str, **params: Any) -> None:
        """Do what loads a page, and wait until that one is loaded: not the one before it."""
        before = self.loaded()
        named = self.call(method, session, **params).get("loaderId")
        while named not in self.loaded() if named else self.loaded() <= before:
            self.events.append(self.read())

    def loaded(self) -> set[str]:
        """The pages that were loaded, by what Chromium calls each loading of one."""
        events = (one["params"] for one in self.of("Page.lifecycleEvent"))
        return {one["loaderId"] for one in events if one["name"] == "load"}

    def open(self, page: Path, *, width: int = 1200, dark: bool = False) -> Seen:
        """Open a page and look at it."""
        with self.visit(page, width=width, dark=dark) as tab:
            return tab.seen()

    @contextmanager
    def visit(self, page: Path, *, width: int = 1200, dark: bool = False) -> "Iterator[Tab]":
        """Open a page, and stay."""
        self.events.clear()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "Accessibility"):
            self.call(f"{domain}.enable", session)
        metrics = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
        self.call("Emulation.setDeviceMetricsOverride", session, **metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.call("Emulation.setEmulatedMedia", session, features=[scheme])
        self.call("Page.setLifecycleEventsEnabled", session, enabled=True)
        self.events.clear()
        self.load(session, "Page.navigate", url=page.as_uri())
        yield Tab(self, session)
        self.call("Target.closeTarget", targetId=target)

    def of(self, method: str) -> list[dict[str, Any]]:
        """The events of a kind since the page was opened."""
        return [one for one in self.events if one.get("method") == method]


@dataclass(frozen=True)
class Tab:
    """A page that is open."""

    browser: Browser
    session: str

    def reload(self) -> None:
        """Load it again. While that goes on no script can be asked anything."""
        self.browser.load(self.session, "Page.reload")

    def seen(self) -> Seen:
        """What came of it so far."""
        nodes = self.browser.call("Accessibility.getFullAXTree", self.session)["nodes"]
        root, of = "document.documentElement", self.browser.of
        return Seen(
            requests=tuple(
                one["params"]["request"]["url"] for one in of("Network.requestWillBeSent")
            ),
            complaints=tuple(
                json.dumps(one["params"])
                for name in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled")
                for one in (*of(name), *of("Log.entryAdded"))
            ),
            tree=tuple(_spoken(nodes)),
            text=self.value("document.body.innerText"),
            background=self.value("getComputedStyle(document.body).backgroundColor"),
            overflow=self.value(f"{root}.scrollWidth - {root}.clientWidth"),
        )

    def value(self, expression: str) -> Any:
        """What a script finds, as JSON."""
        found = self.browser.call(
            "Runtime.evaluate", self.session, expression=expression, returnByValue=True
        )
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        """Press the mouse in the middle of an element, once it is in sight."""
        found = f"document.querySelector({json.dumps(selector)})"
        self.value(f"{found}.scrollIntoView({{block: 'center', inline: 'center'}})")
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y)

    def middle(self, selector: str) -> tuple[float, float]:
        """Where an element is on the screen."""
        box = f"document.querySelector({json.dumps(selector)}).getBoundingClientRect()"
        x, y = self.value(f"(box => [box.x + box.width / 2, box.y + box.height / 2])({box})")
        return x, y

    def mouse(self, kind: str, x: float, y: float) -> None:
        """An event of the left button; a move holds it."""
        held = 1 if kind != "mouseReleased" else 0
        where = {"type": kind, "x": x, "y": y, "button": "left", "buttons": held, "clickCount": 1}
        self.browser.call("Input.dispatchMouseEvent", self.session, **where)

    def press(self, key: str) -> None:
        """Press a key, such as Tab, ArrowDown, Enter or +."""
        code = {"Tab": 9, "Enter": 13}.get(key, 0)
        row: dict[str, Any] = {"key": key, "windowsVirtualKeyCode": code}
        if key == "Enter":
            row["text"] = "\r"
        for kind in ("keyDown", "keyUp"):
            self.browser.call("Input.dispatchKeyEvent", self.session, type=kind, **row)

    def picture(self, path: Path, *, full: bool = False) -> None:
        """A screenshot, as PNG."""
        shot = self.browser.call("Page.captureScreenshot", self.session, captureBeyondViewport=full)
        path.write_bytes(b64decode(shot["data"]))


def _spoken(nodes: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    by_id = {one["nodeId"]: one for one in nodes}

    def said(node: dict[str, Any]) -> str:
        if node["role"]["value"] == "StaticText":
            return str(node["name"]["value"])
        below = (by_id[one] for one in node.get("childIds", ()) if one in by_id)
        return " ".join(filter(None, map(said, below)))

    for node in nodes:
        if not node.get("ignored"):
            yield node["role"]["value"], node.get("name", {}).get("value") or said(node)


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A browser with a profile of its own; skips where there is none."""
    path = next(filter(None, map(shutil.which, _NAMES)), None)
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    read, to = os.pipe()
    back, write = os.pipe()
    # As root, which containers often are, Chromium runs only without its sandbox.
    root = ("--no-sandbox",) if hasattr(os, "geteuid") and os.geteuid() == 0 else ()
    command = [path, *_OPTIONS, *root, f"--user-data-dir={folder}"]
    wired = ["bash", "-c", f'exec "$@" 3<&{read} 4>&{write}', "bash", *command]
    process = subprocess.Popen(
        wired, pass_fds=(read, write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(read)
    os.close(write)
    with os.fdopen(to, "wb") as commands, os.fdopen(back, "rb") as answers:
        one = Browser(commands, answers)
        try:
            yield one
            one.call("Browser.close")
        finally:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
