"""wire_connections.py - connections that do not go the straight way: several messages, aborts, hang-ups, nonsense."""
import random
import socket
import struct

from bench import BAD, case, equal, good_one, plain, refused, started, taken
import lab as lab_module
import milter_client

ONE_PLACE = "limits: { messages = 1; };"     # a message that is not given up would keep the next one out


@case("connections", "several messages on one connection share nothing")
def several(bench):
    with bench.daemon(ONE_PLACE) as daemon, started(daemon, BAD) as client:
        for _ in range(3):
            refused(client.deliver(plain()), "550", "example.org")
            answer = client.deliver(plain("shop.example"), sender="sales@shop.example")
            taken(answer, "header.from=shop.example", "smtp.mailfrom=shop.example")
            assert answer.quarantine, "the second message is not held"
            answer = client.deliver(plain("club.example"), sender="", recipients=("a@example.net", "b@example.net"))
            taken(answer, "header.from=club.example")
            assert "shop.example" not in answer.results() and not answer.quarantine, "something is left of another"
            taken(client.deliver(bench.signed(plain()), sender="info@club.example"), "dkim=pass", "dmarc=pass")


STAGES = ("negotiate", "connect", "helo", "mail", "rcpt", "data", "header", "end_of_headers", "body")


def mail(client):
    """MAIL, until it is taken. Where there is one place, the message before may still have it: libmilter notices a hang-up
    in its own time."""
    lab_module.wait_until(lambda: client.mail("anna@example.org").word == "continue", what="a place for the message")


def up_to(client, stage):
    """The steps of a message until one, that included."""
    steps = {"negotiate": client.negotiate, "connect": client.connect, "helo": client.helo,
             "mail": lambda: mail(client), "rcpt": lambda: client.rcpt("reader@example.net"),
             "data": client.data, "header": lambda: client.header(b"From", b" anna@example.org"),
             "end_of_headers": client.end_of_headers, "body": lambda: client.body(b"Hello.\r\n")}
    for name in STAGES[:STAGES.index(stage) + 1]:
        steps[name]()


@case("connections", "a message may be given up after every step, and the next one is judged as ever")
def aborts(bench):
    with bench.daemon(ONE_PLACE) as daemon:
        for stage in STAGES[2:]:
            with milter_client.Client(daemon.address) as client:
                up_to(client, stage)
                client.abort()
                good_one(client)
                client.quit()


@case("connections", "the server may hang up after every step")
def hang_ups(bench):
    with bench.daemon(ONE_PLACE) as daemon:
        for stage in STAGES:
            client = milter_client.Client(daemon.address)
            up_to(client, stage)
            client.close()
            with milter_client.Client(daemon.address).start() as other:
                mail(other)
                other.abort()


@case("connections", "the server may hang up while the answer is on its way")
def hang_up_at_end(bench):
    with bench.daemon() as daemon:
        for _ in range(20):
            client = started(daemon)
            client.mail("anna@example.org")
            client.header(b"From", b" anna@example.org")
            client.send(b"E")
            client.close()
        with started(daemon) as client:
            good_one(client)


@case("connections", "a new MAIL without the end of the former message")
def mail_again(bench):
    with bench.daemon(ONE_PLACE) as daemon, started(daemon) as client:
        client.mail("sales@shop.example")
        client.header(b"From", b" sales@shop.example")
        good_one(client)


@case("connections", "no body, no header, no From")
def parts_missing(bench):
    with bench.daemon(ONE_PLACE) as daemon, started(daemon) as client:
        for header in (True, False):
            equal(client.mail("anna@example.org").word, "continue", "the answer to MAIL")
            client.rcpt("reader@example.net")
            if header:
                client.header(b"From", b" anna@example.org")
            client.end_of_headers()
            answer = client.end_of_message()
            if header:
                taken(answer, "dmarc=pass")
            else:
                refused(answer, "550", "From")
        refused(client.deliver(b"Subject: no author\r\n\r\nHello.\r\n"), "550", "From")


@case("connections", "strange names, empty values, octets over 127, a NUL in the body")
def strange_fields(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        client.mail("anna@example.org")
        client.rcpt("")
        for name, value in ((b"X", b""), (b"\xff\xfe", b" \xff"), (b"From", b" anna@example.org"),
                            (b"DKIM-Signature", b""), (b"Authentication-Results", b""), (b"A:b", b" c")):
            client.header(name, value)
        client.end_of_headers()
        client.body(b"a\0b\r\n.\r\n\0")
        taken(client.end_of_message(), "dmarc=pass")


def packet(command, data):
    return struct.pack("!I", len(data) + 1) + command + data


def nonsense(numbers):
    """Octets that no mail server sends, of several kinds."""
    yield b""
    yield b"EHLO mail.example.org\r\n"
    yield b"\0" * 100
    yield struct.pack("!I", 0xFFFFFFFF) + b"O"
    yield struct.pack("!I", 0) + b"O"
    yield packet(b"O", b"")
    yield packet(b"O", struct.pack("!III", 1, 0, 0))
    yield packet(b"O", struct.pack("!III", 6, 0, 0))[:-3]
    hello = packet(b"O", struct.pack("!III", 6, 511, (1 << 21) - 1))
    yield hello + packet(b"E", b"")
    yield hello + packet(b"L", b"From\0anna@example.org\0")
    yield hello + packet(b"B", b"body")
    yield hello + packet(b"C", b"name-without-end")
    yield hello + packet(b"C", b"name\0" + b"4\0")
    yield hello + packet(b"D", b"Mi\0")
    yield hello + packet(b"M", b"no-end")
    yield hello + packet(b"M", b"")
    yield hello + packet(b"M", b"<a@b>\0") + packet(b"L", b"no-value\0") + packet(b"E", b"")
    for _ in range(60):
        yield numbers.randbytes(numbers.randint(1, 400))
    for _ in range(200):
        words = [packet(bytes([numbers.choice(b"ABCDEHLMNOQRTUX")]), numbers.randbytes(numbers.randint(0, 60)))
                 for _ in range(numbers.randint(1, 12))]
        yield hello + b"".join(words)


@case("connections", "nonsense on the socket harms nobody else")
def garbage(bench):
    with bench.daemon() as daemon, started(daemon) as before:
        for octets in nonsense(random.Random(20260101)):
            with socket.socket(socket.AF_UNIX) as raw:
                raw.connect(str(daemon.socket))
                try:
                    raw.sendall(octets)
                    raw.shutdown(socket.SHUT_WR)
                    raw.settimeout(10)
                    while raw.recv(65536):
                        pass
                except OSError:
                    pass
        good_one(before)
        with started(daemon) as after:
            good_one(after)
