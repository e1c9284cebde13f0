"""bench.py - what the cases of this folder stand on: a register of cases, and a bench with a DNS server and daemons.

    @case("group", "what holds")
    def function(bench): ...        raises (assert) where it does not hold

Every daemon is started by bench.daemon() and stopped at the end of the case; that it ends with status 0 and that no
sanitizer complained belongs to each case.
"""
import contextlib
import itertools
import os
import pathlib
import re
import sys
import threading

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import milter_client  # noqa: E402
import signing  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

GOOD = "192.0.2.10"             # may send for example.org
BAD = "198.51.100.66"           # may send for nobody
SERVER = "mx.example.net"

ZONE = f"""\
example.org TXT v=spf1 ip4:{GOOD} ip6:2001:db8::10 -all
_dmarc.example.org TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org
shop.example TXT v=spf1 -all
lists.example TXT v=spf1 ip4:198.51.100.66 -all
_dmarc.shop.example TXT v=DMARC1; p=quarantine
club.example TXT v=spf1 -all
_dmarc.club.example TXT v=DMARC1; p=none
slow.example TXT !slow 300 v=spf1 ip4:{GOOD} -all
_dmarc.slow.example TXT v=DMARC1; p=reject
silent.example TXT !silent
_dmarc.silent.example TXT !silent
*.many.example TXT v=spf1 ip4:{GOOD} -all
_dmarc.many.example TXT v=DMARC1; p=reject
s1._domainkey.example.org TXT %KEY%
"""


CASES = []      # (group, name, function)


def case(group, name, root=False):
    def register(function):
        CASES.append((group, f"{group}: {name}", suite.for_root(function) if root else function))
        return function
    return register


class Bench:
    def __init__(self, lab, build, slow):
        self.lab = lab
        self.folder = build
        self.build = assayd.programs(build, lab)
        self.slow = slow
        self.keys = signing.Keys()
        self.zone = ZONE.replace("%KEY%", self.keys.record("rsa2048"))
        self.dns = zone_server.ZoneServer(lab, self.zone)
        self.numbers = itertools.count(1)

    def dns_server(self, delay_ms):
        return zone_server.ZoneServer(self.lab, self.zone, name=f"dns{next(self.numbers)}", delay_ms=delay_ms)

    @contextlib.contextmanager
    def daemon(self, more="", status=0, **words):
        """A daemon for one case. `more` may hold further settings; they come after the standard ones."""
        words.setdefault("dns_port", self.dns.port)
        words.setdefault("group", "nogroup")
        daemon = assayd.Assayd(self.lab, self.build, more=more, name=f"assayd{next(self.numbers)}", **words)
        try:
            yield daemon
        except Exception as error:
            daemon.stop()
            raise AssertionError(f"{type(error).__name__}: {error}\n{last_lines(daemon)}") from error
        ended = daemon.stop()
        sound(daemon)
        assert ended == status, f"assayd ended with {ended}\n{last_lines(daemon)}"

    def signed(self, message, **words):
        return self.keys.sign(message, "rsa2048", "example.org", "s1", **words)


def sound(daemon):
    assert not assayd.COMPLAINT.search(daemon.log_text()), last_lines(daemon, 60)


def last_lines(daemon, count=20):
    lines = daemon.log_text().splitlines()
    complaint = next((number for number, line in enumerate(lines) if assayd.COMPLAINT.search(line)), None)
    return "\n".join(lines[complaint:complaint + 80] if complaint is not None else lines[-count:])


def started(daemon, client=GOOD, **words):
    """A connection that has said HELO."""
    return milter_client.Client(daemon.address, **words).start(client=client)


def equal(found, wanted, what="it"):
    assert found == wanted, f"{what} is {found!r} instead of {wanted!r}"


def holds(text, *words):
    for word in words:
        assert word in text, f"{word!r} is not in {text!r}"


def taken(answer, *words):
    equal(answer.word, "continue", f"the answer ({answer.reply})")
    holds(answer.results(), *words)


def refused(answer, code, *words):
    assert answer.reply.startswith(code), f"the reply is {answer.word} {answer.reply!r} instead of {code}"
    holds(answer.reply, *words)


def plain(domain="example.org", **words):
    return milter_client.plain(author=f"Anna <anna@{domain}>", **words)


def good_one(client, queue_id="4GOOD0001"):
    """One message that passes, on a connection that has said HELO as GOOD."""
    answer = client.deliver(plain(), queue_id=queue_id)
    taken(answer, "spf=pass", "dmarc=pass")
    return answer


def outcome(daemon, queue_id):
    """The log line of one message as a dict."""
    daemon.wait_for_log(f"{queue_id}: action=")
    line = next(line for line in daemon.log_text().splitlines() if f" {queue_id}: action=" in line)
    pairs = re.findall(r'(\w+)=("[^"]*"|<[^>]*>|\S+)', line.split(f"{queue_id}: ", 1)[1])
    return {name: value.strip('"') for name, value in pairs}


def at_once(functions):
    """Runs all in threads of their own; raises what the first that fails raised."""
    errors = []

    def run(function):
        try:
            function()
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)
    threads = [threading.Thread(target=run, args=(function,)) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise AssertionError(f"{len(errors)} of {len(threads)} failed: {type(errors[0]).__name__}: {errors[0]}")


def is_root():
    return os.geteuid() == 0
