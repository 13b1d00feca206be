"""Hosts that are not whom they claim to be, or never answer."""

import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from mergegate.errors import ForgeError
from mergegate.forge import session
from mergegate.forge.github import GitHub


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that only its owner trusts, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    begins = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(begins)
        .not_valid_after(begins.replace(year=2120))
        .add_extension(address, critical=False)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    return file


@pytest.fixture
def encrypted(certificate: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a host with that certificate, and the tokens that it was sent."""
    tokens: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            tokens.append(self.headers["Authorization"])
            body = b'{"default_branch": "main"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"https://127.0.0.1:{server.server_port}", tokens
        server.shutdown()


def test_a_host_that_nobody_vouches_for_gets_no_token(
    encrypted: tuple[str, list[str]], slept: list[float]
) -> None:
    address, tokens = encrypted
    with (
        GitHub(address, "team/flights", "ghs_secret", sleep=slept.append) as github,
        pytest.raises(ForgeError) as caught,
    ):
        github.default_branch()
    assert "has a certificate that is not trusted, so nothing was sent" in caught.value.message
    assert caught.value.hint == (
        "look at GITHUB_API_URL; name your own authority's certificate by SSL_CERT_FILE"
    )
    assert (tokens, slept) == ([], [])


def test_a_company_vouches_for_its_own_host(
    encrypted: tuple[str, list[str]], certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, tokens = encrypted
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with GitHub(address, "team/flights", "ghs_secret") as github:
        assert github.default_branch() == "main"
    assert tokens == ["Bearer ghs_secret"]


def test_a_host_that_never_answers_is_given_up(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "TIMEOUT", httpx.Timeout(0.02))
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        GitHub(
            f"http://127.0.0.1:{silent.getsockname()[1]}", "team/flights", "ghs_secret", sleep=slept.append
        ) as github,
        pytest.raises(ForgeError) as caught,
    ):
        github.default_branch()
    assert " took too long to answer: GET /repos/team/flights: " in caught.value.message
    assert slept == [1.0, 2.0, 4.0, 8.0, 16.0]
