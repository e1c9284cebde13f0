"""milter_client.py - the mail server's side of the milter protocol, version 6, as Postfix speaks it.

A Client is one connection: negotiate, then connect, helo, mail, rcpt, data, header..., body, end of message. Steps for
which the filter asked no reply get none. deliver() does a whole message and returns what the filter wanted.
"""
import dataclasses
import re
import socket
import struct

VERSION = 6

# Actions that we offer, RFC-less, from libmilter/mfdef.h.
ADD_HEADERS, CHANGE_BODY, ADD_RCPT, DELETE_RCPT, CHANGE_HEADERS, QUARANTINE = 1, 2, 4, 8, 16, 32
CHANGE_FROM, ADD_RCPT_PAR, SET_SYMLIST = 64, 128, 256
ALL_ACTIONS = 511

# Steps: what the filter may ask to leave out (NO_) or not to answer (NR_).
NO_CONNECT, NO_HELO, NO_MAIL, NO_RCPT, NO_BODY, NO_HEADERS, NO_END_OF_HEADERS = 1, 2, 4, 8, 16, 32, 64
NR_HEADER, NO_UNKNOWN, NO_DATA, SKIP, RCPT_REJECTED = 128, 256, 512, 1024, 2048
NR_CONNECT, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA, NR_UNKNOWN, NR_END_OF_HEADERS, NR_BODY = (1 << bit for bit in range(12, 20))
HEADER_LEADING_SPACE = 1 << 20
ALL_STEPS = (1 << 21) - 1

CHUNK = 65535
ANSWERS = {b"c": "continue", b"a": "accept", b"r": "reject", b"t": "tempfail", b"d": "discard", b"y": "reply",
           b"s": "skip"}


SEGMENTS = "packets"     # how clients send: one of the words below


def each(octets):
    return [octets[at:at + 1] for at in range(len(octets))]


class Sender:
    """Sends octets "packets" by packets, in "octets", one a segment, or "gathered": not before something is awaited."""
    WORDS = ("packets", "octets", "gathered")
    ENDS = 4000     # of something long, only so much at either end goes octet by octet

    def __init__(self, connected, how=None):
        self.socket, self.how, self.waiting = connected, how or SEGMENTS, []

    def send(self, octets):
        if self.how == "gathered":
            self.waiting.append(octets)
        elif self.how == "octets":
            first, last = min(self.ENDS, len(octets)), max(self.ENDS, len(octets) - self.ENDS)
            for piece in (*each(octets[:first]), octets[first:last], *each(octets[last:])):
                if piece:
                    self.socket.sendall(piece)
        else:
            self.socket.sendall(octets)

    def flush(self):
        octets, self.waiting = b"".join(self.waiting), []
        if octets:
            self.socket.sendall(octets)


class Closed(Exception):
    """The filter closed the connection."""


@dataclasses.dataclass
class Answer:
    """What the filter said to a message."""
    word: str = ""                  # continue, accept, reject, tempfail, discard
    reply: str = ""                 # "550 5.7.1 text" where it set one
    inserted: list = dataclasses.field(default_factory=list)      # (index, name, value)
    changed: list = dataclasses.field(default_factory=list)       # (index, name, value); value "" removes
    quarantine: str = ""
    recipients_added: list = dataclasses.field(default_factory=list)
    recipients_removed: list = dataclasses.field(default_factory=list)
    stage: str = "end of message"   # where it answered

    def results(self):
        """The Authentication-Results that was inserted, unfolded, or ""."""
        for _, name, value in self.inserted:
            if name.lower() == "authentication-results":
                return re.sub(r"\r?\n[ \t]+", " ", value).strip()
        return ""


class Client:
    def __init__(self, address, timeout=120.0, steps=ALL_STEPS, actions=ALL_ACTIONS):
        if isinstance(address, tuple):
            self.socket = socket.create_connection(address, timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(address))
        self.sender = Sender(self.socket)
        self.buffer = b""
        self.offered = (actions, steps)
        self.steps = self.actions = 0
        self.symbols = {}

    # octets

    def send(self, command, data=b""):
        self.sender.send(struct.pack("!I", len(data) + 1) + command + data)

    def _take(self, count):
        self.sender.flush()
        while len(self.buffer) < count:
            more = self.socket.recv(65536)
            if not more:
                raise Closed()
            self.buffer += more
        taken, self.buffer = self.buffer[:count], self.buffer[count:]
        return taken

    def receive(self):
        """(command, data)"""
        length = struct.unpack("!I", self._take(4))[0]
        packet = self._take(length)
        return packet[:1], packet[1:]

    def close(self):
        try:
            self.sender.flush()
        except OSError:
            pass
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # steps

    def negotiate(self):
        self.send(b"O", struct.pack("!III", VERSION, *self.offered))
        command, data = self.receive()
        if command != b"O":
            raise ValueError(f"{command!r} instead of a negotiation")
        _, self.actions, self.steps = struct.unpack("!III", data[:12])
        rest = data[12:]
        while len(rest) >= 5:
            stage = struct.unpack("!I", rest[:4])[0]
            names, _, rest = rest[4:].partition(b"\0")
            self.symbols[stage] = names.decode()
        return self

    def macros(self, command, values):
        if values:
            self.send(b"D", command + b"".join(name.encode() + b"\0" + value.encode(errors="surrogateescape") + b"\0"
                                                for name, value in values.items()))

    def step(self, command, data, silent, left_out=0):
        """The answer to one step; "continue" where none is to come."""
        if self.steps & left_out:
            return Answer("continue")
        self.send(command, data)
        return Answer("continue") if self.steps & silent else self.answer(command)

    def answer(self, command):
        """Reads actions until the answer that ends the step."""
        answer = Answer(stage={b"C": "connect", b"H": "helo", b"M": "mail", b"R": "rcpt", b"T": "data", b"L": "header",
                               b"N": "end of headers", b"B": "body", b"E": "end of message"}[command])
        while True:
            kind, data = self.receive()
            if kind in ANSWERS:
                answer.word = ANSWERS[kind]
                if kind == b"y":
                    answer.reply = data.rstrip(b"\0").decode(errors="replace")
                    answer.word = "reject" if answer.reply.startswith("5") else "tempfail"
                return answer
            self._note(answer, kind, data)

    @staticmethod
    def _note(answer, kind, data):
        texts = [text.decode(errors="replace") for text in data.split(b"\0")]
        if kind == b"h":
            answer.inserted.append((-1, texts[0], texts[1]))
        elif kind in b"im":
            index = struct.unpack("!I", data[:4])[0]
            texts = [text.decode(errors="replace") for text in data[4:].split(b"\0")]
            (answer.inserted if kind == b"i" else answer.changed).append((index, texts[0], texts[1]))
        elif kind == b"q":
            answer.quarantine = texts[0]
        elif kind in b"+2":
            answer.recipients_added.append(texts[0].strip("<>"))
        elif kind == b"-":
            answer.recipients_removed.append(texts[0].strip("<>"))
        elif kind != b"p":
            raise ValueError(f"the filter said {kind!r}")

    def connect(self, client="192.0.2.10", name="mail.example.org", version=None):
        self.macros(b"C", {"j": "mx.example.net", "{daemon_name}": "test", **({"v": version} if version else {})})
        if client is None:
            address = b"U"
        elif ":" in client:
            address = b"6" + struct.pack("!H", 4711) + client.encode() + b"\0"
        else:
            address = b"4" + struct.pack("!H", 4711) + client.encode() + b"\0"
        return self.step(b"C", name.encode() + b"\0" + address, NR_CONNECT, NO_CONNECT)

    def helo(self, name="mail.example.org"):
        return self.step(b"H", name.encode() + b"\0", NR_HELO, NO_HELO)

    def mail(self, sender, **macros):
        self.macros(b"M", macros)
        return self.step(b"M", b"<" + sender.encode() + b">\0", NR_MAIL, NO_MAIL)

    def rcpt(self, recipient):
        return self.step(b"R", b"<" + recipient.encode() + b">\0", NR_RCPT, NO_RCPT)

    def data(self):
        return self.step(b"T", b"", NR_DATA, NO_DATA)

    def header(self, name, value):
        """`value` as it stands after the colon, leading space and all; lines end in LF, as Postfix sends them."""
        if not self.steps & HEADER_LEADING_SPACE and value.startswith(b" "):
            value = value[1:]
        return self.step(b"L", name + b"\0" + value + b"\0", NR_HEADER, NO_HEADERS)

    def end_of_headers(self):
        return self.step(b"N", b"", NR_END_OF_HEADERS, NO_END_OF_HEADERS)

    def body(self, body):
        for start in range(0, len(body), CHUNK):
            answer = self.step(b"B", body[start:start + CHUNK], NR_BODY, NO_BODY)
            if answer.word != "continue":
                return answer
        return Answer("continue", stage="body")

    def end_of_message(self, queue_id="4TEST0001"):
        self.macros(b"E", {"i": queue_id} if queue_id else {})
        self.send(b"E")
        return self.answer(b"E")

    def abort(self):
        self.send(b"A")

    def quit(self):
        """Like Postfix at the end of a session: says so and hangs up."""
        try:
            self.send(b"Q")
        finally:
            self.close()

    def start(self, client="192.0.2.10", name="mail.example.org", helo="mail.example.org"):
        self.negotiate()
        self.connect(client, name)
        self.helo(helo)
        return self

    def deliver(self, message, sender="anna@example.org", recipients=("reader@example.net",), queue_id="4TEST0001",
                login=None):
        """One whole message (bytes, CRLF); its answer. The connection is ready for the next one afterwards."""
        fields, body = split(message)
        answer = self.mail(sender, **({"{auth_authen}": login} if login else {}))
        if answer.word != "continue":
            return answer
        for recipient in recipients:
            answer = self.rcpt(recipient)
            if answer.word != "continue":
                return answer
        self.data()
        for name, value in fields:
            self.header(name, value)
        self.end_of_headers()
        self.body(body)
        return self.end_of_message(queue_id)


def split(message):
    """([(name, value)], body): values without their final line end, folds with LF, leading space kept."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = []
    for line in re.split(rb"\r\n(?![ \t])", head):
        name, colon, value = line.partition(b":")
        if colon:
            fields.append((name, value.replace(b"\r\n", b"\n")))
    return fields, body


def plain(author="Anna <anna@example.org>", subject="test", body=b"Hello.\r\n", above=()):
    """A message as bytes."""
    lines = [*above, f"From: {author}", "To: reader@example.net", f"Subject: {subject}",
             "Date: Sun, 01 Nov 2026 12:00:00 +0000", "Message-ID: <test@example.org>", "", ""]
    return "\r\n".join(lines).encode() + body
