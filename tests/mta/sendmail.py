#!/usr/bin/python3
"""sendmail.py - assayd behind a real Sendmail, attached with contrib/sendmail/assay.m4.

    tests/mta/sendmail.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

Needs root, namespaces (tests/support/island.py) and Debian's packages of Sendmail, which are fetched once; it is
skipped where one is missing. One line a case, see tests/support/tap.py.
"""
import pathlib
import re
import sys

import dkim
import island_world
from island_world import NEIGHBOUR, OUTGOING, ROAMING, SERVER, Outgoing, case, equal, holds, showcase
# pylint: disable=wrong-import-order
import private_sendmail
import smtp
import store
import verify
from showcase import PERFORMANCES, RECIPIENT, SENDER, STRANGER

HOLD, TAG = 'action = "hold"', 'action = "tag"'
REDIRECT = 'action = "redirect"; address = "jail@example.net"'
SUSPECT = next(one for one in PERFORMANCES if one.name == "suspect")


# Daemons beside that on port 25: one for submission, and some whose only filter is not there.
ABSENT = {2501: ("O", "S=unix:/run/assay/nobody.sock"), 2502: ("T", "S=unix:/run/assay/nobody.sock, F=T"),
          2503: ("R", "S=unix:/run/assay/nobody.sock, F=R")}
DAEMONS = [f"DAEMON_OPTIONS(`Name=MSA, Addr={SERVER}, Port=587, M=Ea, InputMailFilters=assay')dnl"] + [
    f"MAIL_FILTER(`absent{port}', `{filter_}')dnl\n"
    f"DAEMON_OPTIONS(`Name=D{port}, Addr={SERVER}, Port={port}, InputMailFilters=absent{port}')dnl"
    for port, (_, filter_) in ABSENT.items()]


class Site(island_world.World):
    """The world with a Sendmail in its middle."""

    def __init__(self, lab, build):
        super().__init__(lab, build)
        self.lab = lab
        sasl = pathlib.Path("/run/sasl")
        island_world.make_logins(sasl, "Sendmail")
        self.server = private_sendmail.Sendmail(
            lab, f"{island_world.OUR_DOMAIN} {NEIGHBOUR}", showcase.HOST, SERVER, features="FEATURE(`assay')dnl",
            more="\n".join(["define(`SMTP_MAILER_FLAGS', `8')dnl", *DAEMONS]),
            sasl=sasl)
        self.judged = 0

    def send(self, message, sender, recipient, client, **more):
        return smtp.send(SERVER, message, sender, recipient, client=client, **more)

    def perform(self, one):
        """A message of the showcase: what is not as expected is an error."""
        seen = len(self.daemon.log_text())
        code, text = self.send(one.message(self.keys), one.sender, RECIPIENT, one.client, helo=one.client_name)
        line = [line for line in self.daemon.log_text()[seen:].splitlines() if " action=" in line][-1]
        queue_id = text.split(" ")[1] if code == 250 else None
        where, message = "", b""
        if queue_id in self.server.quarantined():
            where = "hold"
        elif queue_id:
            where, message = "inbox", self.inside.find(f"Shown: {one.name}").message
        shown = showcase.Shown(one, f"{code} {text}", queue_id, where, message, line)
        # what is on hold has its header in the queue, not here
        differences = [text for text in shown.differences()
                       if where != "hold" or "Authentication-Results" not in text]
        assert not differences, "\n".join(differences)
        self.judged += 1
        return shown

    def signed_from(self, one, client, **more):
        return self.signed(one, lambda *what: self.send(*what, client, mail_options=one.options, **more))


for performance in PERFORMANCES:
    case(performance.about)(lambda site, one=performance: site.perform(one))


@case("the results stand on top, and forged ones are gone")
def on_top(site):
    forged = next(one for one in PERFORMANCES if one.name == "forged")
    arrived = site.inside.find("Shown: forged").message
    assert arrived.startswith(b"Authentication-Results: mx.example.net;\r\n\tspf=pass"), arrived
    holds(forged.extra[0], "bank.example")
    assert b"bank.example" not in arrived, arrived


@case("mail from outside is sealed as Sendmail sends it on: address lists are written anew, the chain holds")
def sealed(site):
    site.judged += 1
    site.daemon.change("sign: (", f'arc: {{ seal = "all"; domain = "example.net"; keys = "{site.lab.path("keys")}"; }};\nsign: (')
    crowded = f"{RECIPIENT},second@example.net ,Third<third@example.net>"
    one = Outgoing("sealed", author="Club B. Member <info@club.example>", to=crowded, more="Cc: a@club.example,b@club.example\r\n")
    equal(site.send(one.message(), "info@club.example", RECIPIENT, SENDER)[0], 250, "the answer")
    arrived = site.inside.find(one.token()).message
    assert b"To: " + crowded.encode() not in arrived, "Sendmail left the list of addresses as it was"
    names = [line.split(b":")[0] for line in arrived.split(b"\r\n") if not line[:1].isspace()]
    equal(names[:4], [b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results", b"Authentication-Results"], "the top")
    equal(dkim.arc_verify(arrived)[0], b"pass", "dkimpy on the chain")
    covered = re.search(rb"(?s)ARC-Message-Signature:.*?h=(.*?);", arrived).group(1)
    holds(re.sub(rb"\s", b"", covered).decode(), "from:from", "to", "cc")


@case("mailq -qQ shows why a message is on hold, and sendmail -Q lets it go")
def quarantine(site):
    shown = site.perform(SUSPECT)
    holds(site.server.quarantined()[shown.queue_id], "dmarc=fail", "p=quarantine")
    seen = len(site.daemon.log_text())
    site.server.release(shown.queue_id)
    released = site.inside.find(f"Shown: {SUSPECT.name}").message
    assert released.startswith(b"Authentication-Results: mx.example.net;"), released
    holds(showcase.results_fields(released)[0], "dmarc=fail")
    assert "action=" not in site.daemon.log_text()[seen:], "it was judged again"


@case("a filter that is not there: F= nothing lets mail in, F=T asks to come again, F=R refuses")
def absent(site):
    answers = {flag: site.send(Outgoing(f"absent {flag}", to=RECIPIENT).message(), "anna@example.net", RECIPIENT, STRANGER,
                               port=port)[0] for port, (flag, _) in ABSENT.items()}
    equal(answers, {"O": 250, "T": 451, "R": 550}, "the answers")


@case("a daemon for submission with InputMailFilters of its own: a login is signed for")
def submission(site):
    site.signed_from(Outgoing("by port 587"), ROAMING, port=587, login=island_world.LOGIN)


@case("a percent sign in the reply arrives as it was written")
def percent(site):
    code, text = site.send(PERFORMANCES[1].message(site.keys), "anna@example.org", RECIPIENT, STRANGER)
    equal(code, 550, "the code")
    assert text.startswith("5.7.1 ") and text.endswith(f"; see {island_world.REPLY_URL}"), text
    site.judged += 1


@case("a simple/simple signature over odd white space survives the milter protocol")
def simple(site):
    message = (b"From:\tAnna <anna@example.org>\r\nTo:   reader@example.net \r\nSubject:simple\r\nX-Two:  \r\n  lines\r\n"
               b"Message-ID: <simple@example.org>\r\nDate: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nShown: simple  \r\n\r\n")
    message = site.keys.sign(message, "rsa2048-example.org", "example.org", "s1", canonicalize="simple/simple",
                             headers=["from", "to", "subject", "x-two", "date"])
    equal(site.send(message, "anna@example.org", RECIPIENT, SENDER)[0], 250, "the answer")
    holds(showcase.results_fields(site.inside.find("Shown: simple").message)[0], "dkim=pass", "dmarc=pass")
    site.judged += 1


@case("two messages of one connection, and one that the client gives up")
def two(site):
    with smtp.connected(SERVER, SENDER) as connection:
        for number in (1, 2):
            message = PERFORMANCES[0].message(site.keys).replace(b"Shown: genuine", b"Shown: of two %d" % number)
            connection.mail("anna@example.org")
            connection.rcpt(RECIPIENT)
            equal(connection.data(message)[0], 250, "the answer")
            connection.mail("anna@example.org")
            connection.rset()
    for number in (1, 2):
        holds(showcase.results_fields(site.inside.find(f"Shown: of two {number}").message)[0], "spf=pass", "dkim=fail")
    site.judged += 2


@case("the null sender")
def bounce(site):
    message = b"From: MAILER-DAEMON@mail.example.org\r\nSubject: a bounce\r\n\r\nShown: bounce\r\n"
    equal(site.send(message, "", RECIPIENT, SENDER, helo="mail.example.org")[0], 250, "the answer")
    holds(showcase.results_fields(site.inside.find("Shown: bounce").message)[0], "smtp.helo=mail.example.org")
    site.judged += 1


for outgoing in OUTGOING:
    case(f"signed twice, verified by three: {outgoing.name}")(lambda site, one=outgoing: site.signed_from(one, NEIGHBOUR))


@case("lines over 990 octets, which Sendmail breaks: the log says that nobody knows what becomes of the signature")
def long_lines(site):
    for one, said in ((Outgoing("990 octets", body=b"x" * 990 + b"\r\n"), 0), (Outgoing("991 octets", body=b"x" * 991 + b"\r\n"), 1)):
        equal(site.send(one.message(), one.sender, "friend@far.example", NEIGHBOUR)[0], 250, "the answer")
        arrived = site.far.find(one.token()).message
        equal(verify.by_dkimpy(arrived)[0] is True, not said, f"whether the signature of {one.name} holds")
        equal(site.daemon.log_text().count(" long_lines=unknown "), said, "lines of the log")


@case("eight bits for a server without 8BITMIME, with SMTP_MAILER_FLAGS")
def old_server(site):
    site.signed_for_old_server(lambda one: site.signed_from(one, NEIGHBOUR))


@case("a login from anywhere is signed for, and nothing is judged")
def login(site):
    arrived = site.signed_from(Outgoing("by login", more=showcase.FORGED + "\r\n"), ROAMING, login=island_world.LOGIN)
    equal(showcase.results_fields(arrived), [], "results in our name")
    holds(site.daemon.log_text(), "login=anna@example.net")


@case("users of a sign entry: one login is signed for, the other not")
def users(site):
    site.signed_from(Outgoing("of staff", author="anna@staff.example"), ROAMING, login=island_world.LOGIN)
    one = Outgoing("of a robot", author="anna@staff.example")
    equal(site.send(one.message(), "robot@example.net", "friend@far.example", ROAMING,
                    login=island_world.OTHER_LOGIN)[0], 250, "the answer")
    equal(verify.signatures(site.far.find(one.token()).message), [], "the signatures")
    holds(site.daemon.log_text(), "robot@example.net may not send as staff.example")


@case("our domain in From, from outside: judged, refused, not signed")
def outside(site):
    one = Outgoing("from outside", to=RECIPIENT)
    code, text = site.send(one.message(), "anna@example.net", RECIPIENT, STRANGER)
    equal(code, 550, "the answer")
    holds(text, "DMARC", "example.net")
    site.judged += 1


@case("25 MB leave as they came, signed")
def large(site):
    line = bytes(range(33, 110)) + b"\r\n"
    arrived = site.signed_from(Outgoing("25 MB", body=line * (island_world.BODY_OF_25_MB // len(line))), NEIGHBOUR)
    assert len(arrived) > island_world.BODY_OF_25_MB - len(line), len(arrived)


@case("the host itself submits by SMTP: sendmail -bs has no address, and is ours")
def submitted(site):
    one = Outgoing("by -bs")

    def send(message, sender, recipient):
        message = message.replace(b"\r\n.", b"\r\n..") + b".\r\n"
        said = site.server.converse([b"EHLO localhost\r\n", b"MAIL FROM:<%s>\r\n" % sender.encode(),
                                     b"RCPT TO:<%s>\r\n" % recipient.encode(), b"DATA\r\n", message, b"QUIT\r\n"])
        return 250 if "Message accepted" in said else said, said
    site.signed(one, send)


@case("the host itself submits by sendmail -t: signed, through submit.cf and the server")
def by_command(site):
    def send(message, sender, _recipient):
        site.server.submit(message, sender)
        return 250, ""
    site.signed(Outgoing("by -t"), send)


@case("sendmail -t straight into the queue passes no milter at all")
def straight(site):
    one = Outgoing("straight")
    site.server.submit(one.message(), one.sender, submitter=False)
    equal(verify.signatures(site.far.find(one.token()).message), [], "the signatures")


@case("quarantine.action = tag")
def tag(site):
    site.daemon.change(HOLD, TAG)
    seen = len(site.inside.taken)
    code, text = site.send(SUSPECT.message(site.keys).replace(b"Shown: ", b"Tagged: "), SUSPECT.sender, RECIPIENT,
                           SUSPECT.client)
    equal(code, 250, text)
    arrived = site.inside.find("Tagged: ").message
    assert b"\r\nX-Assay-Quarantine: dmarc=fail" in arrived and len(site.inside.taken) == seen + 1, arrived
    site.judged += 1


@case("quarantine.action = redirect")
def redirect(site):
    site.daemon.change(TAG, REDIRECT)
    message = SUSPECT.message(site.keys).replace(b"Shown: ", b"Redirected: ")
    equal(site.send(message, SUSPECT.sender, [RECIPIENT, "second@example.net"], SUSPECT.client)[0], 250, "the answer")
    arrived = site.inside.find("Redirected: ")
    equal(arrived.recipients, ["jail@example.net"], "the recipients")
    assert f"X-Envelope-To: <{RECIPIENT}>,\r\n\t<second@example.net>\r\n".encode() in arrived.message, arrived.message
    site.daemon.change(REDIRECT, HOLD)
    site.judged += 1


@case("assayd is stopped: mail is asked to come again; started: it flows; each judged message has a row")
def restart(site):
    equal(site.daemon.stop(), 0, "the status")
    equal(sum(row["count"] for row in store.rows(site.daemon.store)), site.judged, "the messages in the report")
    code, text = site.send(PERFORMANCES[0].message(site.keys), "anna@example.org", RECIPIENT, SENDER)
    equal(code // 10, 45, text)
    site.daemon.start()
    site.perform(PERFORMANCES[0])


@case("assayd ended soundly")
def end(site):
    equal(site.daemon.stop(), 0, "the status")
    site.daemon.check_log()



if __name__ == "__main__":
    sys.exit(island_world.main("sendmail", __doc__, Site, private_sendmail.missing))
