"""sink.py - a mail server that takes everything and keeps it as it came: where the mail of a test ends."""
import dataclasses
import re
import socketserver
import threading

import lab as lab_module


@dataclasses.dataclass
class Taken:
    """One message with its envelope."""
    sender: str
    recipients: list
    parameters: str     # of MAIL FROM
    message: bytes


class Sink:
    """Started by the constructor, at address and port; stopped at the end of the lab."""

    def __init__(self, lab, address="127.0.0.1", port=0, extensions=("8BITMIME", "SMTPUTF8", "SIZE", "PIPELINING")):
        self.taken = []
        self.extensions = extensions
        sink = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    sink.converse(self.rfile, self.wfile)
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True
            request_queue_size = 64

        self.server = Server((address, port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        lab.at_end(self._stop)

    def _stop(self):
        self.server.shutdown()
        self.server.server_close()

    def converse(self, lines, out):
        out.write(b"220 sink.example ESMTP\r\n")
        sender, parameters, recipients = "", "", []
        for line in lines:
            words = line.decode(errors="replace").strip()
            verb = words[:4].upper()
            if verb == "EHLO":
                offers = ["sink.example", *self.extensions]
                out.write("".join(f"250{'-' if offer is not offers[-1] else ' '}{offer}\r\n"
                                  for offer in offers).encode())
                continue
            if verb == "MAIL":
                sender, parameters = re.match(r"(?i)mail from:\s*<(.*?)>\s*(.*)", words).groups()
                recipients = []
            elif verb == "RCPT":
                recipients.append(re.match(r"(?i)rcpt to:\s*<(.*?)>", words).group(1))
            elif verb == "DATA":
                out.write(b"354 go on\r\n")
                message = self._data(lines)
                self.taken.append(Taken(sender, recipients, parameters, message))
                recipients = []
            elif verb == "QUIT":
                out.write(b"221 bye\r\n")
                return
            out.write(b"250 ok\r\n")

    @staticmethod
    def _data(lines):
        kept = []
        for line in lines:
            if line == b".\r\n":
                break
            kept.append(line[1:] if line.startswith(b".") else line)
        return b"".join(kept)

    def find(self, token, seconds=lab_module.PATIENCE):
        """The first message that contains the token, waiting for it."""
        if isinstance(token, str):
            token = token.encode()
        return lab_module.wait_until(lambda: next((one for one in self.taken if token in one.message), None), seconds,
                                     f"a message with {token!r} at the sink")
