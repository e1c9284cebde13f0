"""page.py - what the daemon serves by HTTP, asked and taken apart.

    page = Page("inet:PORT@127.0.0.1")      or "unix:/PATH"
    page.get("/health")                     Answer(status, fields, text)
    page.numbers()                          {'assay_messages_total{origin="ours",verdict="accept"}': 3.0, ...}
"""
import dataclasses
import http.client
import re
import socket

LINE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{[^}]*\})? (\S+)$')
LABEL = re.compile(r'(\w+)="((?:\\.|[^"\\])*)"')


@dataclasses.dataclass
class Answer:
    status: int
    fields: dict
    text: str


@dataclasses.dataclass
class Metric:
    """One of the table: what HELP and TYPE say, and the words of each label."""
    name: str
    kind: str = ""
    about: str = ""
    labels: dict = dataclasses.field(default_factory=dict)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(self.path)


class Page:
    def __init__(self, listen):
        self.listen = listen

    def address(self):
        """What socket.connect() takes."""
        if self.listen.startswith("unix:"):
            return self.listen[5:]
        port, host = self.listen.split(":", 1)[1].split("@")
        return host.strip("[]"), int(port)

    def connection(self):
        address = self.address()
        if isinstance(address, str):
            return UnixConnection(address)
        return http.client.HTTPConnection(*address, timeout=60)

    def get(self, path, method="GET", body=None):
        connection = self.connection()
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read().decode())
        finally:
            connection.close()

    def text(self):
        answer = self.get("/metrics")
        assert answer.status == 200, answer
        return answer.text

    def numbers(self):
        return numbers(self.text())


def numbers(text):
    found = {}
    for line in text.splitlines():
        if not line.startswith("#"):
            name, labels, value = LINE.match(line).groups()
            assert name + (labels or "") not in found, f"{line} stands twice"
            found[name + (labels or "")] = float(value)
    return found


def metrics(text):
    """{name: Metric}; of a histogram the name without _bucket, _sum and _count."""
    found = {}
    for line in text.splitlines():
        if line.startswith("# HELP "):
            _, _, name, about = line.split(" ", 3)
            found[name] = Metric(name, about=about)
        elif line.startswith("# TYPE "):
            found[line.split()[2]].kind = line.split()[3]
        else:
            name, labels, _ = LINE.match(line).groups()
            base = re.sub(r"_(bucket|sum|count)$", "", name)
            metric = found.get(name) or found[base]
            for label, value in LABEL.findall(labels or ""):
                if label not in ("le", "version", "domain"):
                    metric.labels.setdefault(label, []).append(value)
    for metric in found.values():
        metric.labels = {name: list(dict.fromkeys(values)) for name, values in metric.labels.items()}
    return found
