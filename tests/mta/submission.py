#!/usr/bin/python3
"""submission.py - mail of ours through a real Postfix: logins by SMTP AUTH, the sendmail command, content filters.

    tests/mta/submission.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

Needs root and namespaces (tests/support/island.py), and is skipped without. One line a case, see tests/support/tap.py.
run.py in this folder has the mail that comes from outside.
"""
import pathlib
import subprocess
import sys

import island_world
from island_world import NEIGHBOUR, OUTGOING, ROAMING, SERVER, Outgoing, case, equal, holds, showcase
# pylint: disable=wrong-import-order
import island
import outbox
import postfix
import sink as sink_module
import smtp
import store
import verify
from showcase import DOMAIN, RECIPIENT, STRANGER

FILTER_PORT, BACK_PORT, BACK_JUDGED_PORT, FILTERED_PORT = 10025, 10026, 10027, 2525
MAIN = island_world.POSTFIX_MAIN + f"""\
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = {DOMAIN}
smtpd_sasl_security_options = noanonymous
always_add_missing_headers = yes
internal_mail_filter_classes = bounce
disable_mime_output_conversion = yes
message_strip_characters =
transport_maps = inline:{{ unbroken.example=unbroken:[{island_world.FAR}] }}
milter_connect_macros = v
milter_mail_macros =
milter_end_of_data_macros =
"""
SERVICES = island_world.POSTFIX_SERVICES + f"""\
{SERVER}:587 inet n - n - - smtpd
 -o smtpd_sasl_auth_enable=yes
 -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
{SERVER}:{FILTERED_PORT} inet n - n - - smtpd
 -o content_filter=smtp:[127.0.0.1]:{FILTER_PORT}
unbroken unix - - n - - smtp
 -o smtp_line_length_limit=0
127.0.0.1:{BACK_PORT} inet n - n - - smtpd
 -o receive_override_options=no_milters
"""
UTF8 = (
    Outgoing("utf-8 subject, ä", author="Jürgen <jürgen@example.net>", options=("SMTPUTF8", "BODY=8BITMIME")),
    Outgoing("utf-8 domain", author="Anna <anna@büro.example.net>", options=("SMTPUTF8",), sender="anna@büro.example.net"),
)


class Site(island_world.World):
    """The world with a Postfix in its middle, and a content filter beside it."""

    def __init__(self, lab, build):
        super().__init__(lab, build)
        island_world.make_logins(pathlib.Path("/run/sasl"), "smtpd")
        self.lab, self.build = lab, build
        self.filter = sink_module.Sink(lab, "127.0.0.1", FILTER_PORT)
        self.server = postfix.Postfix(lab, milters="unix:/run/assay/assay.sock", domain=DOMAIN, host=showcase.HOST,
                                      more=MAIN, services=SERVICES)
        # where Debian's Postfix looks for smtpd.conf
        (self.server.config / "sasl").symlink_to("/run/sasl")

    def signed_from(self, one, client=NEIGHBOUR, port=25, **more):
        return self.signed(one, lambda message, sender, recipient: smtp.send(
            SERVER, message, sender, recipient, client=client, port=port, mail_options=one.options, **more))

    def put_back(self, token):
        """What a content filter does: the message comes back as it went there."""
        message = self.filter.find(token).message
        equal(smtp.send("127.0.0.1", message, "anna@example.net", RECIPIENT, port=BACK_PORT)[0], 250, "the answer")
        return message


for outgoing in OUTGOING + UTF8:
    case(f"signed twice, verified by three: {outgoing.name}")(lambda site, one=outgoing: site.signed_from(one))


@case("a report that was signed as it was made is not signed again as it passes, by the sendmail command")
def report(site):
    box = outbox.Outbox(site.lab, site.build, island.DNS_PORT, "outbox",
                        outbox.REPORTS + f' sendmail = "/usr/sbin/sendmail -C {site.server.config}";',
                        f'sign: ( {{ domain = "example.net"; keys = "{site.lab.path("keys")}"; }} );')
    box.record({"policy_domain": "far.example", "rua": "mailto:dmarc@far.example", "header_from": "far.example", "times": 7})
    holds(box.send(), "1 mail sent")
    taken = site.far.find("To: dmarc@far.example\r\n")
    complaints = verify.complaints(taken.message, DOMAIN)
    assert not complaints, "\n".join(complaints)
    holds(site.daemon.log_text(), "unsigned=\"it already has valid signatures of this server: example.net:r1, example.net:e1\"")


@case("mail that bears our signatures passes once more: signed once where they hold, anew where they do not")
def once_more(site):
    arrived = site.signed_from(Outgoing("the first time", body=b"How are you?\r\n"))
    for name, changed in (("the second time", arrived), ("changed meanwhile", arrived.replace(b"How are", b"Who are"))):
        # what is in a list's or a filter's hands once more: below its own trace field
        site.server.submit(f"X-Passed: {name}\r\n".encode() + changed, "anna@example.net", "friend@far.example")
        message = site.far.find(f"X-Passed: {name}\r\n").message
        again = 2 if name == "changed meanwhile" else 0
        equal([held is True for held in verify.by_dkimpy(message)], [True, True] + [False] * again, f"the signatures of {name}")


LENGTHS = (997, 998, 999, 1000, 1995, 1996, 1997, 2047, 2048, 2049, 2992, 2993, 4096, 10000, 300000)
MARKED = b"".join(b"%d:" % length + b"x" * (length - len(b"%d:" % length)) + b"\r\n" for length in LENGTHS)
WORDS = b"".join((b"some words with  blanks, " * (length // 25 + 1))[:length] + b"\r\n" for length in LENGTHS)
LONG_LINES = (
    Outgoing("lines around each break", body=MARKED),
    Outgoing("lines around each break, simple", author="anna@simple.example", body=MARKED),
    Outgoing("long lines of words", body=WORDS),
    Outgoing("long lines of words, simple", author="anna@simple.example", body=WORDS),
    Outgoing("long lines of blanks", author="anna@simple.example", body=b"".join(b" " * length + b"\r\n" for length in LENGTHS)),
    Outgoing("a long field", more="References: " + "<1@far.example> " * 100 + "\r\n"),
    Outgoing("a long field, simple", author="anna@simple.example", more="References: " + "<1@far.example> " * 100 + "\r\n"),
    Outgoing("a long field without blanks", more="In-Reply-To: <" + "x" * 2000 + "@far.example>\r\n"),
    Outgoing("a field of 30 kB", more="In-Reply-To: <" + "x" * 30000 + "@far.example>\r\n"),
    Outgoing("a folded field with long lines", more="References:\r\n " + "<1@far.example> " * 70 + "\r\n\t" + "<2@far.example> " * 70 + "\r\n"),
    Outgoing("fields around the break", author="anna@simple.example", more="".join(
        f"{name}: " + "y" * (length - len(name) - 2) + "\r\n"
        for name, length in (("Cc", 998), ("Reply-To", 999), ("In-Reply-To", 1995), ("References", 1996)))),
)


@case("lines over 998 octets are signed as Postfix breaks them, and the log says so")
def long_lines(site):
    wrong = []
    for one in LONG_LINES:
        try:
            arrived = site.signed_from(one)
            assert max(map(len, arrived.split(b"\r\n"))) <= 998, "nothing was broken"
        except AssertionError as error:
            wrong.append(f"{one.name}: {str(error)[:600]}")
    assert not wrong, "\n".join(wrong)
    equal(site.daemon.log_text().count(" long_lines=broken "), len(LONG_LINES), "messages with long lines in the log")


@case("lines that Postfix was told to leave as they are are signed so")
def unbroken_lines(site):
    site.daemon.change("sign: ( ", "sign_line_limit = 0; sign: ( ")
    arrived = site.signed(Outgoing("unbroken lines", body=MARKED), lambda message, sender, _recipient: smtp.send(
        SERVER, message, sender, "friend@unbroken.example", client=NEIGHBOUR))
    holds(arrived, MARKED)
    holds(site.daemon.log_text(), " long_lines=unbroken ")
    site.daemon.change("sign_line_limit = 0; ", "")


@case("eight bits for a server without 8BITMIME, with disable_mime_output_conversion")
def old_server(site):
    site.signed_for_old_server(site.signed_from)


@case("a bounce that Postfix makes is signed, with internal_mail_filter_classes = bounce")
def bounced(site):
    one = Outgoing("to nobody", author="friend@far.example", sender="friend@far.example")
    equal(smtp.send(SERVER, one.message(), one.sender, "nobody@nowhere.invalid", client=NEIGHBOUR)[0], 250, "the answer")
    arrived = site.far.find("nobody@nowhere.invalid").message
    holds(arrived, b"From: Mail Delivery System <MAILER-DAEMON@mx.example.net>")
    complaints = verify.complaints(arrived, DOMAIN)
    assert not complaints, "\n".join(complaints)


@case("swaks logs in and submits; the message leaves signed twice")
def by_swaks(site):
    one = Outgoing("by swaks")
    path = site.lab.path("by-swaks.eml")
    path.write_bytes(one.message().replace(b"\r\n.", b"\r\n..") + b".")

    def send(_message, sender, recipient):
        done = subprocess.run(
            ["swaks", "--server", SERVER, "--port", "587", "--local-interface", ROAMING, "--helo", "laptop.example",
             "--auth", "PLAIN", "--auth-user", island_world.LOGIN[0], "--auth-password", island_world.LOGIN[1],
             "--from", sender, "--to", recipient, "--data", f"@{path}", "--no-data-fixup", "--suppress-data"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        return (250 if done.returncode == 0 else done.stdout), ""
    arrived = site.signed(one, send)
    assert arrived.startswith(b"DKIM-Signature: v=1; a=rsa-sha256;"), arrived
    holds(site.daemon.log_text(), "reason=authenticated", "login=anna@example.net", "signed=example.net:r1,example.net:e1")


@case("a login is signed for wherever it comes from, and forged results in our name go")
def login(site):
    one = Outgoing("by login", more=showcase.FORGED + "\r\n")
    arrived = site.signed_from(one, ROAMING, 587, login=island_world.LOGIN)
    equal(showcase.results_fields(arrived), [], "results in our name")


@case("without a login the submission port takes nothing")
def no_login(site):
    equal(smtp.send(SERVER, Outgoing("nobody").message(), "anna@example.net", "friend@far.example", port=587,
                    client=ROAMING)[0], 554, "the answer")


@case("users of a sign entry: one login is signed for, the other not")
def users(site):
    site.signed_from(Outgoing("of staff", author="anna@staff.example"), ROAMING, 587, login=island_world.LOGIN)
    one = Outgoing("of a robot", author="anna@staff.example")
    equal(smtp.send(SERVER, one.message(), "robot@example.net", "friend@far.example", client=ROAMING, port=587,
                    login=island_world.OTHER_LOGIN)[0], 250, "the answer")
    equal(verify.signatures(site.far.find(one.token()).message), [], "the signatures")
    holds(site.daemon.log_text(), "robot@example.net may not send as staff.example")


@case("users of a sign entry: a client of our networks without login is not one of them")
def no_user(site):
    one = Outgoing("of no user", author="anna@staff.example")
    equal(smtp.send(SERVER, one.message(), "anna@staff.example", "friend@far.example", client=NEIGHBOUR)[0], 250,
          "the answer")
    equal(verify.signatures(site.far.find(one.token()).message), [], "the signatures")


@case("two authors, or none of ours: not signed")
def authors(site):
    for one in (Outgoing("two authors", author="anna@example.net, eve@evil.example"),
                Outgoing("an author elsewhere", author="eve@evil.example"),
                Outgoing("a domain that ends like ours", author="eve@notexample.net")):
        equal(smtp.send(SERVER, one.message(), "anna@example.net", "friend@far.example", client=NEIGHBOUR)[0], 250,
              "the answer")
        equal(verify.signatures(site.far.find(one.token()).message), [], f"the signatures of {one.name}")


@case("our domain in From, from outside: judged, refused, not signed")
def outside(site):
    one = Outgoing("from outside", to=RECIPIENT)
    code, text = smtp.send(SERVER, one.message(), "anna@example.net", RECIPIENT, client=STRANGER)
    equal(code, 550, "the answer")
    holds(text, "DMARC", "example.net")


@case("our domain in From, from outside, let in by dmarc.enforce = monitor: still not signed")
def monitored(site):
    site.daemon.change("dmarc: { ", "dmarc: { enforce = \"monitor\"; ")
    one = Outgoing("let in", to=RECIPIENT)
    code, text = smtp.send(SERVER, one.message(), "anna@example.net", RECIPIENT, client=STRANGER)
    equal(code, 250, text)
    _, arrived = site.server.find(one.token().strip(), None)
    holds(arrived, b"dmarc=fail")
    assert b"DKIM-Signature" not in arrived, arrived
    site.daemon.change("enforce = \"monitor\"; ", "")


@case("the sendmail command: signed twice")
def command(site):
    # without -i, a lone dot would end the message
    one = Outgoing("by the sendmail command", body=b"Hello\r\n")

    def send(message, sender, recipient):
        site.server.submit(message, sender, recipient)
        return 250, ""
    site.signed(one, send)


@case("25 MB leave as they came, signed")
def large(site):
    line = bytes(range(33, 110)) + b"\r\n"
    arrived = site.signed_from(Outgoing("25 MB", body=line * (island_world.BODY_OF_25_MB // len(line))))
    assert len(arrived) > island_world.BODY_OF_25_MB - len(line), len(arrived)


@case("a content filter between: judged once, where it came in; not signed as ours when it comes back")
def filtered(site):
    site.daemon.change("dmarc: { ", "dmarc: { enforce = \"monitor\"; ")
    one = Outgoing("filtered", to=RECIPIENT)
    before = site.daemon.log_text().count("action=")
    equal(smtp.send(SERVER, one.message(), "anna@example.net", RECIPIENT, client=STRANGER, port=FILTERED_PORT)[0], 250,
          "the answer")
    labelled = site.put_back(one.token())
    _, arrived = site.server.find(one.token().strip(), None)
    equal([len(showcase.results_fields(message)) for message in (labelled, arrived)], [1, 1], "fields with results")
    assert b"DKIM-Signature" not in arrived, arrived
    equal(site.daemon.log_text().count("action=") - before, 1, "messages in the log")
    site.daemon.change("enforce = \"monitor\"; ", "")


@case("Postfix had nothing to complain of; assayd ended soundly; the report has what was judged alone")
def end(site):
    equal(site.daemon.stop(), 0, "the status")
    equal(sum(row["count"] for row in store.rows(site.daemon.store)), 3, "the messages in the report")
    site.daemon.check_log()
    assert not site.server.complaints(), site.server.complaints()


if __name__ == "__main__":
    sys.exit(island_world.main("submission", __doc__, Site, lambda: ""))
