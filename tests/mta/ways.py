#!/usr/bin/python3
"""ways.py - the ways that mail takes through a real Postfix besides the plain one: content filters, other milters,
postscreen, aliases, mail that was held, and an assayd that is not there.

    tests/mta/ways.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

What contrib/postfix/README.md says of these was seen here. Needs root and namespaces (tests/support/island.py), and is
skipped without. One line a case, see tests/support/tap.py.
"""
import dataclasses
import pathlib
import re
import subprocess
import sys

import island_world
from island_world import NEIGHBOUR, OUTGOING, SERVER, Outgoing, case, equal, holds, lab_module, showcase
# pylint: disable=wrong-import-order
import assayd
import postfix
import proxy_filter
import sink as sink_module
import smtp
import verify
from showcase import DOMAIN, LIST, PERFORMANCES, RECIPIENT, SENDER, STRANGER

ASSAY = "unix:/run/assay/assay.sock"
NOT_THERE = "unix:/run/assay/nobody.sock"
OTHER_PORT = 8892     # on the island nobody else has it
OTHER_MILTER = f"inet:127.0.0.1:{OTHER_PORT}"
FILTER_PORT, BACK_PORT = 10025, 10026
PROXY_PORTS, PROXY_BACK_PORT, PROXY_NO_MILTERS_PORT = {False: 10027, True: 10028}, 10029, 10030
ABSENT = {"accept": 2501, "tempfail": 2502, "reject": 2503, "quarantine": 2504}
CLIENTS_PORT, SCREEN_PORT, FILTERED_PORT, BOTH_PORT, CHECKED_PORT = 2505, 2506, 2507, 2508, 2509
PROXIED = {False: 2511, True: 2512}
PROXIED_FIRST = 2513
GENUINE = next(one for one in PERFORMANCES if one.name == "genuine")
SUSPECT = next(one for one in PERFORMANCES if one.name == "suspect")

MAIN = island_world.POSTFIX_MAIN + """\
enable_long_queue_ids = yes
mydestination = local.example.net
local_transport = local
alias_maps = texthash:/run/aliases
virtual_alias_maps = inline:{ { aside@example.net = friend@far.example } }
canonical_maps = inline:{ { old@example.net = new@example.net } }
smtpd_authorized_xforward_hosts = 127.0.0.1
postscreen_greet_wait = 1s
postscreen_cache_map =
postscreen_blacklist_action = ignore
milter_header_checks = regexp:/run/milter_header_checks
"""
SERVICES = island_world.POSTFIX_SERVICES + f"""\
{SERVER}:{CLIENTS_PORT} inet n - n - - smtpd
 -o smtpd_milter_maps=inline:{{{{{STRANGER}=DISABLE}}}}
{SERVER}:{SCREEN_PORT} inet n - n - 1 postscreen
smtpd pass - - n - - smtpd
{SERVER}:{BOTH_PORT} inet n - n - - smtpd
 -o smtpd_milters={ASSAY},{OTHER_MILTER}
{SERVER}:{CHECKED_PORT} inet n - n - - smtpd
 -o cleanup_service_name=cleanup-checks
cleanup-checks unix n - n - 0 cleanup
 -o header_checks=regexp:/run/header_checks
{SERVER}:{FILTERED_PORT} inet n - n - - smtpd
 -o content_filter=scan:[127.0.0.1]:{FILTER_PORT}
scan unix - - n - - smtp
 -o smtp_send_xforward_command=yes
127.0.0.1:{BACK_PORT} inet n - n - - smtpd
 -o receive_override_options=no_milters
{SERVER}:{PROXIED[False]} inet n - n - - smtpd
 -o smtpd_milters= -o smtpd_proxy_filter=127.0.0.1:{PROXY_PORTS[False]}
{SERVER}:{PROXIED[True]} inet n - n - - smtpd
 -o smtpd_milters= -o smtpd_proxy_filter=127.0.0.1:{PROXY_PORTS[True]}
{SERVER}:{PROXIED_FIRST} inet n - n - - smtpd
 -o smtpd_proxy_filter=127.0.0.1:{PROXY_NO_MILTERS_PORT}
127.0.0.1:{PROXY_BACK_PORT} inet n - n - - smtpd
 -o smtpd_authorized_xclient_hosts=127.0.0.1
127.0.0.1:{PROXY_NO_MILTERS_PORT} inet n - n - - smtpd
 -o receive_override_options=no_milters
local unix - n n - - local
""" + "".join(f"""\
{SERVER}:{port} inet n - n - - smtpd
 -o {{ smtpd_milters={{{NOT_THERE},default_action={action}}} }}
""" for action, port in ABSENT.items())
LIST_SCRIPT = """\
#!/usr/bin/python3
# a list server: takes the message and sends one of its own, by SMTP from the host itself as Mailman does
import smtplib, sys
sys.stdin.read()
with smtplib.SMTP("127.0.0.1", %d) as server:
    server.sendmail("dev-bounces@example.net", "friend@far.example", "From: Anna via List <dev@example.net>\\r\\n"
                    "To: dev@example.net\\r\\nSubject: [dev] listed\\r\\n\\r\\nOutgoing: listed\\r\\n")
"""


class Site(island_world.World):
    """The world with a Postfix in its middle that takes mail in many ways."""

    def __init__(self, lab, build):
        super().__init__(lab, build)
        self.lab = lab
        self.filter = sink_module.Sink(lab, "127.0.0.1", FILTER_PORT,
                                       extensions=("8BITMIME", "XFORWARD NAME ADDR PORT PROTO HELO IDENT SOURCE"))
        for as_client, port in PROXY_PORTS.items():
            proxy_filter.ProxyFilter(lab, port, PROXY_BACK_PORT, as_client)
        pathlib.Path("/run/aliases").write_text("away friend@far.example\ndev \"|/run/list\"\n")
        pathlib.Path("/run/header_checks").write_text("/^Subject: (.*)/ REPLACE Subject: [checked] $1\n")
        pathlib.Path("/run/milter_header_checks").write_text("/^Authentication-Results:.*header.from=held.example/ HOLD\n")
        self.server = postfix.Postfix(lab, milters=ASSAY, domain=DOMAIN, host=showcase.HOST, more=MAIN, services=SERVICES)
        pathlib.Path("/run/list").write_text(LIST_SCRIPT % self.server.port)
        pathlib.Path("/run/list").chmod(0o755)

    def send(self, one, client, port=25, sender=None, to=RECIPIENT, **more):
        """(code, text, what the log of assayd got meanwhile)"""
        seen = len(self.daemon.log_text())
        code, text = smtp.send(SERVER, one.message(), one.sender if sender is None else sender, to, client=client, port=port,
                               **more)
        return code, text, self.lines(seen)

    def lines(self, seen=0):
        return [line for line in self.daemon.log_text()[seen:].splitlines() if " action=" in line]

    def arrived(self, one):
        return self.server.find(one.token().strip(), None)[1]

    def perform(self, one, token, port):
        """A message of the showcase: (answer, the message where it went, the log of assayd)."""
        seen = len(self.daemon.log_text())
        message = dataclasses.replace(one, name=token).message(self.keys)
        code, text = smtp.send(SERVER, message, one.sender, RECIPIENT, client=one.client, port=port,
                               helo=one.client_name)
        where = self.server.find(f"Shown: {token}", queue_id(text)) if code == 250 else ("", b"")
        return code, *where, self.lines(seen)

    def command(self, *words):
        return subprocess.run([str(word) for word in words], env=self.server.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def queue_id(text):
    found = re.search(r"queued as (\w+)", text)
    return found.group(1) if found else None


def spoof(name):
    """Our own domain in From; p=reject."""
    return Outgoing(f"spoof {name}", to=RECIPIENT)


@case("long queue ids: the first word of our line is the one that Postfix answers with")
def long_ids(site):
    code, text, lines = site.send(OUTGOING[0], NEIGHBOUR, to="friend@far.example")
    equal(code, 250, text)
    assert len(queue_id(text)) >= 14 and lines[0].split(": ")[2] == queue_id(text), f"{text} {lines}"


@case("an assayd that is not there: each milter_default_action does what it says")
def absent(site):
    answers = {}
    for action, port in ABSENT.items():
        one = spoof(f"absent {action}")
        code, text, lines = site.send(one, STRANGER, port=port)
        equal(lines, [], "lines of assayd")
        answers[action] = code, site.server.find(one.token().strip(), queue_id(text))[0] if code == 250 else ""
    equal(answers, {"accept": (250, "inbox"), "tempfail": (451, ""), "reject": (550, ""), "quarantine": (250, "hold")},
          "the answers")


@case("smtpd_milter_maps leaves a client out: neither judged nor refused")
def left_out(site):
    code, text, lines = site.send(spoof("left out"), STRANGER, port=CLIENTS_PORT)
    equal((code, lines), (250, []), text)
    code, text, lines = site.send(spoof("not left out"), LIST, port=CLIENTS_PORT)
    equal((code, len(lines)), (550, 1), text)


@case("behind postscreen: judged with the client's own address")
def screened(site):
    code, where, message, lines = site.perform(GENUINE, "screened", SCREEN_PORT)
    equal((code, where), (250, "inbox"), "the answer")
    holds(lines[0], f"client={SENDER} ", "action=accept", "dmarc=pass")
    equal(len(showcase.results_fields(message)), 1, "fields with results")
    equal(site.send(spoof("screened"), STRANGER, port=SCREEN_PORT)[0], 550, "the answer to a spoof")


@case("a content filter, coming in: judged once, with the original client; XFORWARD; not signed as ours on its way back")
def filtered_in(site):
    one = Outgoing("filtered in", author="Club <info@club.example>", to=RECIPIENT)
    code, text, lines = site.send(one, STRANGER, port=FILTERED_PORT, sender="info@club.example")
    equal((code, len(lines)), (250, 1), text)
    holds(lines[0], f"client={STRANGER} ", "dmarc=fail")
    taken = site.filter.find(one.token())
    seen = len(site.daemon.log_text())
    equal(smtp.send("127.0.0.1", b"X-Scanned: yes\r\n" + taken.message, taken.sender, taken.recipients, port=BACK_PORT)[0], 250,
          "the answer to the filter")
    arrived = site.arrived(one)
    equal(site.lines(seen), [], "lines about the message that came back")
    equal(len(showcase.results_fields(arrived)), 1, "fields with results")
    assert b"DKIM-Signature" not in arrived and b"X-Scanned: yes" in arrived, arrived


@case("a content filter, going out: signed once, and the signature holds where the filter adds fields only")
def filtered_out(site):
    one = Outgoing("filtered out")
    code, text, lines = site.send(one, NEIGHBOUR, port=FILTERED_PORT, to="friend@far.example")
    equal((code, len(lines)), (250, 1), text)
    holds(lines[0], "reason=ours", "signed=example.net:r1,example.net:e1")
    taken = site.filter.find(one.token())
    seen = len(site.daemon.log_text())
    equal(smtp.send("127.0.0.1", b"X-Scanned: yes\r\n" + taken.message, taken.sender, taken.recipients, port=BACK_PORT)[0], 250,
          "the answer to the filter")
    arrived = site.far.find(one.token()).message
    equal(site.lines(seen), [], "lines about the message that came back")
    holds(arrived, b"X-Scanned: yes")
    assert not (complaints := verify.complaints(arrived, DOMAIN)), "\n".join(complaints)


@case("smtpd_proxy_filter: a milter before it gets no message, one behind it takes the proxy for the client")
def proxied(site):
    one = spoof("before a proxy")
    code, text, lines = site.send(one, STRANGER, port=PROXIED_FIRST)
    equal((code, lines), (250, []), text)
    one = spoof("behind a proxy")
    code, text, lines = site.send(one, STRANGER, port=PROXIED[False])
    equal((code, len(lines)), (250, 1), text)
    holds(lines[0], "client=127.0.0.1 ", "reason=ours", "signed=")


@case("smtpd_proxy_filter with a proxy that hands the client on by XCLIENT: judged once, with the original client")
def proxied_as_client(site):
    code, text, lines = site.send(spoof("xclient"), STRANGER, port=PROXIED[True])
    equal((code, len(lines)), (550, 1), text)
    holds(lines[0], f"client={STRANGER} ", "action=reject")


@case("header_checks come before every milter: what they rewrite, Assay finds broken")
def checked(site):
    _, _, message, lines = site.perform(GENUINE, "checked", CHECKED_PORT)
    holds(message, b"Subject: [checked] ")
    holds(lines[0], "dkim=fail:example.org", "dmarc=pass")


@case("canonical_maps come before every milter too: what they rewrite is what is signed")
def canonical(site):
    one = Outgoing("canonical", author="Anna <old@example.net>")
    equal(smtp.send("127.0.0.1", one.message(), "old@example.net", "friend@far.example", port=site.server.port)[0], 250,
          "the answer")
    arrived = site.far.find(one.token())
    equal(arrived.sender, "new@example.net", "the sender")
    holds(arrived.message, b"From: Anna <new@example.net>")
    assert not (complaints := verify.complaints(arrived.message, DOMAIN)), "\n".join(complaints)


@case("milter_header_checks see the field that Assay adds")
def added_field(site):
    one = Outgoing("no policy", author="a@held.example", to=RECIPIENT)
    code, text, lines = site.send(one, STRANGER, sender="a@held.example")
    equal(code, 250, text)
    holds(lines[0], "action=accept", "dmarc=none")
    where, message = site.server.find(one.token().strip(), queue_id(text))
    equal(where, "hold", "where it is")
    holds(message, b"dmarc=none")


@case("postsuper -H lets held mail go on without a second judgement, postsuper -r too, and neither signs it")
def released(site):
    for option in ("-H", "-r"):
        token = f"released {option}"
        code, where, message, lines = site.perform(SUSPECT, token, 25)
        equal((code, where, len(lines)), (250, "hold", 1), token)
        held = next(path.name for path in (site.server.queue / "hold").iterdir()
                    if token.encode() in site.server.held(path.name))
        seen = len(site.daemon.log_text())
        site.command("postsuper", "-c", site.server.config, option, held)
        site.command("postqueue", "-c", site.server.config, "-f")
        lab_module.wait_until(lambda token=token: site.server.delivered(f"Shown: {token}"), 60, f"{token} in the inbox")
        arrived = site.server.delivered(f"Shown: {token}")
        equal((site.lines(seen), len(showcase.results_fields(arrived)), b"DKIM-Signature" in arrived), ([], 1, False), option)


@case("virtual_alias_maps to another host: judged as it came, not signed, From and signatures as they were")
def forwarded_virtually(site):
    one = Outgoing("aside", author="Club <info@club.example>")
    equal(site.send(one, STRANGER, sender="info@club.example", to="aside@example.net")[0], 250, "the answer")
    arrived = site.far.find(one.token())
    equal(arrived.recipients, ["friend@far.example"], "the recipients")
    equal((len(showcase.results_fields(arrived.message)), verify.signatures(arrived.message)), (1, []), "fields")


@case("an alias of local(8) to another host: judged once, where it came in, and not signed")
def forwarded_by_alias(site):
    one = Outgoing("away", author="Club <info@club.example>")
    code, text, lines = site.send(one, STRANGER, sender="info@club.example", to="away@local.example.net")
    equal((code, len(lines)), (250, 1), text)
    arrived = site.far.find(one.token())
    equal((len(showcase.results_fields(arrived.message)), verify.signatures(arrived.message)), (1, []), "fields")


@case("a list server behind an alias: what arrives is judged, what it sends as its own domain is signed")
def listed(site):
    one = Outgoing("to the list", author="Club <info@club.example>")
    seen = len(site.daemon.log_text())
    equal(site.send(one, STRANGER, sender="info@club.example", to="dev@local.example.net")[0], 250, "the answer")
    arrived = site.far.find("Outgoing: listed").message
    assert not (complaints := verify.complaints(arrived, DOMAIN)), "\n".join(complaints)
    lines = site.lines(seen)
    equal(len(lines), 2, f"lines: {lines}")
    holds(lines[0], f"client={STRANGER} ", "dmarc=fail")
    holds(lines[1], "reason=ours", "signed=example.net:r1")


@case("the sendmail command with somebody else's domain in From: leaves as it is, and the log says why")
def foreign(site):
    one = Outgoing("by a program for others", author="Club <info@club.example>", body=b"Hello\r\n")
    seen = len(site.daemon.log_text())
    site.server.submit(one.message(), "www@example.net", "friend@far.example")
    equal(verify.signatures(site.far.find(one.token()).message), [], "signatures")
    holds(site.lines(seen)[0], "unsigned=\"no key for club.example", "client=127.0.0.1")


@case("beside another milter that judges too, while one moves: both results stand, one refusal is enough")
def beside_another(site):
    other = assayd.Assayd(site.lab, site.daemon.program.parent, dns_port=island_world.island.DNS_PORT, name="other",
                          port=OTHER_PORT, more="authserv_id = \"old.example.net\";")
    code, where, message, lines = site.perform(GENUINE, "beside", BOTH_PORT)
    equal((code, where, len(lines)), (250, "inbox", 1), "the answer")
    results = showcase.results_fields(message)
    equal(sorted(one.split(";")[0] for one in results), ["mx.example.net", "old.example.net"], "who says so")
    assert all("dkim=pass" in one for one in results), results
    equal(site.send(spoof("beside"), STRANGER, port=BOTH_PORT)[0], 550, "the answer to a spoof")
    equal(other.log_text().count("action="), 1, "messages that came to the second")


@case("Postfix had nothing to complain of but the milter that is not there; assayd ended soundly")
def end(site):
    equal(site.daemon.stop(), 0, "the status")
    site.daemon.check_log()
    assert not site.server.complaints(but="nobody.sock"), site.server.complaints(but="nobody.sock")


if __name__ == "__main__":
    sys.exit(island_world.main("ways", __doc__, Site, lambda: ""))
