"""The editing verbs, as a person at a shell uses them."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import provenance
from provenance.cli import main
from provenance.trust.devpki import DevPki, create
from tests.trust.tsa import LocalAuthority
from tests.vectors.peer import picture


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, DevPki]:
    folder = tmp_path_factory.mktemp("keys") / "keys"
    return folder, create(folder, now=datetime.now(UTC), algs=("es256",))


@pytest.fixture
def tsa(pki: tuple[Path, DevPki]) -> Iterator[str]:
    authority = LocalAuthority(pki[1].tsa)

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            request = self.rfile.read(int(self.headers["Content-Length"]))
            body = authority.stamp(request)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            del args

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


class Shell:
    def __init__(self, folder: Path, keys: Path) -> None:
        self.folder = folder
        self.keys = keys

    def run(self, *words: str, signs: bool = False) -> Result:
        key = ["--key", str(self.keys / "es256.key.pem"), "--chain"]
        more = [*key, str(self.keys / "es256.chain.pem")] if signs else []
        return CliRunner().invoke(main, [*words, *more])

    def path(self, name: str) -> str:
        return str(self.folder / name)


@pytest.fixture
def shell(tmp_path: Path, pki: tuple[Path, DevPki]) -> Shell:
    one = Shell(tmp_path, pki[0])
    (tmp_path / "in.png").write_bytes(picture("png"))
    told = ("--generator", "Painter@2", "--prompt", "a fox", "--creator", "Ada Lovelace")
    done = one.run("sign", one.path("in.png"), "-o", one.path("a.png"), *told, signs=True)
    assert done.exit_code == 0, done.output
    return one


def test_redact_takes_a_name_out(shell: Shell) -> None:
    wish = ("--label", "cawg.metadata", "--reason", "pii", "-o", shell.path("b.png"))
    done = shell.run("redact", shell.path("a.png"), *wish, signs=True)
    assert done.exit_code == 0, done.output
    assert b"Ada Lovelace" not in Path(shell.path("b.png")).read_bytes()
    assert shell.run("verify", shell.path("b.png")).exit_code == 0


def test_redact_of_a_label_that_is_not_there_is_one_sentence(shell: Shell) -> None:
    wish = ("--label", "cawg.metdata", "--reason", "pii", "-o", shell.path("b.png"))
    done = shell.run("redact", shell.path("a.png"), *wish, signs=True)
    assert done.exit_code == 1
    assert "did you mean 'cawg.metadata'" in done.output
    assert not Path(shell.path("b.png")).exists()


def test_update_adds_a_creator_in_place(shell: Shell) -> None:
    wish = ("--creator", "Grace Hopper", "--in-place")
    done = shell.run("update", shell.path("a.png"), *wish, signs=True)
    assert done.exit_code == 0, done.output
    assert b"Grace Hopper" in Path(shell.path("a.png")).read_bytes()
    assert shell.run("verify", shell.path("a.png")).exit_code == 0


def test_sign_and_timestamp_ask_an_authority(shell: Shell, tsa: str) -> None:
    words = ("sign", shell.path("in.png"), "-o", shell.path("s.png"), "--generator", "P")
    done = shell.run(*words, "--tsa", tsa, signs=True)
    assert done.exit_code == 0, done.output
    later = ("timestamp", shell.path("a.png"), "-o", shell.path("t.png"), "--tsa", tsa)
    done = shell.run(*later, signs=True)
    assert done.exit_code == 0, done.output
    trust = provenance.TrustSettings.load(anchors=[shell.keys / "root.pem"])
    for name, which in (("s.png", 0), ("t.png", 1)):
        report = provenance.verify(shell.path(name), trust=trust)
        assert report.state == "Trusted"
        signature = report.manifests[which].signature
        assert signature is not None
        assert signature.time is not None


def test_an_authority_that_is_not_there_leaves_nothing(shell: Shell) -> None:
    words = ("sign", shell.path("in.png"), "-o", shell.path("s.png"), "--generator", "P")
    done = shell.run(*words, "--tsa", "http://127.0.0.1:9/", signs=True)
    assert done.exit_code == 1
    assert "time stamp" in done.output
    assert not Path(shell.path("s.png")).exists()


def test_a_store_is_detached_and_attached_again(shell: Shell) -> None:
    names = (shell.path("a.png"), shell.path("store.c2pa"), "-o", shell.path("bare.png"))
    assert shell.run("detach", *names).exit_code == 0
    assert Path(shell.path("bare.png")).read_bytes() == picture("png")
    back = (shell.path("bare.png"), shell.path("store.c2pa"), "-o", shell.path("again.png"))
    assert shell.run("attach", *back).exit_code == 0
    assert Path(shell.path("again.png")).read_bytes() == Path(shell.path("a.png")).read_bytes()
