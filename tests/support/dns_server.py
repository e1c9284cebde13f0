#!/usr/bin/python3
"""dns_server.py - a DNS server for tests: UDP and TCP on loopback, answers and faults from a zone of lines.

    tests/support/dns_server.py --zone FILE [--port N] [--delay MS] [--ttl N] [--negative-ttl N]
                                [--log FILE] [--sign FILE] [--with-stdin]

Prints "port N" on standard output once it answers. Without --port the kernel chooses. --delay holds every answer
back; --ttl is the time to live of all records (300), --negative-ttl that of NXDOMAIN and NODATA (5). --log gets a
line a query: seconds since 1970, udp or tcp, name, type. SIGHUP reads the zone again, SIGTERM ends it; with
--with-stdin it also ends when standard input is closed, so that it never outlives the test that started it.

The zone has a line a record, in the format of fake_dns.h (# begins a comment line):
    example.org TXT v=spf1 -all           the text is the rest of the line; split into strings of 255 octets
    example.org A 192.0.2.1               several lines of one name and type form one answer
    example.org MX 10 mx.example.org      "MX 0 ." is the null MX
    alias.example.org CNAME example.org   followed inside the zone, as a recursive server does
    empty.example EXISTS                  no records at all: NODATA for every type
    *.any.example TXT text                a wildcard (RFC 4592)
\\xNN is that octet, in names (there it never divides labels) and in text. Any other type takes the presentation
format of RFC 1035. Names without a line, and without one below them, are NXDOMAIN; negative answers bring an SOA.

Instead of a value, or before it, a fault for that name and type (ANY stands for every type):
    !servfail  !refused  !notimp  !formerr     that response code; !fail WORDS is !servfail
    !silent                no answer ever
    !empty                 NOERROR without any record, not even an SOA
    !wrongtype             a record of another type
    !garbage               random octets after the right id
    !short                 two octets
    !truncate VALUE        UDP is answered with TC and nothing else, TCP with the value
    !truncate-always       TC over TCP too
    !slow MS VALUE         the value, MS milliseconds late
    !ttl N VALUE           the value with that time to live
    !bogus VALUE           with --sign: a signature that does not fit
    !unsigned VALUE        with --sign: no signature
    !raw HEX               these octets as the record's data, however wrong for its type
    !cname-loop            the name leads to loop.NAME, and that back (for every type)
    !cname-chain N VALUE   N aliases: NAME, chain1.NAME, ... and the value at chainN.NAME
    !cname-steps N VALUE   the same, but each answer holds one alias only
Faults may be combined as far as that makes sense: "!slow 100 !ttl 1 text".

An answer that does not fit the client's UDP size is truncated. There is no limit on the rate.
"""
import argparse
import asyncio
import os
import random
import re
import signal
import socket
import sys
import time

import dns.dnssec
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ec

RCODES = {"!servfail": dns.rcode.SERVFAIL, "!fail": dns.rcode.SERVFAIL, "!refused": dns.rcode.REFUSED,
          "!notimp": dns.rcode.NOTIMP, "!formerr": dns.rcode.FORMERR}
PLAIN_FAULTS = set(RCODES) | {"!silent", "!empty", "!wrongtype", "!garbage", "!short", "!truncate", "!truncate-always"}
CHAIN_MOST = 32
REMEMBERED_MOST = 100000


def octets(text):
    """The octets of a text with \\xNN escapes."""
    return re.sub(rb"\\x([0-9a-fA-F]{2})", lambda found: bytes([int(found.group(1), 16)]),
                  text.encode("utf-8", "surrogateescape"))


def name_from(text):
    labels = [octets(label).lower() for label in text.rstrip(".").split(".")] if text != "." else []
    return dns.name.Name(labels + [b""])


def name_text(name):
    def label(part):
        return "".join(chr(c) if 0x21 <= c <= 0x7E and c not in b".\\" else "\\x%02x" % c for c in part)
    return ".".join(label(part) for part in name.labels[:-1]).lower() or "."


def name_in_data(text):
    """A name as the value of a record, for dnspython's parser: \\xNN becomes \\NNN."""
    return re.sub(r"\\x([0-9a-fA-F]{2})", lambda found: "\\%03d" % int(found.group(1), 16), text)


def rdata_from(kind, value):
    if kind in (dns.rdatatype.TXT, dns.rdatatype.SPF):
        text = octets(value)
        strings = [text[at:at + 255] for at in range(0, len(text), 255)] or [b""]
        wire = b"".join(bytes([len(string)]) + string for string in strings)
        return dns.rdata.GenericRdata(dns.rdataclass.IN, kind, wire)
    if kind == dns.rdatatype.MX and " " not in value.strip():
        value = value.strip() + " ."
    return dns.rdata.from_text(dns.rdataclass.IN, kind, name_in_data(value), origin=dns.name.root, relativize=False)


class InOrder(dns.rrset.RRset):
    """Records in the order of the zone; dnspython would shuffle them."""

    def to_wire(self, *arguments, **words):
        return super().to_wire(*arguments, want_shuffle=False, **words)


class Entry:
    """What is at one name and type."""

    def __init__(self):
        self.data = []
        self.ttl = None
        self.delay = 0
        self.fault = None
        self.steps = False
        self.signature = "good"


class Zone:
    def __init__(self, options):
        self.options = options
        self.entries = {}
        self.names = {dns.name.root}
        with open(options.zone, encoding="utf-8", errors="surrogateescape") as lines:
            for number, line in enumerate(lines, 1):
                line = line.strip("\r\n").lstrip(" \t")
                if line == "" or line.startswith("#"):
                    continue
                try:
                    self.read(line)
                except (ValueError, IndexError, dns.exception.DNSException) as wrong:
                    sys.exit(f"{options.zone}:{number}: {wrong}: {line}")

    def read(self, line):
        owner, kind, *value = line.split(" ", 2)
        value = value[0] if value else ""
        name = name_from(owner)
        self.exist(name)
        if kind != "EXISTS":
            self.add(name, dns.rdatatype.from_text(kind), value)

    def exist(self, name):
        while name not in self.names:
            self.names.add(name)
            name = name.parent()

    def entry(self, name, kind):
        self.exist(name)
        return self.entries.setdefault((name, kind), Entry())

    def alias(self, name, target, steps):
        entry = self.entry(name, dns.rdatatype.CNAME)
        entry.data = [rdata_from(dns.rdatatype.CNAME, target.to_text())]
        entry.steps = steps

    def chain(self, name, kind, count, value, steps):
        at = name
        for number in range(1, count + 1):
            target = dns.name.Name((b"chain%d" % number,) + name.labels)
            self.alias(at, target, steps)
            at = target
        self.add(at, kind, value)

    def add(self, name, kind, value):
        fault, _, rest = value.partition(" ")
        if fault == "!cname-loop":
            target = dns.name.Name((b"loop",) + name.labels)
            self.alias(name, target, False)
            self.alias(target, name, False)
        elif fault in ("!cname-chain", "!cname-steps"):
            count, _, rest = rest.partition(" ")
            self.chain(name, kind, int(count), rest, fault == "!cname-steps")
        elif fault in ("!slow", "!ttl"):
            number, _, rest = rest.partition(" ")
            entry = self.entry(name, kind)
            if fault == "!slow":
                entry.delay = int(number) / 1000
            else:
                entry.ttl = int(number)
            if rest:
                self.add(name, kind, rest)
        elif fault in ("!bogus", "!unsigned"):
            self.entry(name, kind).signature = fault
            self.add(name, kind, rest)
        elif fault == "!raw":
            self.entry(name, kind).data.append(dns.rdata.GenericRdata(dns.rdataclass.IN, kind, bytes.fromhex(rest)))
        elif fault in PLAIN_FAULTS:
            self.entry(name, kind).fault = fault
            if fault == "!truncate" and rest:
                self.add(name, kind, rest)
        else:
            self.entry(name, kind).data.append(rdata_from(kind, value))

    def source(self, name):
        """Where the records of a name stand: itself, a wildcard, or nowhere."""
        if name in self.names:
            return name
        while name not in self.names:
            name = name.parent()
        star = dns.name.Name((b"*",) + name.labels)
        return star if star in self.names else None

    def find(self, name, kind):
        source = self.source(name)
        if source is None:
            return None
        for wanted in (kind, dns.rdatatype.ANY, dns.rdatatype.CNAME):
            if (source, wanted) in self.entries:
                return wanted, self.entries[source, wanted]
        return kind, Entry()

    def soa(self, name):
        owner = dns.name.Name(name.labels[-3:])
        ttl = self.options.negative_ttl
        return dns.rrset.from_text(owner, ttl, "IN", "SOA", f"ns.invalid. hostmaster.invalid. 1 3600 600 86400 {ttl}")

    def rrset(self, name, kind, entry):
        ttl = self.options.ttl if entry.ttl is None else entry.ttl
        answer = InOrder(name, dns.rdataclass.IN, kind)
        answer.update_ttl(ttl)
        for data in entry.data:
            answer.add(data, ttl)
        return answer

    def fill(self, reply, name, kind):
        """The answer's records, through aliases; returns the entry that rules, None where there is none."""
        first = None
        for _ in range(CHAIN_MOST):
            found = self.find(dns.name.Name([label.lower() for label in name.labels]), kind)
            if found is None:
                reply.set_rcode(dns.rcode.NXDOMAIN)
                reply.authority.append(self.soa(name))
                return first
            real, entry = found
            first = first or entry
            if entry.fault or not entry.data:
                break
            reply.answer.append(self.rrset(name, real, entry))
            if real != dns.rdatatype.CNAME or kind == dns.rdatatype.CNAME or entry.steps:
                return entry if entry.fault else first
            name = entry.data[0].target
            if any(name == rrset.name for rrset in reply.answer):
                return first
        if not entry.fault:
            if kind == dns.rdatatype.SOA:
                reply.answer.append(self.soa(name))
            else:
                reply.authority.append(self.soa(name))
        return entry if entry.fault else first


class Signer:
    """Signs answers while they are asked for, with a key of its own for the root zone."""

    def __init__(self, file):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.public = dns.dnssec.make_dnskey(self.key.public_key(), dns.dnssec.Algorithm.ECDSAP256SHA256, flags=257)
        self.keys = dns.rrset.from_rdata(dns.name.root, 300, self.public)
        with open(file, "w", encoding="ascii") as anchor:
            anchor.write(f". 300 IN DNSKEY {self.public.to_text()}\n")

    def signature(self, rrset, good=True):
        now = int(time.time())
        data = dns.dnssec.sign(rrset, self.key, dns.name.root, self.public, inception=now - 3600, expiration=now + 86400)
        if not good:
            data = data.replace(signature=bytes(octet ^ 1 for octet in data.signature))
        return dns.rrset.from_rdata(rrset.name, rrset.ttl, data)

    def no_such_record(self, name):
        """An NSEC that begins at the name itself and says that nothing else is there."""
        after = dns.name.Name((b"\0",) + name.labels).to_text()
        return dns.rrset.from_text(name, 5, "IN", "NSEC", f"{after} RRSIG NSEC")

    def sign(self, reply, zone):
        question = reply.question[0]
        if question.name == dns.name.root and question.rdtype == dns.rdatatype.DNSKEY:
            reply.answer, reply.authority = [self.keys], []
        if reply.authority:
            reply.set_rcode(dns.rcode.NOERROR)
            name = reply.answer[-1][0].target if reply.answer else question.name
            reply.authority = [zone.soa(dns.name.root), self.no_such_record(name)]
        for section in (reply.answer, reply.authority):
            for rrset in list(section):
                entry = zone.entries.get((rrset.name, rrset.rdtype), Entry())
                if entry.signature != "!unsigned":
                    section.append(self.signature(rrset, entry.signature == "good"))


def wire_of(reply, most):
    try:
        return reply.to_wire(max_size=most)
    except dns.exception.TooBig:
        short = dns.message.Message(id=reply.id)
        short.flags, short.question = reply.flags | dns.flags.TC, reply.question
        if reply.edns >= 0:
            short.use_edns(0, 0, 1232)
        return short.to_wire()


def faulty(fault, reply):
    """The reply with its fault, None for silence, octets where it is no message."""
    question = reply.question[0]
    if fault in RCODES:
        reply.set_rcode(RCODES[fault])
    elif fault == "!silent":
        return None
    elif fault == "!wrongtype":
        other = ("A", "192.0.2.99") if question.rdtype != dns.rdatatype.A else ("TXT", '"wrong"')
        reply.answer = [dns.rrset.from_text(question.name, 300, "IN", *other)]
    elif fault == "!garbage":
        return random.randbytes(random.randint(1, 200))
    elif fault == "!short":
        return b""
    elif fault in ("!truncate", "!truncate-always"):
        reply.flags |= dns.flags.TC
        reply.answer = []
    return reply


class Server:
    def __init__(self, options):
        self.options = options
        self.signer = Signer(options.sign) if options.sign else None
        self.log = open(options.log, "a", buffering=1, encoding="utf-8") if options.log else None
        self.read_zone()

    def read_zone(self):
        self.zone = Zone(self.options)
        self.remembered = {}

    def make(self, query, udp):
        """(delay, octets after the id or None, words for the log)"""
        try:
            message = dns.message.from_wire(query)
            question = message.question[0]
        except (dns.exception.DNSException, IndexError):
            return 0, b"\x80\x01\x00\x00\x00\x00\x00\x00\x00\x00", "?"
        words = f"{name_text(question.name)} {dns.rdatatype.to_text(question.rdtype)}"
        reply = dns.message.make_response(message, recursion_available=True)
        if message.edns >= 0:
            reply.use_edns(0, message.ednsflags & dns.flags.DO, 1232)
        entry = self.zone.fill(reply, question.name, question.rdtype)
        delay = self.options.delay / 1000 + (entry.delay if entry else 0)
        if entry and entry.fault:
            if entry.fault != "!truncate" or udp:
                reply.answer = []
            reply = self.with_fault(entry, reply, udp)
        if reply is None or isinstance(reply, bytes):
            return delay, reply, words
        if self.signer and message.ednsflags & dns.flags.DO and not (entry and entry.fault):
            self.signer.sign(reply, self.zone)
        most = max(512, message.payload if message.edns >= 0 else 512) if udp else 65535
        return delay, wire_of(reply, most)[2:], words

    def with_fault(self, entry, reply, udp):
        question = reply.question[0]
        if entry.fault == "!truncate" and not udp:
            reply.answer = [self.zone.rrset(question.name, question.rdtype, entry)]
            return reply
        return faulty(entry.fault, reply)

    def answer(self, query, udp):
        """(delay, reply or None); what was asked in the same octets before is answered from memory."""
        key = (udp, query[2:])
        made = self.remembered.get(key)
        if made is None:
            made = self.make(query, udp)
            if len(self.remembered) < REMEMBERED_MOST:
                self.remembered[key] = made
        delay, reply, words = made
        if self.log:
            self.log.write(f"{time.time():.6f} {'udp' if udp else 'tcp'} {words}\n")
        return delay, None if reply is None else query[:2] + reply


class Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server, loop):
        self.server, self.loop = server, loop

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, peer):
        if len(data) < 12:
            return
        delay, reply = self.server.answer(data, True)
        if reply is None:
            return
        if delay > 0:
            self.loop.call_later(delay, self.transport.sendto, reply, peer)
        else:
            self.transport.sendto(reply, peer)


async def stream(server, reader, writer):
    try:
        while True:
            query = await reader.readexactly(int.from_bytes(await reader.readexactly(2), "big"))
            if len(query) < 12:
                break
            delay, reply = server.answer(query, False)
            await asyncio.sleep(delay)
            if reply is not None:
                writer.write(len(reply).to_bytes(2, "big") + reply)
                await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def sockets(address, port):
    """A UDP and a TCP socket on one port."""
    for _ in range(100):
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            udp.bind((address, port))
            tcp.bind(udp.getsockname())
            return udp, tcp
        except OSError as wrong:
            udp.close()
            tcp.close()
            if port != 0:
                sys.exit(f"port {port}: {wrong}")
    sys.exit("no free port")


async def serve(options):
    loop = asyncio.get_running_loop()
    server = Server(options)
    stop = asyncio.Event()
    udp, tcp = sockets(options.address, options.port)
    await loop.create_datagram_endpoint(lambda: Datagrams(server, loop), sock=udp)
    await asyncio.start_server(lambda reader, writer: stream(server, reader, writer), sock=tcp, backlog=1000)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, server.read_zone)
    if options.with_stdin:
        loop.add_reader(0, lambda: os.read(0, 4096) or stop.set())
    print(f"port {udp.getsockname()[1]}", flush=True)
    await stop.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--zone", required=True)
    parser.add_argument("--address", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0, help="milliseconds, for every answer")
    parser.add_argument("--ttl", type=int, default=300)
    parser.add_argument("--negative-ttl", type=int, default=5)
    parser.add_argument("--log")
    parser.add_argument("--sign", metavar="FILE")
    parser.add_argument("--with-stdin", action="store_true")
    asyncio.run(serve(parser.parse_args()))
    os._exit(0)


if __name__ == "__main__":
    main()
