#!/usr/bin/python3
"""reports.py - the whole way of an aggregate report: mail judged behind a real Postfix, rows, the report, and its
arrival in a mailbox by the same Postfix, where others read it and judge it.

    tests/mta/reports.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

Needs root and namespaces (tests/support/island.py). One line a case, see tests/support/tap.py.
"""
import json
import shutil
import subprocess
import sys
import time

import island_world
from island_world import SERVER, case, equal, showcase
# pylint: disable=wrong-import-order
import assayd
import island
import lab as lab_module
import postfix
import report_mail
import signing
import store
import verify
import zone_server
from showcase import PERFORMANCES

DAY = 86400
DOMAINS = "example.net example.org shop.example club.example"
REPORTS = """\
reports: {{ store = "{store}"; organization = "Example Net"; email = "dmarc-reports@example.net"; automatic = false; }};
sign: ( {{ domain = "example.net"; keys = "{keys}"; }} );
dmarc: {{ reply_url = "https://example.net/why?at=100%25&s=%s%n"; }};
networks: {{ ours = [ ]; forwarders = [ ]; }};
"""


def fields(message):
    return message.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Site:
    """A name server, assayd, and a Postfix that is the only one that its network knows: /etc/postfix is its own, so
    that /usr/sbin/sendmail works for everybody as on any host."""

    def __init__(self, lab, build):
        self.lab = lab
        self.keys = signing.Keys()
        records = island_world.make_keys(lab.path("keys"))
        island.furnish(lab, showcase.HOST, SERVER)
        zone_server.ZoneServer(lab, island_world.zone_text(self.keys, records) +
                               f"mx.example.net TXT v=spf1 ip4:{SERVER} -all\n", port=island.DNS_PORT)
        self.daemon = assayd.Assayd(lab, assayd.programs(build, lab), dns_port=island.DNS_PORT, more=REPORTS.format(
            store=lab.path("assayd", "reports.db"), keys=lab.path("keys")))
        self.postfix = postfix.Postfix(lab, milters=f"unix:{self.daemon.socket}", domain=DOMAINS, host=showcase.HOST)
        self._be_the_only_one()

    def _be_the_only_one(self):
        """postdrop, which runs as a group of its own, trusts no other place for its configuration."""
        place = self.lab.path("etc-postfix")
        shutil.copytree("/etc/postfix", place, symlinks=True)
        settings = (self.postfix.config / "main.cf").read_text().splitlines(keepends=True)
        (place / "main.cf").write_text("".join(line for line in settings if not line.startswith("import_environment")))
        shutil.copy(self.postfix.config / "master.cf", place)
        subprocess.run(["mount", "--bind", place, "/etc/postfix"], check=True)

    def perform(self, one):
        shown = showcase.show(self.lab, self.postfix, self.daemon, self.keys, one)
        assert not shown.differences(), shown.differences()

    def rows(self):
        """The sum of all counts: a daemon that has ended has written every row."""
        equal(self.daemon.stop(), 0, "the status")
        total = store.total(self.daemon.store)
        self.daemon.start()
        return total

    def report(self, *words):
        done = subprocess.run([self.daemon.tool, "report", *words, "-c", self.daemon.configuration],
                              env=lab_module.system_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        return done.returncode, done.stdout.decode()

    def arrived(self, domain):
        raw = lab_module.wait_until(lambda: self.postfix.delivered(f"Report Domain: {domain}\n"),
                                    what=f"the report on {domain}")
        return raw, report_mail.read(raw[raw.index(b"\nDKIM-Signature:") + 1:])


@case("mail is judged and its rows are kept")
def judged(site):
    for one in PERFORMANCES:
        site.perform(one)
    equal(site.rows(), len(PERFORMANCES), "rows")


@case("the reports reach the mailboxes of those who asked for them")
def reach(site):
    tomorrow = time.strftime("%Y-%m-%dT00:10", time.gmtime(time.time() + DAY))
    status, output = site.report("send", "--at", tomorrow)
    assert status == 0 and "3 mails sent" in output and "not signed" not in output, (status, output)
    counted = {one["policy_domain"]: one["messages"] for one in json.loads(site.report("list", "--json")[1])["periods"]}
    for domain in ("example.org", "shop.example", "club.example"):
        raw, report = site.arrived(domain)
        assert not report_mail.complaints(report), report_mail.complaints(report)
        equal(report.total(), counted[domain], f"messages of {domain}")
        equal(report.total(), sum(one.row["header_from"] == domain for one in PERFORMANCES), f"messages of {domain}")
        equal(report_mail.by_mail_dmarc(report), (domain, report.report_id, report.total()), "Mail::DMARC")
        equal(report_mail.by_dmarc_cat(report), (domain, report.total()), "dmarc-cat")
        assert raw.startswith(b"Return-Path: <>"), raw[:200]
        assert f"X-Original-To: dmarc@{domain}".encode() in raw, raw[:300]


@case("they pass DMARC, aligned, by our own judgement and by that of others")
def pass_dmarc(site):
    raw, _ = site.arrived("example.org")
    message = fields(raw[raw.index(b"\nDKIM-Signature:") + 1:])
    complaints = verify.complaints(message, "example.net")
    assert not complaints, "\n".join(complaints)
    done = subprocess.run([site.daemon.tool, "check", "-c", site.daemon.configuration, "--json", "--ip", SERVER, "--helo",
                           "mx.example.net", "--from", ""], input=message, stdout=subprocess.PIPE, check=False,
                          env=lab_module.system_environment())
    dmarc = json.loads(done.stdout)["dmarc"]
    equal((done.returncode, dmarc["result"], dmarc["dkim_aligned"], dmarc["spf_aligned"]), (0, "pass", True, True), "DMARC")


@case("mail about reports leaves no row")
def no_loop(site):
    before = site.rows()
    raw, _ = site.arrived("example.org")
    report = fields(raw[raw.index(b"\nDKIM-Signature:") + 1:])
    theirs = site.keys.sign(b"From: reports@example.org\r\nTo: dmarc@example.net\r\nMessage-ID: <theirs@example.org>\r\n"
                            b"Subject: Report Domain: example.net Submitter: example.org Report-ID: <abc>\r\n"
                            b"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\n\r\nx\r\n", "rsa2048-example.org", "example.org", "s1")
    for message, client, sender, recipient in (
            (report, showcase.LIST, "", "dmarc@example.org"),                       # our own comes back
            (theirs, showcase.SENDER, "reports@example.org", "dmarc@example.net"),   # somebody else's to us
            (b"From: a@club.example\r\nSubject: x\r\n\r\nx\r\n", showcase.SENDER, "a@club.example", "dmarc-reports@example.net")):
        sent = postfix.swaks(site.lab, site.postfix.port, message, client=client, name="x.example.com",
                             helo="x.example.com", sender=sender, recipient=recipient)
        equal(sent.code, "250", "the answer")
    equal(site.rows(), before, "rows")
    forged = theirs.replace(b"DKIM-Signature", b"X-Signature")
    assert postfix.swaks(site.lab, site.postfix.port, forged, client=showcase.STRANGER, name="x.example.com", helo="x.example.com",
                         sender="reports@example.org", recipient="dmarc@example.net").code == "550"
    equal(site.rows(), before + 1, "rows after a forged report")


@case("a mail server that is down takes them later, with the same ids")
def down(site):
    site.perform(PERFORMANCES[0])
    site.rows()
    later = [time.strftime("%Y-%m-%dT%H:%M", time.gmtime(time.time() + seconds)) for seconds in (2 * DAY, 2 * DAY + 1200)]
    settings = site.daemon.configuration.read_text()
    site.daemon.write_settings(settings.replace("reports: {", 'reports: { sendmail = "/usr/sbin/sendmail -C /nowhere";', 1))
    status, output = site.report("send", "--at", later[0])
    assert status == 75 and "has to wait" in output, (status, output)
    noted = [one["report_id"] for period in json.loads(site.report("list", "--json")[1])["periods"]
             for one in period["reports"] if one["state"] == "taken"]
    site.daemon.write_settings(settings)
    status, output = site.report("send", "--at", later[1])
    mails = "1 mail sent" if len(noted) == 1 else f"{len(noted)} mails sent"
    assert status == 0 and len(noted) > 0 and mails in output, (status, output)
    for report_id in noted:
        lab_module.wait_until(lambda wanted=report_id: site.postfix.delivered(f"Report-ID: <{wanted}>"), what="the report")


def main():
    return island_world.main("mta-reports", __doc__, Site,
                             lambda: "" if shutil.which("postfix") and shutil.which("dmarc-cat") else "Postfix or dmarc-cat is missing")


if __name__ == "__main__":
    sys.exit(main())
