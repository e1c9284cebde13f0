"""proxy_filter.py - a before-queue filter as smtpd_proxy_filter wants it: passes an SMTP session on, line by line.

With `as_client` it tells the server behind it by XCLIENT what Postfix told it by XFORWARD.
"""
import re
import socket
import socketserver
import threading


class ProxyFilter:
    """Started by the constructor, stopped at the end of the lab."""

    def __init__(self, lab, port, next_port, as_client):
        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                try:
                    with socket.create_connection(("127.0.0.1", next_port), 60) as behind:
                        Session(self.rfile, self.wfile, behind, as_client).run()
                except OSError:
                    pass

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self.server = Server(("127.0.0.1", port), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()
        lab.at_end(self._stop)

    def _stop(self):
        self.server.shutdown()
        self.server.server_close()


class Session:
    def __init__(self, lines, out, behind, as_client):
        self.lines, self.out, self.as_client = lines, out, as_client
        self.behind = behind
        self.answers = behind.makefile("rb")

    def answer(self):
        """All lines of one answer."""
        heard = []
        while not heard or re.match(rb"\d{3}-", heard[-1]):
            heard.append(self.answers.readline())
        return b"".join(heard)

    def ask(self, line):
        self.behind.sendall(line)
        return self.answer()

    def hand_on(self, line):
        """XFORWARD as XCLIENT, which begins the session anew."""
        words = [word for word in line.split()[1:] if word.split(b"=")[0] in (b"NAME", b"ADDR", b"PORT", b"PROTO", b"HELO")]
        self.ask(b"XCLIENT " + b" ".join(words) + b"\r\n")
        self.ask(b"EHLO proxy.example\r\n")
        return b"250 Ok\r\n"

    def run(self):
        self.out.write(self.answer())
        for line in self.lines:
            if self.as_client and line.upper().startswith(b"XFORWARD "):
                answer = self.hand_on(line)
            else:
                answer = self.ask(line)
            self.out.write(answer)
            if line.strip().upper() == b"DATA" and answer.startswith(b"354"):
                self.out.write(self.ask(self._message()))
            if line.strip().upper() == b"QUIT":
                return

    def _message(self):
        kept = []
        for line in self.lines:
            kept.append(line)
            if line == b".\r\n":
                break
        return b"".join(kept)
