#!/usr/bin/python3
"""wire_names.py - the name server of wire_fuzz.py: what it answers follows from the seed and the
question alone.

    tests/fuzz/wire_names.py --seed N --zone FILE      prints "port N" once it answers

The zone has lines "NAME TXT TEXT" and "NAME A ADDRESS"; other names of the zone's domains do
not exist. Names below "any.example" always have an answer at once: records made by a grammar,
hostile ones among them. Names below "chaos.example" have that, late or never, failures, and
packets that are no sound answer. No other name exists.
"""
import argparse
import heapq
import random
import selectors
import socket
import struct
import time

A, NS, CNAME, SOA, PTR, MX, TXT, AAAA = 1, 2, 5, 6, 12, 15, 16, 28
TYPES = {"A": A, "TXT": TXT}
NOERROR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED = 0, 2, 3, 4, 5
UDP_MAX = 1232
LATE = 2.5          # seconds that an answer is late at most; wire_fuzz.py's time limit lies below

MACROS = ("%{i}", "%{s}", "%{l}", "%{d}", "%{d2r}", "%{ir}.%{v}", "%{h}", "%{p}", "%{d128r+-}",
          "%%", "%_", "%-",
          "%{", "%{x}", "%{d0}", "%", "%{S}", "%{L9r-}")
WORDS = ("-all", "~all", "?all", "+all", "all", "ip4:192.0.2.0/24", "ip4:192.0.2.10", "ip4:1.2.3",
         "ip4:0.0.0.0/0",
         "ip4:192.0.2.10/33", "ip6:2001:db8::/32", "ip6:::1/129", "ip6:fe80::1%lo", "a", "mx",
         "ptr", "a/0", "mx//0",
         "a:{n}", "mx:{n}", "ptr:{n}", "a:{n}/24//64", "exists:{m}.{n}", "include:{n}",
         "include:{m}", "redirect={n}",
         "redirect={m}", "exp={n}", "exp={m}", "unknown=x", "unknown:x", "v=spf1", "-", "\xff\xfe",
         "include:",
         "include:{l}", "exists:{l}{m}")
DMARC_WORDS = ("p=reject", "p=quarantine", "p=none", "p=", "p=xyz", "sp=reject", "np=reject",
               "adkim=s", "aspf=r",
               "psd=y", "psd=n", "psd=u", "t=y", "pct=0", "pct=100000000000", "rua=mailto:a@{n}",
               "rua=mailto:a@{n}!10m,mailto:b@{n}", "rua=http://{n}/", "rua={l}", "fo=1:d:s", "fo=",
               "=", ";;", "x=\x01",
               "v=DMARC1", "ri=0", "rf=afrf", "\x80\x81", "p=reject; p=none")
KEY_WORDS = ("v=DKIM1", "k=rsa", "k=ed25519", "k=x", "p=", "p=AAAA", "h=sha1", "h=sha256", "s=*",
             "s=tls", "t=y", "t=s",
             "t=y:s", "n=%3D=", "g=", "p=\x00", "p={l}", ";", "=", "p=MCowBQYDK2VwAyEA", "v=DKIM2")


def name_octets(name):
    labels = [label for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([min(len(label),
                               63)]) + label.encode("latin-1")[:63] for label in labels) + b"\0"


def texts(value):
    octets = value.encode("latin-1", "replace")
    pieces = [octets[at:at + 255] for at in range(0, len(octets), 255)] or [b""]
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def made_text(chance, name):
    """The text of a TXT record: what stands at such a name, or what should not."""
    def fill(word):
        below = "chaos.example" if name.endswith("chaos.example") else "any.example"
        return word.format(n=f"n{chance.randrange(40)}.{below}", m=chance.choice(MACROS),
                           l="x" * chance.choice((62, 64, 250, 500)))

    kinds = [("v=spf1", " ", WORDS), ("v=DMARC1", "; ", DMARC_WORDS), ("v=DKIM1", "; ", KEY_WORDS)]
    right = 1 if name.startswith("_dmarc.") else 2 if "._domainkey." in name else 0
    head, between, words = kinds[right if chance.random() < 0.9 else chance.randrange(3)]
    some = [fill(chance.choice(words)) for _ in range(chance.choice((0, 1, 2, 3, 5, 12, 40)))]
    if right == 1 and chance.random() < 0.6:
        some.insert(0, "p=" + chance.choice(("reject", "quarantine", "none")))
    return between.join([head if chance.random() < 0.95 else chance.choice(("", "V=SPF1",
                                                                            head + "x")), *some])


def made_record(chance, name, kind):
    """(type, data)"""
    other = f"n{chance.randrange(40)}.{name.split('.', 1)[-1]}"
    if chance.random() < 0.05:
        return kind, chance.randbytes(chance.choice((0, 1, 3, 4, 5, 15, 16, 17, 200)))
    if kind == A:
        return kind, bytes([192, 0, 2, chance.choice((10, 66, 1))])
    if kind == AAAA:
        return kind, socket.inet_pton(socket.AF_INET6,
                                      chance.choice(("2001:db8::10", "::1", "fe80::1")))
    if kind == MX:
        return kind, struct.pack("!H",
                                 chance.randrange(65536)) + name_octets(chance.choice((other, "",
                                                                                       "x" * 70)))
    if kind in (PTR, CNAME, NS):
        return kind, name_octets(chance.choice((other, "mail.bank.example", name, "a." * 100, "")))
    if kind == TXT:
        return kind, texts(made_text(chance, name))
    return kind, chance.randbytes(8)


class Names:
    def __init__(self, seed, zone):
        self.seed = seed
        self.zone = {}
        for line in zone.splitlines():
            name, kind, value = line.split(" ", 2)
            data = socket.inet_aton(value) if kind == "A" else texts(value)
            self.zone.setdefault((name, TYPES[kind]), []).append((TYPES[kind], data))

    def records(self, name, kind):
        """(response code, records, what else is wrong, seconds that it is late)"""
        chance = random.Random(f"{self.seed} {name} {kind}")
        if (name, kind) in self.zone:
            return NOERROR, self.zone[name, kind], "", 0
        known = any(owner == name or owner.endswith("." + name) for owner, _ in self.zone)
        if not name.endswith(("any.example", "chaos.example", "in-addr.arpa", "ip6.arpa")) or known:
            return NOERROR if known else NXDOMAIN, [], "", 0
        made = [made_record(chance, name,
                            kind) for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 2, 3, 12, 30)))]
        if not name.endswith("chaos.example"):
            return (NOERROR if made else chance.choice((NOERROR, NXDOMAIN))), made, "", 0
        wrong = chance.choice(("", "", "", "", "silent", "truncated", "short", "garbage", "id",
                               "question", "loop", "cut",
                               "counts", "alias", "pointer", "always truncated"))
        code = chance.choice((NOERROR,) * 8 + (SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, 15))
        return code, made, wrong, chance.choice((0, 0, 0, 0.01, 0.2, LATE * chance.random()))

    def answer(self, query, udp):
        """(seconds to wait, octets) or None for none."""
        try:
            name, kind, end = question(query)
        except (IndexError, struct.error):
            return None
        code, records, wrong, late = self.records(name, kind)
        chance = random.Random(f"{self.seed} {name} {kind} {wrong}")
        if wrong == "silent":
            return None
        owner = b"\xc0\x0c"
        if wrong == "alias" and records:
            target = name_octets(f"alias{chance.randrange(9)}.{name}"[:250])
            records = [(CNAME, target)] + records
        elif wrong == "loop":
            records = [(CNAME, owner)]
        elif wrong == "pointer":
            owner = b"\xc0" + bytes([end & 0xFF])
        truncated = wrong == "always truncated" or wrong == "truncated" and udp
        body = b"".join(owner + struct.pack("!HHIH", kind_, 1, chance.choice((0, 1, 300)),
                                            len(data)) + data
                        for kind_, data in ([] if truncated else records))
        if udp and len(body) > UDP_MAX:
            body, truncated, records = b"", True, []
        count = 0 if truncated else len(records)
        number = query[:2] if wrong != "id" else bytes([query[0] ^ 1, query[1]])
        other = name_octets("other.example") + query[end - 4:end]
        asked = other if wrong == "question" else query[12:end]
        if wrong == "counts":
            count = chance.choice((0, count + 1, 65535))
        flags = 0x8180 | code | (0x0200 if truncated else 0)
        reply = number + struct.pack("!HHHHH", flags, 1, count, 0, 0) + asked + body
        if wrong in ("short", "cut"):
            reply = reply[:2 if wrong == "short" else chance.randrange(len(reply))]
        elif wrong == "garbage":
            reply = number + chance.randbytes(chance.randrange(200))
        return late, reply


def question(query):
    """(name in lower case, type, where the question ends)"""
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
        at += 1 + query[at]
    return ".".join(labels), struct.unpack("!H", query[at + 1:at + 3])[0], at + 5


class Server:
    """UDP and TCP on one port, in one thread; late answers wait in a heap."""

    def __init__(self, names):
        self.names = names
        self.late = []
        self.count = 0
        self.selector = selectors.DefaultSelector()
        self.udp, listener = sockets()
        self.port = self.udp.getsockname()[1]
        self.selector.register(self.udp, selectors.EVENT_READ, self.take_udp)
        self.selector.register(listener, selectors.EVENT_READ, self.take_connection)

    def send_later(self, seconds, send):
        self.count += 1
        heapq.heappush(self.late, (time.monotonic() + seconds, self.count, send))

    def take_udp(self, udp):
        for _ in range(100):
            try:
                query, client = udp.recvfrom(65535)
            except OSError:
                return
            answer = self.names.answer(query, True)
            if answer:
                self.send_later(answer[0], lambda client=client,
                                octets=answer[1]: udp.sendto(octets, client))

    def take_connection(self, listener):
        connection, _ = listener.accept()
        connection.settimeout(1)
        self.selector.register(connection, selectors.EVENT_READ, self.take_tcp)

    def take_tcp(self, connection):
        """One query; the sender is a program of this host and sends it in one piece."""
        try:
            octets = connection.recv(65535)
        except OSError:
            octets = b""
        if len(octets) < 3:
            self.selector.unregister(connection)
            connection.close()
            return
        answer = self.names.answer(octets[2:], False)
        if answer:
            reply = answer[1][:65535]
            self.send_later(answer[0],
                            lambda: connection.sendall(struct.pack("!H", len(reply)) + reply))

    def serve(self):
        while True:
            wait = max(0, self.late[0][0] - time.monotonic()) if self.late else None
            for key, _ in self.selector.select(wait):
                key.data(key.fileobj)
            while self.late and self.late[0][0] <= time.monotonic():
                try:
                    heapq.heappop(self.late)[2]()
                except OSError:
                    pass


def sockets():
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        try:
            return udp, socket.create_server(udp.getsockname(), backlog=256)
        except OSError:
            udp.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", required=True)
    parser.add_argument("--zone", required=True)
    options = parser.parse_args()
    with open(options.zone, encoding="ascii") as zone:
        server = Server(Names(options.seed, zone.read()))
    print(f"port {server.port}", flush=True)
    server.serve()


if __name__ == "__main__":
    main()
