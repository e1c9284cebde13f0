#!/usr/bin/python3
"""lists.py - a mailing list behind a real Postfix seals what it sends on, and another site believes it.

    tests/mta/lists.py [--build FOLDER] [WORDS...]      only cases whose name has a word

Two sites, each a Postfix with an assayd: that of the list, whose list program takes mail out of a mailbox, changes it and
sends it with the sendmail command, and that of a reader, which trusts the list's seals. Needs root, as Postfix does.
"""
import json
import os
import pathlib
import pwd
import re
import shutil
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import arc_peer  # noqa: E402
import assayd  # noqa: E402
import lab as lab_module  # noqa: E402
import nsd  # noqa: E402
import postfix  # noqa: E402
import sealing  # noqa: E402
import signing  # noqa: E402
import store  # noqa: E402
import suite  # noqa: E402

AUTHOR, STRANGER = "192.0.2.10", "198.51.100.66"
LIST, READER = "talk@lists.example", "reader@reader.example"
TRUSTED, NOBODY = 'trusted = [ "lists.example" ]', "trusted = [ ]"
LIST_MAIN = """\
non_smtpd_milters = $smtpd_milters
transport_maps = inline:{{ reader.example=smtp:[127.0.0.1]:{port} }}
relay_transport = smtp
default_transport = smtp
"""
LIST_SERVICES = "smtp unix - - n - - smtp\n"
SETS = [b"ARC-Seal", b"ARC-Message-Signature", b"ARC-Authentication-Results"]


def zone(keys):
    def key(name, domain):
        return (f"{name}._domainkey.{domain}", "TXT", keys.record(name))
    return [("author.example", "TXT", f"v=spf1 ip4:{AUTHOR} -all"), ("_dmarc.author.example", "TXT", "v=DMARC1; p=reject"),
            key("rsa2048-author", "author.example"), key("rsa2048-list", "lists.example"),
            key("rsa1024-upstream", "upstream.example")]


def key_of_daemon(lab, keys):
    """The list's key, where the user of the daemon may read it again at a reload."""
    account = pwd.getpwnam("nobody")
    path = lab.path("rsa2048-list.pem")
    shutil.copy(keys.file("rsa2048-list"), path)
    os.chown(path, account.pw_uid, account.pw_gid)
    return path


class Site:
    """The list's server and the reader's."""

    def __init__(self, lab, build):
        self.lab = lab
        self.keys = signing.Keys()
        self.records = {name: text for name, _, text in zone(self.keys)}
        names = nsd.Nsd(lab, zone(self.keys))
        programs = assayd.programs(build, lab)
        self.reader = assayd.Assayd(lab, programs, dns_port=names.port, name="reader", more=f"""\
authserv_id = "mx.reader.example";
networks: {{ ours = [ ]; }};
arc: {{ {TRUSTED}; }};
""")
        self.inbox = postfix.Postfix(lab, milters=f"unix:{self.reader.socket}", domain="reader.example", name="postfix-reader",
                                     host="mx.reader.example")
        self.list = assayd.Assayd(lab, programs, dns_port=names.port, name="list", more=f"""\
authserv_id = "mx.lists.example";
networks: {{ ours = [ "127.0.0.0/8" ]; }};
arc: {{ seal = "forwarded"; domain = "lists.example"; keys = "{key_of_daemon(lab, self.keys)}"; lists = true;
       forward = [ "{LIST}" ]; }};
""")
        self.server = postfix.Postfix(lab, milters=f"unix:{self.list.socket}", domain="lists.example", name="postfix-list",
                                      host="mx.lists.example", more=LIST_MAIN.format(port=self.inbox.port),
                                      services=LIST_SERVICES)

    def post(self, token, body="Hello.\r\n", signed=True, client=AUTHOR, upstream=()):
        """The author's message as the list's mailbox has it."""
        message = (f"From: Anna <anna@author.example>\r\nTo: {LIST}\r\nSubject: {token}\r\nX-Shown: {token}\r\n"
                   f"Date: Sun, 01 Nov 2026 12:00:00 +0000\r\nMessage-ID: <{token}@author.example>\r\n\r\n{body}").encode()
        if signed:
            message = self.keys.sign(message, "rsa2048-author", "author.example", "rsa2048-author",
                                     headers=["from", "to", "subject", "date", "message-id"])
        if upstream:
            message = sealing.seal(self.keys, message, upstream, 1795341600)
        sent = postfix.swaks(self.lab, self.server.port, message, client, "mail.author.example", "mail.author.example",
                             "anna@author.example", LIST)
        assert sent.code == "250", sent.reply
        return lab_module.wait_until(lambda: self.server.delivered(f"X-Shown: {token}"), what="the list's mailbox")

    def send_on(self, message, footer=b"-- \nThe list\n"):
        """What a list program does: a tag, a footer, fields of its own."""
        head, body = without_trace(message).split(b"\n\n", 1)
        head = re.sub(rb"(?m)^Subject: ", b"Subject: [talk] ", head)
        changed = b"Sender: talk-bounces@lists.example\nList-Id: <talk.lists.example>\n" + head + b"\n\n" + body + footer
        self.server.submit(changed, "talk-bounces@lists.example", READER)

    def arrived(self, token):
        return lab_module.wait_until(lambda: self.inbox.delivered(f"X-Shown: {token}"), what="the reader's mailbox")

    def offer(self, message, client=STRANGER):
        """The reader's answer to a message as it is."""
        return postfix.swaks(self.lab, self.inbox.port, message.replace(b"\n", b"\r\n"), client, "host.example.com",
                             "host.example.com", "bounce@elsewhere.example", READER)


def without_trace(message):
    """The message without what the delivery put on top."""
    return re.sub(rb"(?ms)\A(?:(?:Return-Path|X-Original-To|Delivered-To|Received):(?:[^\n]*\n)(?:[ \t][^\n]*\n)*)+", b"", message)


def as_sent(message):
    """As it left the list's server: without what the reader's put on top."""
    message = without_trace(message)
    return re.sub(rb"(?ms)\AAuthentication-Results: mx\.reader\.example(?:[^\n]*\n)(?:[ \t][^\n]*\n)*", b"", message)


def names_of(message):
    return re.findall(rb"(?m)^([A-Za-z-]+):", message.split(b"\n\n", 1)[0])


CASES, case = suite.cases()


def passes_through(site, token, **words):
    posted = site.post(token, **words)
    site.send_on(posted)
    return posted, site.arrived(token)


@case("a list seals what came in, and again what it sends; the reader accepts what fails DMARC, and reports the chain")
def believed(site):
    posted, arrived = passes_through(site, "believed")
    posted = without_trace(posted)
    assert names_of(posted)[:4] == [*SETS, b"Authentication-Results"], names_of(posted)
    assert b"i=1; mx.lists.example" in posted and b"cv=none" in posted, posted
    sent = as_sent(arrived)
    assert [name for name in names_of(sent) if name.startswith(b"ARC-")] == SETS * 2, names_of(sent)
    assert names_of(without_trace(sent))[:3] == SETS, names_of(sent)
    assert not arc_peer.complaints(without_trace(sent).replace(b"\n", b"\r\n"), site.records, "pass")
    assert b"arc=pass" in arrived and b"dmarc=fail" in arrived, arrived
    line = site.reader.wait_for_log("reason=\"dmarc=fail arc=pass trusted=lists.example\"")
    assert line is None or "action=accept" in str(line), line
    lab_module.wait_until(lambda: store.total(site.reader.store) == 1, what="the row")
    row = store.rows(site.reader.store)[0]
    wanted = {"disposition": "none", "dkim_aligned": "fail", "spf_aligned": "fail", "override_type": "local_policy",
              "dmarc": "fail", "header_from": "author.example"}
    assert store.matches(row, wanted), row
    assert row["override_comment"] == ("arc=pass as[2].d=lists.example as[2].s=rsa2048-list as[1].d=lists.example "
                                       f"as[1].s=rsa2048-list remote-ip[1]={AUTHOR}"), row


@case("assay report sealers shows what the list of trusted sealers did, and would do")
def sealers(site):
    def counted():
        _, output = site.reader.run_tool("report", "sealers", "--json", "--store", site.reader.store)
        return {one["domain"]: (one["messages"], one["restored"], one["would_restore"]) for one in json.loads(output)["sealers"]}
    before = counted()
    assert before["lists.example"][1] >= 1, before
    _, arrived = passes_through(site, "counted")
    site.reader.change(TRUSTED, NOBODY)
    site.offer(as_sent(arrived))
    site.reader.change(NOBODY, TRUSTED)
    wanted = {"lists.example": tuple(number + more for number, more in zip(before["lists.example"], (2, 1, 1)))}
    lab_module.wait_until(lambda: counted() == before | wanted, what=f"{wanted} instead of {before}")
    status, output = site.reader.run_tool("report", "sealers", "--days", "3", "--store", site.reader.store)
    assert status == 0 and re.search(r"lists\.example$", output, re.MULTILINE), output


@case("what was changed after the list sealed it is not believed")
def changed(site):
    _, arrived = passes_through(site, "changed")
    sent = as_sent(arrived)
    for before, after in ((b"Hello.", b"Pay me."), (b"Subject: [talk] ", b"Subject: Urgent: "), (b"dmarc=pass", b"dmarc=none")):
        assert before in sent, before
        answer = site.offer(sent.replace(before, after, 1))
        assert answer.code == "550", (before, answer.reply)


@case("nobody is believed who is not listed: a chain is a sign of indirect mail, and no more")
def unlisted(site):
    _, arrived = passes_through(site, "unlisted")
    site.reader.change(TRUSTED, NOBODY)
    answer = site.offer(as_sent(arrived))
    site.reader.change(NOBODY, TRUSTED)
    assert answer.code == "250" and site.inbox.held(answer.queue_id) is not None, answer.reply


@case("a spoof that the list takes is no better for the list's seal")
def spoof(site):
    """The list's site rejects it; with monitor mode there it is sealed with what was found."""
    sent = postfix.swaks(site.lab, site.server.port, b"From: ceo@author.example\r\nSubject: x\r\n\r\nPay.\r\n", STRANGER,
                         "host.example.com", "host.example.com", "x@elsewhere.example", LIST)
    assert sent.code == "550", sent.reply
    site.list.change('authserv_id = "mx.lists.example";', 'authserv_id = "mx.lists.example"; dmarc: { enforce = "monitor"; };')
    posted = site.post("spoofed", signed=False, client=STRANGER)
    assert b"dmarc=fail" in posted and b"ARC-Seal: i=1;" in posted, posted
    answer = site.offer(without_trace(posted))
    site.list.change('; dmarc: { enforce = "monitor"; };', ';')
    assert answer.code == "550", answer.reply


@case("lines that Postfix breaks are sealed as they arrive")
def long_lines(site):
    body = "".join("x" * length + "\r\n" for length in (997, 998, 999, 1996, 3000))
    _, arrived = passes_through(site, "long", body=body, signed=True)
    assert b"arc=pass" in arrived, arrived[:3000]


@case("a chain of others goes on through the list")
def upstream(site):
    hop = {"d": "upstream.example", "s": "rsa1024-upstream", "key": "rsa1024-upstream", "results": "mx.upstream.example; none"}
    _, arrived = passes_through(site, "upstream", upstream=[hop])
    sent = without_trace(as_sent(arrived)).replace(b"\n", b"\r\n")
    assert [name for name in names_of(without_trace(as_sent(arrived))) if name == b"ARC-Seal"] == [b"ARC-Seal"] * 3
    assert not arc_peer.complaints(sent, site.records, "pass")


@case("a content filter that hands back what it got gets no set of its own")
def content_filter(site):
    posted = without_trace(site.post("filtered"))
    site.server.submit(posted, "anna@author.example", READER)
    arrived = site.arrived("filtered")
    assert names_of(arrived).count(b"ARC-Seal") == 1, names_of(arrived)
    assert b"arc=pass" in arrived, arrived


if __name__ == "__main__":
    sys.exit(suite.main("mta-lists", __doc__, CASES, Site))
