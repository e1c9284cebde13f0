#!/usr/bin/python3
"""run.py - assayd behind a real Postfix, with a real name server: what senders, recipients and reports get.

    tests/mta/run.py [--build FOLDER] [WORDS...]      only cases whose name has a word

Everything runs in a temporary folder on loopback; the host's own mail is not touched. Needs root, as Postfix does.
One line a case, see tests/support/tap.py.
"""
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import nsd  # noqa: E402
import postfix  # noqa: E402
import showcase  # noqa: E402
import signing  # noqa: E402
import store  # noqa: E402
import suite  # noqa: E402
from showcase import DOMAIN, HOST, LIST, RECIPIENT, SENDER, STRANGER, Performance  # noqa: E402

OURS, FORWARDER = "203.0.113.200", "203.0.113.77"
REPLY_URL = "https://example.net/why?at=100%25&s=%s%n"
SETTINGS = f"""\
networks: {{ ours = [ "127.0.0.0/8", "{OURS}" ]; forwarders = [ "{FORWARDER}" ]; }};
dmarc: {{ reply_url = "{REPLY_URL}"; }};
quarantine: {{ action = "hold"; }};
"""
HOLD, TAG = 'action = "hold"', 'action = "tag"'
REDIRECT = 'action = "redirect"; address = "jail@example.net"'

BOUNCE = Performance(
    name="bounce", about="a bounce: the null sender", client=SENDER, client_name="mail.example.org",
    sender="", author="Mail Delivery System <MAILER-DAEMON@mail.example.org>",
    action="accept", code="250", where="inbox", results=("spf=pass", "smtp.helo=mail.example.org", "dmarc=pass"),
    row={"header_from": "mail.example.org", "envelope_from": "", "spf_domain": "mail.example.org", "disposition": "pass"})
FORWARDED = Performance(
    name="forwarded", about="through a forwarder that we know", client=FORWARDER, client_name="forward.example.com",
    sender="anna@example.org", author="Anna <anna@example.org>",
    action="accept", code="250", where="inbox", results=("spf=fail", "dmarc=fail"),
    row={"source": FORWARDER, "disposition": "none", "override_type": "trusted_forwarder"})
SUSPECT = next(one for one in showcase.PERFORMANCES if one.name == "suspect")


class Site:
    """A mail server with everything around it."""

    def __init__(self, lab, build):
        self.lab = lab
        self.keys = signing.Keys()
        self.names = nsd.Nsd(lab, showcase.zone(self.keys) + [
            ("mail.example.org", "TXT", f"v=spf1 ip4:{SENDER} -all"),
            ("s2._domainkey.example.org", "TXT", self.keys.record("ed25519")),
            ("s1._domainkey.example.com", "TXT", self.keys.record("rsa2048-example.com"))])
        self.daemon = assayd.Assayd(lab, assayd.programs(build, lab), dns_port=self.names.port, more=SETTINGS)
        self.postfix = postfix.Postfix(lab, milters=f"unix:{self.daemon.socket}", domain=DOMAIN, host=HOST,
                                       more="non_smtpd_milters = $smtpd_milters")
        self.rows = []

    def perform(self, one):
        shown = showcase.show(self.lab, self.postfix, self.daemon, self.keys, one)
        differences = shown.differences()
        assert not differences, "\n".join(differences)
        self.rows.append(one)
        return shown

    def send(self, token, message, **words):
        """A message that is no performance: (reply, where, message as it arrived)."""
        words = {"client": STRANGER, "name": "pool66.example.com", "helo": "pool66.example.com",
                 "sender": "anna@example.org", "recipient": RECIPIENT} | words
        sent = postfix.swaks(self.lab, self.postfix.port, message, **words)
        assert sent.queue_id, f"it was not taken: {sent.reply}"
        return (sent.reply, *self.postfix.find(f"Shown: {token}", sent.queue_id))


CASES, case = suite.cases()


for performance in (*showcase.PERFORMANCES, BOUNCE, FORWARDED):
    CASES.append((performance.about, lambda site, one=performance: site.perform(one)))


def message_of(name, keys, **changes):
    base = Performance(name=name, about=name, client="", client_name="", sender="", author="Anna <anna@example.org>",
                       action="", code="", where="", results=(), row={})
    return dataclasses.replace(base, **changes).message(keys)


@case("five signatures, each with a result of its own")
def five_signatures(site):
    message = message_of("five", site.keys)
    message = site.keys.sign(message, "rsa2048-other", "example.org", "s1")             # another key than published
    message = site.keys.sign(message, "rsa2048-example.com", "example.com", "s1")       # not aligned
    message = site.keys.sign(message, "rsa2048-example.org", "example.org", "nokey")    # no key published
    message = site.keys.sign(message, "ed25519", "example.org", "s2", canonicalize="simple/simple")
    message = site.keys.sign(message, "rsa2048-example.org", "example.org", "s1")
    _, where, arrived = site.send("five", message)
    results = showcase.results_fields(arrived)[0]
    assert where == "inbox", where
    assert results.count("dkim=pass") == 3, results
    assert results.count("dkim=") == 5 and "dkim=fail" in results and "dkim=permerror" in results, results
    assert "header.a=ed25519-sha256" in results and "dmarc=pass" in results, results
    site.rows.append(dataclasses.replace(BOUNCE, name="five", row={"source": STRANGER, "disposition": "pass",
                                                                   "dkim_aligned": "pass", "spf_aligned": "fail"}))


@case("a percent sign in the reply arrives as it was written")
def percent(site):
    sent = postfix.swaks(site.lab, site.postfix.port, message_of("percent", site.keys), STRANGER, "pool66.example.com",
                         "pool66.example.com", "anna@example.org", RECIPIENT)
    assert sent.reply.startswith("550 5.7.1") and sent.reply.endswith(f"; see {REPLY_URL}"), sent.reply
    site.rows.append(dataclasses.replace(BOUNCE, name="percent", row={"source": STRANGER, "disposition": "reject"}))


@case("mail of authenticated users is not judged; forged results go all the same")
def authenticated(site):
    message = message_of("login", site.keys, extra=(showcase.FORGED,))
    _, where, arrived = site.send("login", message, login="anna")
    assert where == "inbox" and not showcase.results_fields(arrived), arrived
    assert "login=anna" in site.daemon.log_text(), "the log does not name the user"


@case("forged results with a blank before their colon go too")
def blank_before_colon(site):
    message = message_of("blank", site.keys, author="Club <info@club.example>",
                         extra=(showcase.FORGED.replace(":", " :", 1), showcase.FORGED.replace(":", "\t:", 1)))
    _, where, arrived = site.send("blank", message)
    fields = re.findall(rb"(?im)^authentication-results[ \t]*:.*", arrived if isinstance(arrived, bytes) else arrived.encode())
    assert where == "inbox" and len(fields) == 1 and b"bank.example" not in fields[0], fields
    site.rows.append(dataclasses.replace(BOUNCE, name="blank", row={"source": STRANGER, "header_from": "club.example"}))


@case("results of another host stay, among forged ones with and without a blank")
def foreign_results(site):
    theirs = "Authentication-Results: elsewhere.example; spf=pass smtp.helo=kept"
    message = message_of("foreign", site.keys, author="Club <info@club.example>",
                         extra=(showcase.FORGED.replace(":", " :", 1), theirs, showcase.FORGED, theirs.replace(":", "\t:", 1),
                                showcase.FORGED.replace(":", "\t:", 1)))
    _, where, arrived = site.send("foreign", message)
    fields = re.findall(rb"(?im)^authentication-results[ \t]*:.*", arrived)
    theirs_left = sum(b"elsewhere.example" in one for one in fields)
    assert where == "inbox" and (len(fields), theirs_left) == (3, 2) and b"bank.example" not in arrived, arrived
    site.rows.append(dataclasses.replace(BOUNCE, name="foreign", row={"source": STRANGER, "header_from": "club.example"}))


@case("thousands of forged results are refused before one is removed, also those of a login")
def too_many_forged(site):
    forged = showcase.FORGED.split("\n", 1)[0]
    message = message_of("flood", site.keys, author="Club <info@club.example>", extra=(forged,) * 2000)
    for login in ({}, {"login": "anna"}):
        began = time.monotonic()
        sent = postfix.swaks(site.lab, site.postfix.port, message, STRANGER, "pool66.example.com", "pool66.example.com",
                             "anna@example.org", RECIPIENT, **login)
        assert sent.reply.startswith("550 5.6.0"), sent.reply
        assert time.monotonic() - began < 20, "it took long"
    site.rows.append(dataclasses.replace(BOUNCE, name="flood", row={"source": STRANGER, "header_from": "club.example",
                                                                    "disposition": "reject"}))
    few = message_of("few", site.keys, author="Club <info@club.example>", extra=(forged,) * 50)
    began = time.monotonic()
    _, where, arrived = site.send("few", few)
    assert where == "inbox" and len(showcase.results_fields(arrived)) == 1, arrived
    assert time.monotonic() - began < 20, "it took long"
    site.rows.append(dataclasses.replace(BOUNCE, name="few", row={"source": STRANGER, "header_from": "club.example"}))


@case("mail from networks.ours goes as it came")
def ours(site):
    message = message_of("ours", site.keys, extra=(showcase.FORGED,))
    _, where, arrived = site.send("ours", message, client=OURS)
    assert where == "inbox" and len(showcase.results_fields(arrived)) == 1, arrived


@case("mail of the sendmail command is ours")
def submitted(site):
    site.postfix.submit(message_of("submitted", site.keys), "anna@example.org", RECIPIENT)
    where, arrived = site.postfix.find("Shown: submitted", None)
    assert where == "inbox" and not showcase.results_fields(arrived), arrived


@case("the signature of a message that we labelled still verifies")
def still_signed(site):
    message = message_of("again", site.keys, signed_by="example.org")
    _, _, arrived = site.send("again", message)
    labelled = arrived[arrived.index(b"Authentication-Results:"):].replace(b"\n", b"\r\n")
    (site.postfix.mail / "inbox" / "new").rename(site.postfix.mail / "inbox" / "seen")
    _, _, twice = site.send("again", labelled, client=SENDER, name="mail.example.org", helo="mail.example.org")
    assert "dkim=pass" in showcase.results_fields(twice)[0], twice
    row = {"header_from": "example.org", "disposition": "pass"}
    site.rows += [dataclasses.replace(BOUNCE, name="again", row=row)] * 2


@case("quarantine.action = tag")
def tag(site):
    site.daemon.change(HOLD, TAG)
    shown = site.perform(dataclasses.replace(SUSPECT, name="tagged", where="inbox"))
    assert b"\nX-Assay-Quarantine: " in shown.message, shown.message


@case("quarantine.action = redirect")
def redirect(site):
    site.daemon.change(TAG, REDIRECT)
    shown = site.perform(dataclasses.replace(SUSPECT, name="redirected", where="inbox"))
    assert b"Delivered-To: jail@example.net" in shown.message and RECIPIENT.encode() not in \
        shown.message.split(b"From: Shop")[0].split(b"X-Original-To:")[0], shown.message
    assert b"\nX-Envelope-To: <" + RECIPIENT.encode() + b">" in shown.message, shown.message
    site.daemon.change(REDIRECT, HOLD)


def held(site, *words, status=0):
    done = subprocess.run([site.daemon.tool, "held", *words, "--postfix", site.postfix.config, "-c", site.daemon.configuration],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, text=True)
    assert done.returncode == status, f"held {words} ended with {done.returncode}: {done.stdout}"
    return done.stdout


@case("assay held: a message on hold is listed with its reason, shown, released and deleted")
def held_messages(site):
    subprocess.run(["postsuper", "-c", site.postfix.config, "-d", "ALL", "hold"], check=True, stderr=subprocess.DEVNULL)
    assert "Nothing is held." in held(site, "list")
    for name in ("held-one", "held-two"):
        assert site.perform(dataclasses.replace(SUSPECT, name=name)).where == "hold"
    found = json.loads(held(site, "list", "--json"))["messages"]
    assert len(found) == 2 and not [one for one in found if "dmarc=fail" not in one["reason"]
                                    or one["recipients"] != [RECIPIENT] or "Shop" not in one["from"]], found
    listed = held(site, "list")
    assert all(one["queue_id"] in listed for one in found) and max(map(len, listed.splitlines())) <= 80, listed
    one, other = (one["queue_id"] for one in found)
    shown = held(site, "show", one)
    assert "dmarc=fail" in shown and f"Recipient: <{RECIPIENT}>" in shown and "Subject: " in shown, shown
    assert f"{other} is deleted" in held(site, "delete", other)
    assert f"{one} is released" in held(site, "release", one)
    assert site.postfix.find("Shown: ", one)[0] == "inbox"
    assert "Nothing is held." in held(site, "list")
    for words in (("show", one), ("release", other), ("delete", "--", "-r"), ("release", "ALL")):
        held(site, *words, status=66)


@case("assay held: what others hold is not ours, whatever its fields say")
def held_by_others(site):
    def restrict(value):
        subprocess.run(["postconf", "-c", site.postfix.config, f"smtpd_recipient_restrictions={value}"], check=True)
        subprocess.run(["postfix", "-c", site.postfix.config, "reload"], check=True, stderr=subprocess.DEVNULL)

    above = b"Authentication-Results: other.example; dmarc=fail\r\nAuthentication-Results: " + HOST.encode() + b"; dmarc=fail\r\n"
    restrict("check_recipient_access static:HOLD, permit")
    try:
        sent = postfix.swaks(site.lab, site.postfix.port, above + message_of("others", site.keys), SENDER, "mail.example.org",
                             "mail.example.org", "anna@example.org", RECIPIENT)
    finally:
        restrict("")
    assert sent.queue_id and "Nothing is held." in held(site, "list"), held(site, "list")
    assert sent.queue_id in held(site, "list", "--all")
    held(site, "delete", sent.queue_id)
    site.rows.append(dataclasses.replace(BOUNCE, name="others", row={"source": SENDER, "disposition": "pass", "spf_aligned": "pass"}))


@case("assayd is stopped: mail is asked to come again; started: it flows")
def restart(site):
    assert site.daemon.stop() == 0, "the status"
    sent = postfix.swaks(site.lab, site.postfix.port, message_of("stopped", site.keys), SENDER, "mail.example.org",
                         "mail.example.org", "anna@example.org", RECIPIENT)
    assert sent.code == "451", sent.reply
    site.daemon.start()
    site.perform(dataclasses.replace(showcase.PERFORMANCES[0], name="restarted"))


@case("the report has a row for each judged message, and none for the others")
def rows(site):
    assert site.daemon.stop() == 0, "the status"
    found = store.rows(site.daemon.store)
    missing = [one.name for one in site.rows if not any(store.matches(row, one.row) for row in found)]
    assert not missing, f"no row for {', '.join(missing)} in {found}"
    total = sum(row["count"] for row in found)
    assert total == len(site.rows), f"{total} messages in the report, {len(site.rows)} were judged"
    assert LIST in {row["source"] for row in found}, found


@case("assayd ended soundly, and Postfix had nothing to complain of")
def logs(site):
    site.daemon.check_log(warnings=True)
    assert not site.postfix.complaints(but="connect to Milter"), site.postfix.complaints(but="connect to Milter")


if __name__ == "__main__":
    sys.exit(suite.skip("mta", "needs root", CASES) if os.geteuid() != 0 else suite.main("mta", __doc__, CASES, Site))
