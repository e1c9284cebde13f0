#!/usr/bin/python3
"""wire_fuzz.py - a running assayd under hostile mail servers, senders and name servers, all at
once.

    tests/fuzz/wire_fuzz.py [--build FOLDER] [--seed N] [--seconds N] [--connections N]
                            [--keep FOLDER] [--segments octets|gathered]
    tests/fuzz/wire_fuzz.py --seed N --only ITERATION          that one again
    tests/fuzz/wire_fuzz.py --seed N --replay FILE...     a packet log to a daemon just started

Any build will do: sanitizers' reports are looked for in its log. An iteration is one
connection and follows from seed and number alone (wire_grammar.py, wire_packets.py), so do the
answers of the name server (wire_names.py). What holds:

  - assayd lives, no sanitizer complains, and it ends with status 0 when it is asked to;
  - every connection comes to its end; every step of a sound session has one answer, every message
    one last one;
  - a message that its author's domain lets through is taken, a spoof of a domain with p=reject is
    not;
  - afterwards it has no more files open than before, and hardly more memory than at half time.

Where one of them does not, the packet logs of the iterations under way go to the folder of
--keep. --odd-macros sends macro packets that libmilter itself cannot bear, too. The last lines
are those of tap.py.
"""
import argparse
import collections
import dataclasses
import os
import pathlib
import random
import re
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import milter_client  # noqa: E402
import signing  # noqa: E402
import tap  # noqa: E402
import wire_grammar as grammar  # noqa: E402
import wire_packets as packets  # noqa: E402

PATIENCE = 120          # seconds for an answer; limits.message_ms is far below
FINAL = b"cartdsy"
ANSWERS = {b"c": "taken", b"a": "taken", b"r": "550", b"t": "451", b"d": "discarded", b"s": "taken"}
CHANGES = b"+-2behimqp"
MEGABYTES_MORE = 150    # resident, from half time to the end: caches, and what a sanitizer keeps
FILES_MORE = 8
LOGS_KEPT = 24

SETTINGS = """\
resolver: {{ servers = [ "127.0.0.1@{port}" ]; dnssec = false; timeout_ms = 1000; \
cache_entries = 2000; }};
limits: {{ message_ms = 4000; }};
sign: ( {{ domain = "own.example"; keys = "{keys}"; users = [ "*" ]; }} );
"""
ZONE = """\
bank.example TXT v=spf1 ip4:192.0.2.10 ip6:2001:db8::10 -all
_dmarc.bank.example TXT v=DMARC1; p=reject; rua=mailto:dmarc@bank.example
s1._domainkey.bank.example TXT {key}
mail.bank.example A 192.0.2.10
nowhere.example TXT v=spf1 -all
own.example TXT v=spf1 -all
"""


class Wrong(Exception):
    """Something that should hold does not."""


class Link:
    """One connection, and a log of all that went over it."""

    def __init__(self, address, log):
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sender = milter_client.Sender(self.socket)
        self.log = log
        self.buffer = b""

    def send(self, octets):
        self.log.append((">", octets))
        self.sender.send(octets)

    def more(self):
        """False at the end."""
        try:
            self.sender.flush()
            octets = self.socket.recv(65536)
        except TimeoutError:
            raise Wrong(f"no answer within {PATIENCE} s") from None
        except OSError:
            octets = b""
        self.log.append(("<", octets))
        self.buffer += octets
        return bool(octets)

    def packet(self):
        """(command, data), or None at the end."""
        while len(self.buffer) < 4 or len(self.buffer) < 4 + struct.unpack_from("!I",
                                                                                self.buffer)[0]:
            if not self.more():
                return None
        end = 4 + struct.unpack_from("!I", self.buffer)[0]
        octets, self.buffer = self.buffer[4:end], self.buffer[end:]
        return octets[:1], octets[1:]

    def finish(self):
        """Nothing more comes; what does is returned."""
        try:
            self.sender.flush()
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        found = []
        while packet := self.packet():
            found.append(packet)
        self.socket.close()
        return found

    def cut(self):
        """As a host that crashes: with a reset."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class Iteration:
    def __init__(self, fuzz, number):
        self.fuzz = fuzz
        self.number = number
        self.log = []
        self.chance = random.Random(f"{fuzz.options.seed} {number}")
        self.made = grammar.Grammar(self.chance, fuzz.signed)
        self.steps = 0

    def run(self):
        link = Link(self.fuzz.daemon.address, self.log)
        try:
            if self.chance.random() < 0.4:
                self.sound(link)
            else:
                self.broken(link)
        except (BrokenPipeError, ConnectionResetError):
            pass            # it hung up first
        finally:
            link.socket.close()

    # a mail server that keeps to the protocol

    def step(self, link, packet):
        """The last answer to a packet, None where none comes."""
        octets = packets.framed(*packet)
        for piece in packets.segments(self.chance, octets):
            link.send(piece)
        command = packet[0]
        if command in b"DAQK" or self.steps & packets.SILENT.get(command, 0):
            return None
        while True:
            answer = link.packet()
            if answer is None:
                raise Wrong(f"it hung up instead of an answer to {command!r}")
            if answer[0] in FINAL:
                return answer
            if command != b"E" or answer[0] not in CHANGES:
                raise Wrong(f"it answered {answer[0]!r} to {command!r}")

    def negotiate(self, link):
        link.send(packets.framed(*packets.negotiation()))
        command, data = link.packet() or (b"", b"")
        if command != b"O":
            raise Wrong(f"{command!r} instead of a negotiation")
        self.steps = struct.unpack_from("!I", data, 8)[0]

    def sound(self, link):
        """Some messages of one client, each to its last answer or left half way."""
        self.negotiate(link)
        message = self.made.message()
        for packet in packets.greeting(message):
            self.step(link, packet)
        for _ in range(self.chance.choice((1, 1, 2, 4))):
            self.deliver(link, message)
            message = dataclasses.replace(self.made.message(), client=message.client,
                                          helo=message.helo,
                                          kind="wild")
        link.send(packets.framed(b"Q", b""))
        if rest := link.finish():
            raise Wrong(f"{len(rest)} answers to no step, {rest[0][0]!r} the first")

    def deliver(self, link, message):
        half = self.chance.random() < 0.1
        steps = packets.packets_of(message)
        for packet in steps[:self.chance.randrange(len(steps))] if half else steps:
            answer = self.step(link, packet)
            if answer is not None and (answer[0] not in b"cs" or packet[0] == b"E"):
                self.judged(message, answer)
                if packet[0] != b"E":
                    link.send(packets.framed(b"A", b""))
                return
        link.send(packets.framed(b"A", b""))

    def judged(self, message, answer):
        word = ANSWERS.get(answer[0], answer[1].rstrip(b"\0").decode("latin-1"))
        self.fuzz.counted[message.kind, word[:3]] += 1
        if message.kind == "spoof" and answer[0] in b"cad":
            authors = [one for one in message.fields if b"rom" in one[0].lower()]
            raise Wrong(f"a spoof is taken: {authors}")
        if message.kind == "genuine" and answer[0] not in b"ca" and " 5.6.0 " not in word:
            raise Wrong(f"a genuine message is not taken: {word}")

    # one that does not

    def broken(self, link):
        messages = [self.made.message() for _ in range(self.chance.choice((1, 1, 2)))]
        some = [packets.odd_negotiation(self.chance), *packets.greeting(messages[0])]
        for message in messages:
            some += packets.packets_of(message)
        if self.chance.random() < 0.8:
            some = packets.mutate(self.chance, some)
        stream = b"".join(packets.framed(*packet) for packet in some)
        if self.chance.random() < 0.2:
            stream = packets.with_wrong_length(self.chance, stream)
        if self.chance.random() < 0.3:
            stream = stream[:self.chance.randrange(len(stream) + 1)]
        if packets.has_odd_macros(stream) and not self.fuzz.options.odd_macros:
            return
        for piece in packets.segments(self.chance, stream):
            link.send(piece)
        if self.chance.random() < 0.3:
            link.cut()
            return
        answers = collections.Counter(bytes(answer[0]) for answer in link.finish())
        asked = 1 + sum(command not in b"DAQK" for command, _ in some)
        if sum(answers[bytes([one])] for one in FINAL + b"O") > asked:
            raise Wrong(f"{asked} steps, and more answers: {dict(answers)}")


def as_octets(log):
    return "".join(f"{way} {octets.hex()}\n" for way, octets in log)


class Fuzz:
    def __init__(self, lab, options):
        self.lab = lab
        self.options = options
        self.counted = collections.Counter()
        self.lock = threading.Lock()
        self.next = 0
        self.under_way = {}
        self.past = collections.deque(maxlen=LOGS_KEPT)
        self.failures = []
        keys = signing.Keys()
        plain = milter_client.plain(author="Anna <anna@bank.example>")
        fields, body = milter_client.split(keys.sign(plain, "ed25519", "bank.example", "s1"))
        self.signed = (fields, body)
        zone = lab.write("wire.zone", ZONE.format(key=keys.record("ed25519")))
        names = lab.run("names",
                        ["/usr/bin/python3", "-B", HERE / "wire_names.py", "--seed", options.seed,
                         "--zone", zone])
        port = lab_module.wait_until(lambda: re.search(r"port (\d+)", names.text()),
                                     what="the name server").group(1)
        build = assayd.programs(assayd.build_folder(options.build), lab)
        self.daemon = assayd.Assayd(lab, build, port=lab_module.free_port(), level="error",
                                    group="nogroup",
                                    more=SETTINGS.format(port=port, keys=make_keys(lab)))

    # what it costs

    def files(self):
        return len(os.listdir(f"/proc/{self.daemon.process.pid}/fd"))

    def megabytes(self):
        text = pathlib.Path(f"/proc/{self.daemon.process.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", text).group(1)) // 1024

    # many iterations at once

    def sound_daemon(self):
        return self.daemon.process.running() and not assayd.COMPLAINT.search(self.daemon.log_text())

    def take(self):
        with self.lock:
            number, self.next = self.next, self.next + 1
            one = Iteration(self, number)
            self.under_way[threading.get_ident()] = one
            self.past.append(one)
            return one

    def work(self, end):
        while time.monotonic() < end and not self.failures:
            one = self.take()
            try:
                one.run()
            except (Wrong, OSError) as wrong:
                with self.lock:
                    self.failures.append((one, f"{type(wrong).__name__}: {wrong}"))
            if one.number % 50 == 0 and not self.sound_daemon():
                with self.lock:
                    self.failures.append((one, "assayd is gone, or a sanitizer complains"))

    def play(self, seconds):
        end = time.monotonic() + seconds
        threads = [threading.Thread(target=self.work,
                                    args=(end,)) for _ in range(self.options.connections)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def keep_logs(self):
        folder = pathlib.Path(self.options.keep or tempfile.mkdtemp(prefix="wire-fuzz."))
        folder.mkdir(parents=True, exist_ok=True)
        failed = [one for one, _ in self.failures]
        for one in {*failed, *self.under_way.values(), *self.past}:
            (folder / f"{one.number}.packets").write_text(as_octets(one.log))
        (folder / "assayd.log").write_text(self.daemon.log_text())
        return folder

    # what holds

    def probe(self):
        """A genuine message is taken and a spoof is not, by a client that is no part of this."""
        for client, wanted in ((grammar.CLIENT, "continue"), ("198.51.100.66", "reject")):
            with milter_client.Client(self.daemon.address, timeout=PATIENCE) as link:
                link.start(client=client)
                answer = link.deliver(milter_client.plain(author="Anna <anna@bank.example>"),
                                      sender="anna@bank.example")
                assert answer.word == wanted, f"{client}: {answer.word} {answer.reply}"

    def check_iterations(self):
        if self.failures:
            one, why = self.failures[0]
            raise Wrong(f"iteration {one.number} of seed {self.options.seed}: {why}\n"
                        f"packet logs are in {self.keep_logs()}\n{last_lines(self.daemon)}")

    def check_files(self, before):
        lab_module.wait_until(lambda: self.files() <= before + FILES_MORE, 30,
                              f"{before} open files, as in the beginning, "
                              f"instead of {self.files()}")

    def check_memory(self, before):
        now = self.megabytes()
        assert now <= before + MEGABYTES_MORE, f"{before} MB at half time, {now} MB at the end"

    def check_end(self):
        status = self.daemon.stop()
        assert status == 0, f"status {status}\n{last_lines(self.daemon)}"
        assert not assayd.COMPLAINT.search(self.daemon.log_text()), last_lines(self.daemon)


def last_lines(daemon):
    text = daemon.log_text()
    found = assayd.COMPLAINT.search(text)
    return text[found.start():][:6000] if found else text[-2000:]


def make_keys(lab):
    folder = lab.path("keys", "own.example")
    folder.mkdir(parents=True)
    key = folder / "s1.pem"
    lab_module.command_output(["openssl", "genpkey", "-quiet", "-algorithm", "ed25519", "-out",
                               key])
    key.chmod(0o600)
    if os.geteuid() == 0:
        shutil.chown(key, "nobody")
    return folder.parent


def replay_one(address, name):
    link = Link(address, [])
    for line in pathlib.Path(name).read_text().splitlines():
        way, _, octets = line.partition(" ")
        if way == ">":
            link.send(bytes.fromhex(octets))
    return [answer[0].decode("latin-1") for answer in link.finish()]


def replay(fuzz, names):
    for name in names:
        try:
            print(f"# {name}: {replay_one(fuzz.daemon.address, name)}")
        except (Wrong, OSError) as wrong:
            print(f"# {name}: {wrong}")


def fuzz_all(fuzz, report):
    options = fuzz.options
    fuzz.probe()
    files, began = fuzz.files(), time.monotonic()
    fuzz.play(options.seconds / 2)
    megabytes = fuzz.megabytes() if fuzz.daemon.process.running() else 0
    fuzz.play(options.seconds / 2)
    seconds = time.monotonic() - began
    print(f"# seed {options.seed}: {fuzz.next} connections in {seconds:.0f} s, "
          f"{fuzz.next / seconds:.0f} a second")
    for (kind, word), count in sorted(fuzz.counted.items()):
        print(f"# {count:7} {kind} answered {word}")
    if not report.case("every iteration", fuzz.check_iterations):
        return
    report.case("a plain message and a plain spoof are answered rightly afterwards", fuzz.probe)
    report.case("no more open files", fuzz.check_files, files)
    report.case("hardly more memory", fuzz.check_memory, megabytes)
    print(f"# {files} files before, {megabytes} MB at half time; "
          f"{fuzz.files()} files and {fuzz.megabytes()} MB at the end")


def fuzz_again(fuzz, report):
    fuzz.next, end = fuzz.options.only, fuzz.options.only + 1

    def again():
        one = Iteration(fuzz, end - 1)
        fuzz.past.append(one)
        try:
            one.run()
        finally:
            print(f"# packet log in {fuzz.keep_logs()}")
    report.case(f"iteration {fuzz.options.only}", again)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", help="the folder with assayd and assay")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--connections", type=int, default=8, help="at once")
    parser.add_argument("--keep", help="where packet logs go")
    parser.add_argument("--odd-macros", action="store_true")
    parser.add_argument("--only", type=int, metavar="ITERATION")
    parser.add_argument("--replay", nargs="+", metavar="FILE")
    parser.add_argument("--segments", choices=milter_client.Sender.WORDS, default="packets")
    options = parser.parse_args()
    milter_client.SEGMENTS = options.segments
    # what ASan remembers of freed memory is not what assayd needs
    os.environ["ASAN_OPTIONS"] = "quarantine_size_mb=16:" + os.environ.get("ASAN_OPTIONS", "")
    report = tap.Tap("wire-fuzz")
    lab_module.stop_on_signals()
    with lab_module.Lab("wire-fuzz") as lab:
        fuzz = Fuzz(lab, options)
        if options.replay:
            replay(fuzz, options.replay)
        elif options.only is not None:
            fuzz_again(fuzz, report)
        else:
            fuzz_all(fuzz, report)
        report.case("assayd ends soundly", fuzz.check_end)
    return report.end()


if __name__ == "__main__":
    sys.exit(main())
