"""wire_octets.py - however the octets of a connection come, they are the same; and few system calls carry them."""
import contextlib
import pathlib
import re
import shutil
import signal
import socket
import struct
import subprocess
import time

from bench import GOOD, at_once, case, equal, plain, started, taken
import lab as lab_module
import milter_client
import tap

OTHERS = {"recv", "recvfrom", "recvmsg", "readv", "select", "pselect", "ppoll", "epoll_wait", "send", "sendto", "sendmsg",
          "shutdown", "dup", "dup2", "dup3", "accept4"}
CALLS_MOST = 25         # for a message of 2 kB; it takes 7


class Recorder(milter_client.Client):
    """Notes what a server would send, without one: the filter agreed to all that assayd asks for."""

    def __init__(self):     # pylint: disable=super-init-not-called
        self.packets = []
        self.steps = (milter_client.HEADER_LEADING_SPACE | milter_client.NO_DATA | milter_client.NR_CONNECT |
                      milter_client.NR_HELO | milter_client.NR_RCPT | milter_client.NR_HEADER |
                      milter_client.NR_END_OF_HEADERS)

    def send(self, command, data=b""):
        self.packets.append(struct.pack("!I", len(data) + 1) + command + data)

    def receive(self):
        return b"c", b""


def session(messages):
    """The packets of a whole connection."""
    client = Recorder()
    client.send(b"O", struct.pack("!III", milter_client.VERSION, milter_client.ALL_ACTIONS, milter_client.ALL_STEPS))
    client.connect(client=GOOD)
    client.helo()
    for number, message in enumerate(messages):
        client.deliver(message, queue_id=f"4OCTETS{number}")
    client.send(b"Q")
    return client.packets


def talk(address, pieces, pause=0.0):
    """All that the filter says until it hangs up."""
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as link:
        link.settimeout(120)
        link.connect(address)
        if family == socket.AF_INET:
            link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number, piece in enumerate(pieces):
            if pause and number:
                time.sleep(pause)
            link.sendall(piece)
        said = b""
        while octets := link.recv(65536):
            said += octets
    return said


def check_cuts(daemon, packets, lengths):
    octets = b"".join(packets)
    whole = talk(daemon.address, [octets])
    assert whole.count(b"dmarc=pass") == octets.count(b"4OCTETS"), whole
    equal(talk(daemon.address, packets), whole, "what it says to packets")
    for length in lengths:
        equal(talk(daemon.address, [octets[at:at + length] for at in range(0, len(octets), length)]), whole,
              f"what it says to pieces of {length}")


@case("octets", "a session in one piece, in packets and in single octets has the same answers, octet for octet")
def cuts(bench):
    packets = session([bench.signed(plain()), plain(), bench.signed(plain(body=b"A line.\r\n" * 200))])
    with bench.daemon() as daemon:
        check_cuts(daemon, packets, (1, 3, 7, 4096))
    with bench.daemon(port=lab_module.free_port()) as daemon:
        check_cuts(daemon, packets, (1, 3, 7, 4096))


@case("octets", "so has one with large bodies")
def large_cuts(bench):
    packets = session([bench.signed(plain(body=b"A line that is not short.\r\n" * lines)) for lines in (1, 8000, 600)])
    with bench.daemon() as daemon:
        check_cuts(daemon, packets, (1000, 4096, 16384, 16389, 65541))


@case("octets", "octets may come late, in the middle of a packet and between two")
def late(bench):
    octets = b"".join(session([bench.signed(plain())]))
    with bench.daemon() as daemon:
        whole = talk(daemon.address, [octets])

        def with_pauses(first, apart):
            cuts_at = [0, *range(first, len(octets), apart), len(octets)]
            pieces = [octets[one:other] for one, other in zip(cuts_at, cuts_at[1:])]
            equal(talk(daemon.address, pieces, pause=0.42), whole, f"what it says to pieces from {first}")
        at_once([lambda first=first: with_pauses(first, len(octets) // 5) for first in range(1, 200, 7)])


@case("octets", "what arrived before the server hung up is taken, and a packet that is cut off ends the session")
def cut_off(bench):
    octets = b"".join(session([plain()]))
    with bench.daemon("limits: { messages = 1; };") as daemon:
        for length in range(len(octets) - 40, len(octets), 3):
            with socket.socket(socket.AF_UNIX) as link:
                link.connect(daemon.address)
                link.sendall(octets[:length])
        with started(daemon) as client:
            lab_module.wait_until(lambda: client.mail("anna@example.org").word == "continue", what="a place for a message")
            client.abort()
            taken(client.deliver(plain()), "spf=pass", "dmarc=pass")


@case("threads", "connections that rest between steps go from thread to thread")
def rests(bench):
    count, rounds = (12, 2) if bench.slow else (40, 3)
    signed = bench.signed(plain())

    def one(daemon, number):
        client = started(daemon, timeout=300)
        for _ in range(rounds):
            for step in (lambda: client.mail("anna@example.org"), lambda: client.rcpt("reader@example.net"), client.data):
                step()
                time.sleep(0.3 + number % 7 / 30)
            fields, body = milter_client.split(signed)
            for name, value in fields:
                client.header(name, value)
            client.end_of_headers()
            time.sleep(0.42)
            client.body(body)
            taken(client.end_of_message(f"4REST{number}"), "dkim=pass", "dmarc=pass")
        client.quit()
    with bench.daemon() as daemon:
        at_once([lambda number=number: one(daemon, number) for number in range(count)])


@case("threads", "connections that begin at once all find a thread, however busy the others are")
def all_begin(bench):
    count, seconds = 24, 30
    message = plain()

    def one(client, number, served):
        until = time.monotonic() + seconds
        client.start(GOOD)
        while len(served) < count and time.monotonic() < until:
            taken(client.deliver(message), "dmarc=pass")
            served.add(number)
        client.quit()
    with bench.daemon() as daemon:
        for _ in range(5):
            clients, served = [milter_client.Client(daemon.address, timeout=300) for _ in range(count)], set()
            began = time.monotonic()
            at_once([lambda number=number: one(clients[number], number, served) for number in range(count)])
            took = time.monotonic() - began
            assert took < seconds, f"one waited until the others were done, for {took:.0f} s"


@contextlib.contextmanager
def counted(pid):
    """A dict that gets {system call: how often}."""
    if shutil.which("strace") is None:
        raise tap.Skip("strace is not there")
    found = {}
    tracer = subprocess.Popen(["strace", "-f", "-c", "-U", "calls,name", "-p", str(pid)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    first = tracer.stderr.readline().decode()
    if "attached" not in first:
        tracer.kill()
        tracer.wait()
        raise tap.Skip(f"strace may not trace: {first.strip()}")
    yield found
    tracer.send_signal(signal.SIGINT)
    for calls, name in re.findall(r"^\s*(\d+) (\w+)$", tracer.communicate()[1].decode(), re.MULTILINE):
        found[name] = int(calls)


@case("octets", f"a message of 2 kB takes at most {CALLS_MOST} system calls")
def few_calls(bench):
    message = bench.signed(plain(body=b"A line that is not short at all.\r\n" * 30, above=[
        f"X-Field-{number}: some value or other" for number in range(12)]))
    rounds, words = 100, milter_client.SEGMENTS
    with bench.daemon() as daemon:
        milter_client.SEGMENTS = "gathered"     # as Postfix sends
        with started(daemon) as client:
            milter_client.SEGMENTS = words
            taken(client.deliver(message), "dmarc=pass")
            with counted(daemon.process.pid) as found:
                for _ in range(rounds):
                    client.deliver(message)
        assert found.get("total", 0) >= rounds * 5, f"strace saw too little: {found}"
        assert found["total"] <= rounds * CALLS_MOST, f"{found['total'] / rounds} for each: {found}"


@case("octets", "libmilter reaches its connections by the functions that assayd stands in for, and no others")
def imports(bench):
    if shutil.which("nm") is None:
        raise tap.Skip("nm is not there")
    linked = lab_module.command_output(["ldd", bench.build / "assayd"])
    library = re.search(r"libmilter\S* => (\S+)", linked)
    if library is None:
        raise tap.Skip("libmilter is linked as an archive")
    text = lab_module.command_output(["nm", "-D", "--undefined-only", pathlib.Path(library.group(1))])
    names = {line.split()[-1].partition("@")[0] for line in text.splitlines()}
    assert {"poll", "read", "writev", "close", "accept"} <= names | {"__poll_chk", "__read_chk"}, names
    equal(names & OTHERS, set(), "what else it calls")
