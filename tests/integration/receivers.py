"""A robot and a mail server on this machine that take down what they are sent; plain, or under TLS."""

import ipaddress
import json
import socketserver
import ssl
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Robot:
    """Answers every POST as the robot of its path does, or as it is told to."""

    def __init__(self) -> None:
        self.requests = []
        self.answer = None
        self.may_answer = threading.Event()
        self.may_answer.set()

    def handler(self):
        robot = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                robot.requests.append((self.path, self.headers["Content-Type"], json.loads(body)))
                usual = b"ok" if self.path.startswith("/slack") else b'{"errcode": 0, "code": 0}'
                status, headers, said = robot.answer or (200, {}, usual)
                robot.may_answer.wait(60)
                if status is None:
                    return  # hangs up
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                return None

        return Handler


class Mailbox:
    """Speaks as much SMTP as it takes to hand in a mail."""

    def __init__(self, context=None, starttls=False, login=None) -> None:
        self.mails = []
        self.was_encrypted = []
        self.logins = []
        self.context = context
        self.starttls = starttls
        self.login = login
        self.refused = set()
        self.hangs_up = False

    def handler(self):
        return type("Handler", (Talk,), {"box": self})


class Talk(socketserver.BaseRequestHandler):
    """One connection to a mailbox."""

    box: Mailbox

    def handle(self):
        self.is_encrypted = False
        self.is_over = False
        if self.box.context and not self.box.starttls:
            self.encrypt()
        try:
            self.file = self.request.makefile("rb")
            self.say("220 here")
            while not self.is_over and (line := self.file.readline().decode().strip()):
                getattr(self, line.split()[0].lower(), self.agree)(line)
        except (OSError, ValueError):
            return

    def encrypt(self):
        self.request = self.box.context.wrap_socket(self.request, server_side=True)
        self.is_encrypted = True

    def say(self, text):
        self.request.sendall(f"{text}\r\n".encode())

    def agree(self, _):
        self.say("250 ok")

    def ehlo(self, _):
        offers = ["here", *(["STARTTLS"] if self.box.starttls and not self.is_encrypted else [])]
        offers += ["AUTH PLAIN"] if self.box.login else []
        for offer in offers:
            self.say(f"250-{offer}")
        self.say("250 HELP")

    def starttls(self, _):
        self.say("220 go on")
        self.file.close()
        self.encrypt()
        self.file = self.request.makefile("rb")

    def auth(self, line):
        given = tuple(b64decode(line.split()[2]).decode().split("\0")[1:])
        self.box.logins.append(given)
        self.say("235 welcome" if given == self.box.login else "535 no")

    def rcpt(self, line):
        refused = line.split("<")[1].split(">")[0] in self.box.refused
        self.say("550 nobody" if refused else "250 ok")

    def data(self, _):
        self.say("354 go on")
        lines = list(iter(self.file.readline, b".\r\n"))
        self.box.mails.append(message_from_bytes(b"".join(lines), policy=policy.default))
        self.box.was_encrypted.append(self.is_encrypted)
        self.is_over = self.box.hangs_up
        if not self.is_over:
            self.say("250 taken")

    def quit(self, _):
        self.say("221 bye")
        self.is_over = True

    def finish(self):
        self.request.close()


@contextmanager
def listening(server_class, receiver, context=None) -> Iterator[int]:
    """Serve in a thread; yields the port."""
    with server_class(("127.0.0.1", 0), receiver.handler()) as server:
        server.daemon_threads = True
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        server.handle_error = lambda *_: None
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def robot_at(robot, context=None):
    return listening(ThreadingHTTPServer, robot, context)


def mailbox_at(box):
    return listening(socketserver.ThreadingTCPServer, box)


def certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context for 127.0.0.1, and the certificate by which it is trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "certificate.pem"
    pem.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file = folder / "key.pem"
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, key_file)
    return context, pem
