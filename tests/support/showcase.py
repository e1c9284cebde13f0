"""showcase.py - the handful of messages that show what Assay does, for the demo and for the Postfix test.

Each Performance says how the message is made, who sends it, and what is expected of each party: the table that the
demo prints and the assertions of the test come from the same lines.
"""
import dataclasses
import email.utils
import re

import postfix

HOST = "mx.example.net"
DOMAIN = "example.net"
RECIPIENT = "reader@example.net"

# Every sender has a mail server of its own at 192.0.2.N, and one key.
SENDER = "192.0.2.10"
STRANGER = "198.51.100.66"
LIST = "203.0.113.25"


@dataclasses.dataclass
class Performance:
    name: str
    about: str                      # for people
    client: str
    client_name: str
    sender: str                     # MAIL FROM
    author: str                     # From
    action: str                     # the verdict
    code: str                       # of Postfix's answer
    where: str                      # inbox, hold or "" where it was refused
    results: tuple                  # words that Authentication-Results must hold
    row: dict                       # columns of the report row
    signed_by: str = ""             # d=
    extra: tuple = ()               # header fields added after signing, on top
    subject_tag: str = ""           # what a mailing list puts into the subject after signing
    footer: str = ""                # ... and below the body
    removed: int = 0                # fields named Authentication-Results that must have gone

    def message(self, keys):
        """What is sent, as bytes."""
        text = (f"From: {self.author}\r\nTo: {RECIPIENT}\r\nSubject: {self.about}\r\n"
                f"Date: {email.utils.formatdate()}\r\nMessage-ID: <{self.name}@showcase.example>\r\n"
                f"\r\nShown: {self.name}\r\n")
        raw = text.encode()
        if self.signed_by:
            raw = keys.sign(raw, "rsa2048-" + self.signed_by, self.signed_by, "s1")
        if self.subject_tag:
            raw = raw.replace(b"\r\nSubject: ", b"\r\nSubject: " + self.subject_tag.encode() + b" ")
        return "".join(field + "\r\n" for field in self.extra).encode() + raw + self.footer.encode()


FORGED = f"Authentication-Results: {HOST}; dkim=pass header.d=bank.example; dmarc=pass header.from=bank.example"

PERFORMANCES = (
    Performance(
        name="genuine", about="a genuine message, signed", client=SENDER, client_name="mail.example.org",
        sender="anna@example.org", author="Anna <anna@example.org>", signed_by="example.org",
        action="accept", code="250", where="inbox",
        results=("spf=pass", "dkim=pass", "dmarc=pass"),
        row={"header_from": "example.org", "disposition": "pass", "dkim_aligned": "pass", "spf_aligned": "pass"}),
    Performance(
        name="spoofed", about="a spoofed sender, p=reject", client=STRANGER, client_name="pool66.example.com",
        sender="anna@example.org", author="Anna <anna@example.org>",
        action="reject", code="550", where="",
        results=(),
        row={"header_from": "example.org", "disposition": "reject", "dkim_aligned": "fail", "spf_aligned": "fail"}),
    Performance(
        name="suspect", about="a spoofed sender, p=quarantine", client=STRANGER, client_name="pool66.example.com",
        sender="sales@shop.example", author="Shop <sales@shop.example>",
        action="quarantine", code="250", where="hold",
        results=("spf=fail", "dkim=none", "dmarc=fail"),
        row={"header_from": "shop.example", "disposition": "quarantine"}),
    Performance(
        name="watched", about="a spoofed sender, p=none", client=STRANGER, client_name="pool66.example.com",
        sender="info@club.example", author="Club <info@club.example>",
        action="accept", code="250", where="inbox",
        results=("spf=fail", "dkim=none", "dmarc=fail"),
        row={"header_from": "club.example", "disposition": "none"}),
    Performance(
        name="listed", about="through a mailing list, p=reject", client=LIST, client_name="lists.example.com",
        sender="talk-bounces@lists.example.com", author="Anna <anna@example.org>", signed_by="example.org",
        extra=("List-Id: Talk <talk.lists.example.com>",), subject_tag="[talk]",
        footer="-- \r\nTo leave this list, write to talk-leave@lists.example.com\r\n",
        action="quarantine", code="250", where="hold",
        results=("spf=pass", "dkim=fail", "dmarc=fail"),
        row={"header_from": "example.org", "disposition": "quarantine", "override_type": "mailing_list"}),
    Performance(
        name="forged", about="with forged results in our name", client=SENDER, client_name="mail.example.org",
        sender="anna@example.org", author="Anna <anna@example.org>", signed_by="example.org",
        extra=(FORGED,), removed=1,
        action="accept", code="250", where="inbox",
        results=("spf=pass", "dkim=pass", "dmarc=pass"),
        row={"header_from": "example.org", "disposition": "pass"}),
)


def zone(keys):
    """(name, type, value) of the world that the messages come from."""
    records = [
        ("example.org", "TXT", f"v=spf1 ip4:{SENDER} -all"),
        ("_dmarc.example.org", "TXT", "v=DMARC1; p=reject; rua=mailto:dmarc@example.org"),
        ("shop.example", "TXT", "v=spf1 -all"),
        ("_dmarc.shop.example", "TXT", "v=DMARC1; p=quarantine; rua=mailto:dmarc@shop.example"),
        ("club.example", "TXT", "v=spf1 -all"),
        ("_dmarc.club.example", "TXT", "v=DMARC1; p=none; rua=mailto:dmarc@club.example"),
        ("lists.example.com", "TXT", f"v=spf1 ip4:{LIST} -all"),
        ("mail.example.org", "A", SENDER),
        ("lists.example.com", "A", LIST),
        ("pool66.example.com", "A", STRANGER),
        ("example.net", "MX", "10 mx.example.net."),
    ]
    for domain in sorted({one.signed_by for one in PERFORMANCES if one.signed_by}):
        records.append((f"s1._domainkey.{domain}", "TXT", keys.record("rsa2048-" + domain)))
    return records


@dataclasses.dataclass
class Shown:
    """What became of one performance."""
    performance: Performance
    reply: str
    queue_id: str
    where: str
    message: bytes
    log_line: str

    def results(self):
        """The topmost Authentication-Results on one line, or ""."""
        fields = results_fields(self.message)
        return fields[0] if fields else ""

    def summary(self):
        """The last result of each method in that field."""
        found = dict(re.findall(r"; (spf|dkim|dmarc)=(\w+)", self.results()))
        return " ".join(f"{method}={result}" for method, result in found.items())

    def action(self):
        found = re.search(r"\baction=(\w+)", self.log_line)
        return found.group(1) if found else ""

    def differences(self):
        """Sentences, one for each way in which it is not as expected."""
        one = self.performance
        found = []
        if self.action() != one.action:
            found.append(f"the verdict is {self.action() or 'not in the log'} instead of {one.action}")
        if not self.reply.startswith(one.code):
            found.append(f"Postfix answered {self.reply!r} instead of {one.code}")
        if self.where != one.where:
            found.append(f"the message is in {self.where or 'no place'} instead of {one.where or 'no place'}")
        for word in one.results:
            if word not in self.results():
                found.append(f"Authentication-Results lacks {word}: {self.results()!r}")
        ours = [field for field in results_fields(self.message) if field.lower().startswith(HOST)]
        if one.where and len(ours) != 1:
            found.append(f"{len(ours)} fields Authentication-Results in our name instead of one")
        if one.code == "550" and "DMARC" not in self.reply:
            found.append(f"the refusal does not say DMARC: {self.reply!r}")
        return found


def results_fields(message):
    """The values of all Authentication-Results fields, unfolded, from the top."""
    head = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0].decode(errors="replace")
    unfolded = re.sub(r"\r?\n[ \t]+", " ", head)
    return [line.split(":", 1)[1].strip() for line in re.split(r"\r?\n", unfolded)
            if line.lower().startswith("authentication-results:")]


def show(lab, mail_server, daemon, keys, one):
    """Sends one message and looks where it went."""
    seen = len(daemon.log_text())
    sent = postfix.swaks(lab, mail_server.port, one.message(keys), one.client, one.client_name, one.client_name,
                         one.sender, RECIPIENT)
    where, message = "", b""
    if sent.queue_id:
        where, message = mail_server.find(f"Shown: {one.name}", sent.queue_id)
    lines = [line for line in daemon.log_text()[seen:].splitlines() if re.search(r"\baction=\w+", line)]
    return Shown(one, sent.reply, sent.queue_id, where, message, lines[-1] if lines else "")
