"""wire_trails.py - what a daemon logs of a message's way: at level debug, for what log.trace names, and nothing else."""
import re
import signal
import socket

from bench import BAD, GOOD, case, equal, holds, outcome, plain, refused, started, taken
import milter_client
import sealing
import zone_server

FORMER = 'log: { target = "stderr"; level = "info"; };'
PREFIX = re.compile(r"assayd: debug: s\d+ \S+: ")


def trail(daemon):
    """The lines about messages at level debug, without what the log puts in front."""
    return [line.split(": ", 2)[2] for line in daemon.log_text().splitlines() if PREFIX.match(line)]


def traced(*entries):
    return 'log: { target = "stderr"; level = "info"; trace = [ %s ]; };' % ", ".join(f'"{entry}"' for entry in entries)


@case("trails", "level debug: stages, lookups, findings and considerations, with session and queue id first")
def debug(bench):
    with bench.daemon(level="debug") as daemon:
        with started(daemon, BAD) as client:
            refused(client.deliver(bench.signed(plain()).replace(b"Hello", b"Changed"), queue_id="4TRAIL001"), "550")
        daemon.wait_for_log("answered: ")
        lines = trail(daemon)
        text = "\n".join(lines)
        holds(text, "s1 NOQUEUE: connect: client 198.51.100.66", "s1 NOQUEUE: helo: ", "mail: from <anna@example.org>",
              "rcpt: <reader@example.net>", "end of headers: ", "s1 4TRAIL001: end of message: ",
              "finding spf mailfrom: fail for example.org", "finding dkim 1 of 1: fail for example.org",
              "evaluate: dmarc judges", "finding dmarc: fail for example.org", "considered DMARC pass: does not apply",
              "s1 4TRAIL001: considered DMARC fail: decides", "verdict: reject", "answered: reject")
        lookups = [line for line in lines if ": dns " in line]
        assert any(re.search(r": dns TXT example\.org: found, 1 record, [\d.]+ ms, prefetch for evidence$", line)
                   for line in lookups), lookups
        assert any(": dns TXT _dmarc.example.org: found" in line and line.endswith(" for author") for line in lookups), lookups
        with started(daemon) as client:
            taken(client.deliver(plain(), queue_id="4TRAIL002"), "dmarc=pass")
        daemon.wait_for_log("s2 4TRAIL002: answered: accept")
        assert any(re.search(r"^s2 \S+: dns TXT example\.org: found.* cached, ", line) for line in trail(daemon)), trail(daemon)


@case("trails", "level debug: each set of a chain, whose fields come folded with line feeds alone")
def chain(bench):
    hop = {"d": "example.org", "key": "rsa2048", "c": "simple/simple", "results": "example.org;\r\n\tspf=pass smtp.mailfrom=a@b",
           "message": {"tags": {"h": "from:\r\n\tto"}}, "h": ["from", "to"]}
    sealed = sealing.seal(bench.keys, plain(above=["Folded: one\r\n two"]), [hop, hop], 1750000000)
    with bench.daemon(level="debug") as daemon, started(daemon) as client:
        taken(client.deliver(sealed, queue_id="4TRAIL001"), "dmarc=pass", "arc=pass smtp.remote-ip=")
        taken(client.deliver(sealed.replace(b"Hello", b"Changed"), queue_id="4TRAIL002"), "dmarc=pass", "arc=fail")
        daemon.wait_for_log("4TRAIL002: answered: ")
        holds("\n".join(trail(daemon)), "ARC: ARC-Seal, set 2", "ARC: 6 fields, 2 sets: to be verified",
              "4TRAIL001: ARC: message signature of set 2: verified", "ARC: seal of set 1: pass",
              "4TRAIL001: finding arc set 2 of 2: seal pass, by example.org, selector s1, cv=pass; message signature pass, "
              "by example.org", "4TRAIL001: finding arc: pass: -", "4TRAIL002: finding arc: fail: ARC-Message-Signature of set 2")
        holds(daemon.log_text(), " arc=pass:example.org ", " arc=fail:example.org ")


@case("trails", "level info: nothing of it")
def info(bench):
    with bench.daemon() as daemon:
        with started(daemon) as client:
            taken(client.deliver(plain()), "dmarc=pass")
        daemon.wait_for_log("action=accept")
        assert "debug" not in daemon.log_text(), daemon.log_text()


@case("trails", "-d: everything goes to standard error at level debug, also after a reload")
def option(bench):
    with bench.daemon('log: { target = "syslog"; level = "error"; };', options=["-d"]) as daemon:
        daemon.reload()
        daemon.wait_for_log("settings read again")
        with started(daemon) as client:
            taken(client.deliver(plain()), "dmarc=pass")
        daemon.wait_for_log("considered DMARC pass: decides")


@case("trails", "log.trace: a client of a running daemon from a reload on, and no other")
def client_traced(bench):
    with bench.daemon(FORMER) as daemon:
        with started(daemon, GOOD) as client:
            taken(client.deliver(plain()), "dmarc=pass")
        equal(trail(daemon), [], "the trail")
        daemon.change(FORMER, traced(f"{GOOD}/31"), signal.SIGUSR1)
        with started(daemon, BAD) as client:
            refused(client.deliver(plain()), "550")
        with started(daemon, GOOD) as client:
            taken(client.deliver(plain(), queue_id="4TRAIL003"), "dmarc=pass")
        daemon.wait_for_log("4TRAIL003: answered: ")
        lines = trail(daemon)
        equal({line.split()[0] for line in lines}, {"s3"}, "the sessions")
        holds("\n".join(lines), f"connect: client {GOOD}", ": dns ", "finding dmarc: pass", "considered DMARC pass: decides")


@case("trails", "log.trace: an author domain, with the lines from before From, and no other")
def author_traced(bench):
    with bench.daemon(traced("Example.ORG", "*.many.example")) as daemon:
        with started(daemon, GOOD) as client:
            taken(client.deliver(plain("shop.example"), sender="anna@example.org", queue_id="4OTHER001"))
            taken(client.deliver(plain("example.org"), queue_id="4TRAIL004"), "dmarc=pass")
            refused(client.deliver(plain("many.example"), queue_id="4OTHER002"), "550")
            refused(client.deliver(plain("a.many.example"), queue_id="4TRAIL005"), "550")
        daemon.wait_for_log("4TRAIL005: answered: ")
        text = "\n".join(trail(daemon))
        holds(text, "NOQUEUE: mail: from <anna@example.org>", "4TRAIL004: considered DMARC pass: decides", ": dns TXT example.org: ")
        equal(sorted(set(re.findall(r"\b4[A-Z]+\d+", text))), ["4TRAIL004", "4TRAIL005"], "the messages")
        equal(text.count(": mail: from "), 2, "the number of messages")


@case("trails", "log.trace: what is neither a client nor a domain is refused at a reload")
def wrong(bench):
    with bench.daemon(FORMER) as daemon:
        daemon.change(FORMER, traced("anna@example.org"), signal.SIGUSR1, "were not reloaded")
        daemon.wait_for_log("write an address, a network, a domain")


@case("trails", "nothing that a sender chooses breaks a line or makes it endless")
def hostile(bench):
    forged = "\nassayd: debug: s9 4FORGED: verdict: accept\r\n\x1b[2K\u2028"
    with bench.daemon(level="debug") as daemon:
        with started(daemon, BAD) as client:
            client.helo(forged + "x" * 3000)
            client.deliver(milter_client.plain(author="\"x\x1b[2K\" <a@example.org>"), sender=forged + "y" * 5000,
                           recipients=(forged + "z" * 5000,), queue_id="4 HOST:ILE\n")
        daemon.wait_for_log("answered: ")
        lines = trail(daemon)
        assert not any(line.startswith("s9 ") for line in lines), lines
        assert all(line.startswith("s1 ") for line in lines), lines
        holds("\n".join(lines), "s1 4?HOST?ILE?: ")
        longest = max(len(line) for line in lines)
        assert 1000 < longest <= 4200, longest


@case("trails", "a message that ends early, and one that is refused for now, leave a trail at level debug")
def early(bench):
    with bench.daemon("limits: { messages = 1; };", level="debug") as daemon:
        with started(daemon) as one, started(daemon) as other:
            one.mail("anna@example.org")
            equal(other.mail("anna@example.org").word, "tempfail", "the answer")
        daemon.wait_for_log("a message from <anna@example.org> ended before its end")
        daemon.wait_for_log("mail: refused for now, all slots are taken")


@case("trails", "level info: the line of a message says why lookups failed, a silent server unlike one that refuses")
def failed_lookups(bench):
    refusing = zone_server.ZoneServer(bench.lab, "*.example.org ANY !refused\nexample.org ANY !refused\n*.org ANY !refused\n",
                                      name="refusing")
    resolver = 'resolver: { servers = [ "127.0.0.1@%d" ]; dnssec = false; timeout_ms = 4000; };'
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        said = {}
        for name, port in {"silent": silent.getsockname()[1], "refusing": refusing.port}.items():
            with bench.daemon(resolver % port) as daemon:
                with started(daemon) as client:
                    client.deliver(plain(), queue_id="4FAILED01")
                said[name] = outcome(daemon, "4FAILED01").get("failed_lookups", "")
    holds(said["silent"], "no name server answers (TXT ")
    holds(said["refusing"], "REFUSED, or nothing usable (TXT ", "TXT example.org")
