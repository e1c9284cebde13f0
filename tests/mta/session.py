"""session.py - an SMTP client for hostile mail: what is sent is what the test says, octet for octet."""
import re
import socket

from island_world import SERVER
from showcase import RECIPIENT


class Session:
    """A connection to our server from a client's address, greeted."""

    def __init__(self, client, helo):
        self.socket = socket.create_connection((SERVER, 25), 120, source_address=(client, 0))
        self.lines = self.socket.makefile("rb")
        self.answer()
        self.say(f"EHLO {helo}")

    def answer(self):
        while True:
            line = self.lines.readline()
            if line[3:4] != b"-":
                return int(line[:3] or 421), line[4:].decode(errors="replace").strip()

    def say(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.answer()

    def envelope(self, sender, recipients):
        answer = self.say(f"MAIL FROM:<{sender}>")
        for recipient in recipients:
            if answer[0] < 300:
                answer = self.say(f"RCPT TO:<{recipient}>")
        return answer

    def send(self, message, sender, recipients=(RECIPIENT,)):
        answer = self.envelope(sender, recipients)
        if answer[0] >= 300 or (answer := self.say("DATA"))[0] != 354:
            return answer
        message = re.sub(rb"(?m)^\.", b"..", message)
        try:
            self.socket.sendall(message + (b"" if message.endswith(b"\r\n") else b"\r\n") + b".\r\n")
        except ConnectionError:
            pass        # refused in the middle
        return self.answer()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.lines.close()
        self.socket.close()
