#!/usr/bin/python3
"""run.py - the settings of contrib/guides/examples.md do what it says, and its Sieve script puts tagged mail aside.

    tests/examples/run.py [--build FOLDER] [WORDS...]      only cases whose name has a word

`assay check` judges a message with each example as it stands in the document. One line a case, see tests/support/tap.py.
"""
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import debs  # noqa: E402
import lab as lab_module  # noqa: E402
import outbox  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

GUIDE = (HERE.parents[1] / "contrib/guides/examples.md").read_text(encoding="utf-8")
STRANGER, FORWARDER, LISTS, MAIL = "203.0.113.66", "198.51.100.25", "192.0.2.5", "192.0.2.77"
ZONE = f"""\
example.net TXT v=spf1 ip4:{MAIL} -all
_dmarc.example.net TXT v=DMARC1; p=none
strict.example TXT v=spf1 ip4:{MAIL} -all
_dmarc.strict.example TXT v=DMARC1; p=reject
bank.example TXT v=spf1 ip4:{MAIL} -all
_dmarc.bank.example TXT v=DMARC1; p=reject
mild.example TXT v=spf1 ip4:{MAIL} -all
_dmarc.mild.example TXT v=DMARC1; p=quarantine
supplier.example A 192.0.2.1
other.example A 192.0.2.1
mail.example.net A {MAIL}
{".".join(reversed(MAIL.split(".")))}.in-addr.arpa PTR mail.example.net.
"""


@dataclasses.dataclass
class Case:
    """A message with the example number `which` below a heading: what becomes of it, and by which rule."""
    heading: str
    name: str
    action: str
    author: str
    client: str = STRANGER
    recipient: str | tuple = "reader@example.net"
    rule: str = ""
    more: str = ""
    which: int = 0
    added: tuple = ()


OWN, LIST = "Your own domains, though the DNS still says p=none", "Mailing lists that your users read"
OFTEN, ABUSE = "A domain that is forged often and has no policy", "Abuse reports have to arrive"
REPORTS = "Aggregate reports: who gets them, and a copy"
LIST_ID = "List-Id: Developers <dev.lists.example.org>\r\n"
CASES = (
    Case("Quarantine: three ways", "tagged", "quarantine", "mild.example",
         added=(("X-Assay-Quarantine", "dmarc=fail p=quarantine"),)),
    Case("Quarantine: three ways", "sent to one mailbox", "quarantine", "mild.example", which=1),
    Case(OWN, "in our name from outside", "reject", "example.net", rule="rule 1"),
    Case(OWN, "in the name of a subdomain", "reject", "news.example.net", rule="rule 1"),
    Case(OWN, "of our own server", "accept", "example.net", client=MAIL),
    Case(OWN, "of others, by their own policy", "accept", "other.example"),
    Case(LIST, "through the list", "accept", "strict.example", client=LISTS, more=LIST_ID, rule="rule 1"),
    Case(LIST, "through one of the lists below", "accept", "strict.example", client=LISTS,
         more="List-Id: <x.lists.example.com>\r\n", rule="rule 1"),
    Case(LIST, "with its List-Id, from elsewhere", "reject", "strict.example", more=LIST_ID),
    Case(LIST, "from its server without List-Id", "reject", "strict.example", client=LISTS),
    Case("Forwarders", "from the forwarder", "accept", "strict.example", client=FORWARDER, rule="networks.forwarders"),
    Case("Forwarders", "from elsewhere", "reject", "strict.example"),
    Case("Forwarders", "for alumni", "accept", "strict.example", client=FORWARDER, recipient="anna@alumni.example.net",
         which=1, rule="rule 2"),
    Case("Forwarders", "for others", "reject", "strict.example", client=FORWARDER, which=1),
    Case("Forwarders", "a bank has no exception", "reject", "bank.example", client=FORWARDER,
         recipient="anna@alumni.example.net", which=1),
    Case(OFTEN, "forged", "quarantine", "supplier.example", rule="rule 1"),
    Case(OFTEN, "another", "accept", "other.example"),
    Case(ABUSE, "a report", "accept", "strict.example", recipient="abuse@example.net", rule="rule 1"),
    Case(ABUSE, "anything else", "reject", "strict.example"),
    Case(ABUSE, "a forgery to somebody else as well", "reject", "strict.example",
         recipient=("abuse@example.net", "reader@example.net")),
    Case(ABUSE, "a report to both", "accept", "strict.example",
         recipient=("abuse@example.net", "postmaster@example.net"), rule="rule 1"),
    Case("More in the header of each message", "iprev and Received-SPF", "accept", "example.net", client=MAIL,
         added=(("Received-SPF", "pass"), ("Authentication-Results", "iprev=pass (mail.example.net)"))),
)


def examples(heading, kind="conf"):
    """The blocks of that kind below a heading of the document."""
    text = re.split(rf"(?m)^##+ {re.escape(heading)}\n", GUIDE)[1]
    return re.findall(rf"(?ms)^```{kind}\n(.*?)^```", re.split(r"(?m)^##+ ", text)[0])


def check(site, case):
    lab, tool, port = site
    settings = lab.write("example.conf", "authserv_id = \"mx.example.net\";\n"
                         f"resolver: {{ servers = [ \"127.0.0.1@{port}\" ]; dnssec = false; }};\n" +
                         examples(case.heading)[case.which])
    recipients = [case.recipient] if isinstance(case.recipient, str) else case.recipient
    message = f"From: Anna <anna@{case.author}>\r\nTo: {', '.join(recipients)}\r\nSubject: test\r\n{case.more}" \
              "Date: Sun, 01 Nov 2026 12:00:00 +0000\r\nMessage-ID: <test@example.org>\r\n\r\nHello.\r\n"
    done = subprocess.run([tool, "check", "-c", settings, "--ip", case.client, "--helo", "mail.example", "--from",
                           f"anna@{case.author}", *(word for one in recipients for word in ("--to", one)), "--json", "-"],
                          input=message, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    found = json.loads(done.stdout)
    verdict = found["verdict"]
    assert verdict["action"] == case.action, verdict
    assert (verdict["rule"] or "").startswith(case.rule) and bool(verdict["rule"]) == bool(case.rule), verdict
    for name, text in case.added:
        assert any(field[0] == name and text in field[1] for field in found["headers_added"]), found["headers_added"]


def sieve(site):
    """Debian's Pigeonhole from its packages, not installed; it wants to be somebody else than root."""
    lab = site[0]
    root = lab.path("dovecot")
    debs.unpack(("dovecot-core", "dovecot-sieve"), root)
    folder = lab.path("sieve")
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "tag.sieve").write_text(examples("Quarantine: three ways", "sieve")[0])
    libraries = root / "usr/lib/dovecot"
    environment = lab_module.system_environment(
        LD_LIBRARY_PATH=f"{libraries}:{libraries}/modules", DOVECONF_ENV="1", PROTOCOLS="", USER="nobody", HOME=str(folder),
        POSTMASTER_ADDRESS="postmaster@example.net", MAIL_LOCATION=f"maildir:{folder}/Maildir")
    user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []
    for field, place in (("X-Assay-Quarantine: dmarc=fail p=quarantine", "Junk"), ("x-assay-quarantine: x", "Junk"),
                         ("Subject: X-Assay-Quarantine: x", "INBOX")):
        (folder / "message.eml").write_text(f"{field}\nFrom: anna@example.org\n\nHello.\n")
        done = subprocess.run([*user, root / "usr/bin/sieve-test", folder / "tag.sieve", folder / "message.eml"],
                              env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, check=False)
        assert re.findall(r"store message in folder: (\w+)", done.stdout) == [place], f"{field}: {done.stdout}"


def reports(site):
    """Who gets them, and whether a copy goes along."""
    lab, tool, port = site
    for which, wanted in enumerate((("a.example", "sub.example.org"), ("sub.example.org",))):
        group = re.fullmatch(r"(?s)reports: \{(.*)\};\n", examples(REPORTS)[which]).group(1)
        box = outbox.Outbox(lab, tool.parent, port, f"reports{which}",
                            group + "automatic = false; jitter_minutes = 0;")
        domains = ("a.example", "spam.example", "more.spam.example", "sub.example.org")
        box.record(*({"policy_domain": one, "rua": f"mailto:r@{one}"} for one in domains))
        box.send()
        mails = [arguments[arguments.index("--") + 1:] for arguments, _ in box.mails()]
        copies = ["postmaster@example.net"] if which == 0 else []
        wanted_mails = [[f"r@{one}"] for one in wanted] + [copies for _ in wanted if copies]
        assert sorted(mails) == sorted(wanted_mails), mails
        assert box.run("list", "--json")[1].count("reports.except" if which == 0 else "reports.only") > 0


def every_example(_):
    tested = {(case.heading, case.which) for case in CASES} | {(REPORTS, 0), (REPORTS, 1)}
    documented = {(heading, which) for heading in re.findall(r"(?m)^##+ (.*)$", GUIDE) for which in
                  range(len(examples(heading)))}
    assert tested == documented, documented ^ tested


def make(lab, build):
    return lab, build / "assay", zone_server.ZoneServer(lab, ZONE).port


ALL = [(f"{case.heading}: {case.name}", lambda site, one=case: check(site, one)) for case in CASES] + [
    ("the Sieve script puts tagged mail aside", sieve), (f"{REPORTS}: by both examples", reports),
    ("every example of the document was tried", every_example)]

if __name__ == "__main__":
    sys.exit(suite.main("examples", __doc__, ALL, make))
