"""The door to the network: what it lets through, and what it does not."""

import ipaddress
import pickle
import socket
import ssl
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from provenance.fetch import Door, FetchError
from tests.trust.forge import NOW, name
from tests.web import Asked, Reply, site

OPEN = Door(plain=True, private=True, seconds=5)


def says(body: bytes, **more: object) -> Reply:
    return Reply(body, **more)  # type: ignore[arg-type]  # as the test says


@pytest.fixture(scope="module")
def credential(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Key and certificate of a server on this machine."""
    key = ec.generate_private_key(ec.SECP256R1())
    made = (
        x509.CertificateBuilder(name("server"), name("server"), key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=900))
        .not_valid_after(NOW + timedelta(days=9000))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return path


def test_what_lies_there_is_fetched() -> None:
    with site(lambda _: says(b"a list")) as there:
        assert OPEN.get(f"{there.url}/lists/a.json?b=1") == b"a list"
    (asked,) = there.asked
    assert (asked.method, asked.path) == ("GET", "/lists/a.json?b=1")
    assert asked.headers["User-Agent"].startswith("provenance/")


def test_what_is_posted_arrives() -> None:
    with site(lambda asked: says(asked.body[::-1])) as there:
        assert OPEN.post(there.url, b"abc", content_type="application/x") == b"cba"
    assert there.asked[0].headers["Content-Type"] == "application/x"


def test_over_tls_the_server_must_be_who_it_says(credential: Path) -> None:
    trusting = ssl.create_default_context(cafile=str(credential))
    with site(lambda _: says(b"safe"), credential=credential) as there:
        assert Door(private=True, certificates=trusting).get(there.url) == b"safe"
        with pytest.raises(FetchError, match="certificate verify failed"):
            Door(private=True).get(there.url)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://example.com/", "is not https"),
        ("file:///etc/passwd", "is not https"),
        ("ftp://example.com/", "is not https"),
        ("example.com", "is not https"),
        ("https://", "no address"),
        ("https://user:word@example.com/", "password"),
        ("https://example.com:99999/", "no address"),
        ("https://example.com/a b", "no address"),
        ("https://example.com/\r\nHost: x", "no address"),
        ("https://[::1", "no address"),
    ],
)
def test_such_an_address_is_not_spoken_to(url: str, why: str) -> None:
    with pytest.raises(FetchError, match=why):
        Door().get(url)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "172.16.0.1"),
        "0.0.0.0",  # noqa: S104  # nothing is bound to it
        *("[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]"),
        *("[2002:7f00:1::]", "224.0.0.1", "100.64.0.1", "localhost"),
    ],
)
def test_this_machine_and_its_neighbours_are_not_spoken_to(host: str) -> None:
    with pytest.raises(FetchError, match="private network or on this machine"):
        Door(plain=True).get(f"http://{host}/")


def test_a_name_that_leads_to_this_machine_is_not_spoken_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("127.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(FetchError, match=r"127\.0\.0\.1"):
        Door().get("https://example.com/")


def test_redirects_are_followed_and_looked_at() -> None:
    def answer(asked: Asked) -> Reply:
        if asked.path == "/old":
            return Reply(status=302, headers={"Location": "/new"})
        return Reply(b"new")

    with site(answer) as there:
        assert OPEN.get(f"{there.url}/old") == b"new"


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("file:///etc/passwd", "is not https or http"),
        ("gopher://example.com/", "is not https or http"),
        ("/round", "more than 3 times"),
        ("", "more than 3 times"),
    ],
)
def test_a_redirect_leads_nowhere_else(location: str, why: str) -> None:
    reply = Reply(status=307, headers={"Location": location})
    with site(lambda _: reply) as there, pytest.raises(FetchError, match=why):
        OPEN.get(f"{there.url}/round")
    assert len(there.asked) <= 4


def test_a_redirect_does_not_lead_from_https_to_http(credential: Path) -> None:
    door = Door(
        plain=True, private=True, certificates=ssl.create_default_context(cafile=str(credential))
    )
    reply = Reply(status=301, headers={"Location": "http://127.0.0.1/"})
    with (
        site(lambda _: reply, credential=credential) as there,
        pytest.raises(FetchError, match="from https to http"),
    ):
        door.get(there.url)


def test_what_was_posted_is_not_sent_elsewhere() -> None:
    reply = Reply(status=307, headers={"Location": "/other"})
    with site(lambda _: reply) as there, pytest.raises(FetchError, match="answered 307"):
        OPEN.post(there.url, b"question", content_type="text/plain")
    assert len(there.asked) == 1


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (Reply(b"no", status=404), "answered 404"),
        (Reply(b"x" * 2000), "2000 bytes, of which we read 1000"),
        (Reply(b"x" * 2000, length=-1), "more than 1000 bytes"),
        (Reply(b"short", length=50), "5 bytes of 50 came"),
        (Reply(b"x", headers={"Content-Encoding": "gzip"}), "compressed"),
    ],
)
def test_another_answer_than_hoped_for_is_an_error(reply: Reply, why: str) -> None:
    door = Door(plain=True, private=True, max_bytes=1000, seconds=5)
    with site(lambda _: reply) as there, pytest.raises(FetchError, match=why):
        door.get(there.url)


def test_who_keeps_us_waiting_is_left() -> None:
    door = Door(plain=True, private=True, seconds=0.3)
    begun = time.monotonic()
    with site(lambda _: None) as there, pytest.raises(FetchError, match=r"within 0\.3 seconds"):
        door.get(there.url)
    assert time.monotonic() - begun < 5


def test_who_answers_byte_by_byte_is_left_too() -> None:
    door = Door(plain=True, private=True, seconds=0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:

        def drip() -> None:
            with server.accept()[0] as line:
                line.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                for _ in range(100):
                    time.sleep(0.05)
                    try:
                        line.sendall(b"x")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        begun = time.monotonic()
        with pytest.raises(FetchError, match=r"within 0\.5 seconds"):
            door.get(f"http://127.0.0.1:{server.getsockname()[1]}/")
        assert time.monotonic() - begun < 3
        thread.join()


def test_who_is_not_there_is_not_reached() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    with pytest.raises(FetchError, match="cannot be reached"):
        OPEN.get(f"http://127.0.0.1:{port}/")


def test_what_is_no_http_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        line = socket.create_connection(("127.0.0.1", port))
        line.close()
        server.accept()[0].close()

        def answer() -> None:
            with server.accept()[0] as other:
                other.recv(1000)
                other.sendall(b"\x00" * 100)

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(FetchError, match="cannot be fetched"):
            OPEN.get(f"http://127.0.0.1:{port}/")
        thread.join()


def test_a_door_and_its_errors_cross_processes() -> None:
    assert pickle.loads(pickle.dumps(OPEN)) == OPEN
    error = pickle.loads(pickle.dumps(FetchError("https://example.com/", "answered 404")))
    assert str(error) == "https://example.com/: answered 404"
