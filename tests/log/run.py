#!/usr/bin/python3
"""run.py - contrib/guides/log.md says what the code writes; its commands and fail2ban's filter read what assayd writes.

    tests/log/run.py [--build FOLDER] [WORDS...]      only cases whose name has a word

The lines come from a real daemon that meets clients who choose their words to deceive. One line a case, see
tests/support/tap.py.
"""
import collections
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE.parent / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import debs  # noqa: E402
import lab as lab_module  # noqa: E402
import milter_client  # noqa: E402
import signing  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

DOCUMENT = (ROOT / "contrib/guides/log.md").read_text()
FILTER = ROOT / "contrib/fail2ban/filter.d/assay.conf"
JAIL = ROOT / "contrib/fail2ban/jail.d/assay.conf"
VICTIM = "192.0.2.200"          # never sends; nothing may make it look as if it did
SPOOFER, OTHER_SPOOFER, SIX = "203.0.113.66", "203.0.113.67", "2001:db8::66"
GOOD = "192.0.2.10"
BANK = "Bank <info@bank.example>"
FAKE = f"action=reject reason=\"dmarc=fail p=reject\" client={VICTIM} "
ZONE = f"""\
bank.example TXT v=spf1 ip4:{GOOD} -all
_dmarc.bank.example TXT v=DMARC1; p=reject
shop.example TXT v=spf1 ip4:{GOOD} -all
_dmarc.shop.example TXT v=DMARC1; p=quarantine
"""
ACCOUNT_ZONE = """\
shop.example TXT v=spf1 include:_spf.mailer.example -all
_spf.mailer.example TXT v=spf1 ip4:192.0.2.0/24 -all
_dmarc.shop.example TXT v=DMARC1; p=reject
mail.other.example A 203.0.113.66
"""
SETTINGS = """\
networks: { ours = [ "192.0.2.77" ]; };
rules: ( { when = { from_domain = "ruled.example"; }; dmarc = "reject"; why = "our rule: a=b"; },
         { when = { from_domain = "word.example"; }; dmarc = "reject"; why = "word"; } );
received: { addresses = [ "dmarc@example.net" ]; };
"""
HOSTILE = (
    f"x client={VICTIM} ", f"x: {FAKE}", f"\n x assayd[1]: X: {FAKE}", f"\r\nassayd[1]: X: {FAKE}",
    f"\u2028 mx assayd[1]: X: {FAKE}", f"\x85 mx assayd[1]: X: {FAKE}", f"\" client={VICTIM} x=\"", f"\\\" client={VICTIM} ",
    f"> client={VICTIM} ", f"[{VICTIM}]", f"{VICTIM}", f"Nov 22 10:00:00 mx assayd[1]: X: {FAKE}", f"\x00{FAKE}",
    f"\u00a0client={VICTIM}\u00a0",
    f"\x1b[2K{FAKE}", f"\udc80\udcff client={VICTIM} ", "a" * 1490 + f" client={VICTIM} ", "a" * 190 + f" client={VICTIM} ",
    "\x01" * 250 + f" client={VICTIM} ",
)


class Site:
    """A daemon, its lines, and the same lines as syslog writes them."""

    def __init__(self, lab, build):
        self.lab = lab
        self.zone = zone_server.ZoneServer(lab, ZONE)
        self.programs = assayd.programs(build, lab)
        self.daemon = assayd.Assayd(lab, self.programs, dns_port=self.zone.port, more=SETTINGS,
                                    group="nogroup")
        self.sent = collections.Counter()
        self.rejected = collections.Counter()
        self.speak()
        assert self.daemon.stop() == 0, "the status"
        self.lines = [line.split(": ", 2)[2] for line in self.daemon.log_text().splitlines()
                      if line.startswith("assayd: info: ") and " action=" in line]
        self.syslog = lab.write("mail.log", "".join(
            f"Nov 22 10:{number // 60 % 60:02}:{number % 60:02} mx assayd[4711]: {line}\n"
            for number, line in enumerate(self.lines)))

    def deliver(self, client, author, helo="mail.example", sender="x@evil.example", login=None,
                recipient="reader@example.net", seal=None):
        with milter_client.Client(self.daemon.address) as one:
            one.negotiate()
            one.connect(client, "name.example")
            one.step(b"H", octets(helo) + b"\0", milter_client.NR_HELO)
            one.macros(b"M", {"{auth_authen}": login} if login else {})
            answer = one.step(b"M", b"<" + octets(sender) + b">\0", milter_client.NR_MAIL)
            one.rcpt(recipient)
            one.data()
            one.header(b"From", b" " + octets(author).replace(b"\r\n", b"\n"))
            one.header(b"To", b" reader@example.net")
            if seal:
                one.header(b"ARC-Seal", octets(f" i=1; a=rsa-sha256; cv=none; d={seal}; s=s; b=AAAA").replace(b"\r\n", b"\n"))
            one.end_of_headers()
            one.body(b"Hello.\r\n")
            answer = one.end_of_message(f"4Q{sum(self.sent.values()):04}")
        self.sent[client] += 1
        self.rejected[client] += answer.word == "reject"
        return answer

    def speak(self):
        self.deliver(GOOD, BANK, sender="info@bank.example")
        self.deliver(GOOD, BANK, sender="info@bank.example", recipient="dmarc@example.net")
        self.deliver(GOOD, "Shop <a@shop.example>", sender="info@bank.example")
        for author in (BANK, "x@ruled.example", "x@word.example", "a@bank.example, b@shop.example", "nobody"):
            self.deliver(SPOOFER, author)
            self.deliver(SIX, author)
        for word in HOSTILE:
            self.deliver(OTHER_SPOOFER, BANK, helo=word)
            self.deliver(OTHER_SPOOFER, BANK, sender=word)
            self.deliver(OTHER_SPOOFER, BANK, sender=f"\"{word}\"@evil.example")
            self.deliver(OTHER_SPOOFER, f"\"{word}\" <{word}>".replace("\r", "").replace("\n", "\r\n "), helo=word)
            self.deliver(GOOD, BANK, sender="info@bank.example", helo=word, seal=word)
            self.deliver("198.51.100.7", "x@free.example", sender=word, helo=word)
            self.deliver("198.51.100.8", BANK, login=octets(word).decode(errors="replace"))
            self.deliver("192.0.2.77", BANK, sender=word)


def octets(text):
    return text.encode(errors="surrogateescape").replace(b"\0", b"")


CASES, case = suite.cases()


# The document and the code
# ----------------------------------------------------------------------------------------------------------------------

def entries(text):
    """The code that each item of a document's lists begins with; it may go over several lines."""
    return [" ".join(code.split()) for code in re.findall(r"(?m)^- `([^`]+)`", text)]


def section(title):
    return DOCUMENT.split(f"## {title}\n")[1].split("\n## ")[0]


@case("log.md has every field of a message's line, and no other")
def keys(_):
    code = (ROOT / "filter/session/outcome_log.c").read_text()
    written = (set(re.findall(r'\boutcome_log_add(?:_length)?\(&?\w+, "(\w+)"', code)) |
               set(re.findall(r'":? (\w+)=', code)))
    described = set(entries(section("The line of a message")))
    assert written == described, (
        f"only in filter/session/outcome_log.c: {written - described or 'none'}; only in contrib/guides/log.md: "
        f"{described - written or 'none'}; add or remove the item under \"The line of a message\"")
    assert len(written) > 15, written


def calls(level):
    """(file, format) of each call of the log with a text of its own in the daemon and what it starts."""
    found = []
    for path in sorted((ROOT / "filter").rglob("*.c")):
        if path.name == "log.c":
            continue
        for match in re.finditer(rf'\blog_{level}\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)', path.read_text()):
            text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', match.group(1))).replace('\\"', '"')
            if text != "%s":
                found.append((path.name, text))
    return found


def pattern(text):
    """What a line of that format looks like."""
    parts = re.split(r"%(?:\.\d+)?[lz]*[sdufx]", text)
    return ".+?".join(map(re.escape, parts))


@case("log.md has every other line that assayd writes, and none that it does not")
def messages(_):
    titles = {"error": "Errors", "warning": "Warnings", "info": "Information"}
    for level, title in titles.items():
        rows = entries(DOCUMENT.split(f"**{title}**")[1].split("\n**")[0].split("\n## ")[0])
        formats = calls(level)
        for file, text in formats:
            assert any(re.fullmatch(pattern(text), row) for row in rows), \
                f"{file}: add an item to the list {title} of contrib/guides/log.md for: {text}"
        for row in rows:
            assert any(re.fullmatch(pattern(text), row) for _, text in formats), \
                f"log.md, {title}: nothing in filter/ logs this any more at level {level}: {row}"
        assert len(formats) >= 3, formats


@case("log.md names every key of a line in the order in which it comes")
def example(_):
    line = re.search(r"(?ms)^4dYk.*?(?=^```)", section("The line of a message")).group()
    named = re.findall(r'\s(\w+)=(?:"[^"]*"|\S+)', line)
    described = entries(section("The line of a message"))
    assert named == [key for key in described if key in named] and len(named) >= 10, named


@case("the way of a message in log.md is what a daemon writes about such a message")
def account(site):
    keys = signing.Keys()
    zone = zone_server.ZoneServer(site.lab, ACCOUNT_ZONE + f"s1._domainkey.shop.example TXT {keys.record('rsa2048')}\n",
                                  name="account", delay_ms=3)
    daemon = assayd.Assayd(site.lab, site.programs, dns_port=zone.port, group="nogroup", name="account-daemon",
                           more='log: { target = "stderr"; level = "info"; trace = [ "shop.example" ]; };')
    message = keys.sign(milter_client.plain("Shop <news@shop.example>"), "rsa2048", "shop.example", "s1")
    with milter_client.Client(daemon.address) as client:
        client.negotiate()
        client.connect("203.0.113.66", "mail.other.example", version="Postfix 3.7.11")
        client.helo("mail.other.example")
        client.deliver(message.replace(b"Hello", b"Changed"), sender="news@shop.example", queue_id="4dYkQp2xZ1z9")
    daemon.wait_for_log("answered: ")
    assert daemon.stop() == 0, "the status"
    written = [line.split(": ", 2)[2] for line in daemon.log_text().splitlines() if line.startswith("assayd: debug: s1 ")]
    described = section("The way of a message").split("```\n")[2].splitlines()
    assert len(described) > 30, described
    for line in described:
        if ": dns " in line:        # in the order of the answers; before or after the end of the message
            line = line.split(": ", 1)[1].split(", ")[0]
            assert any(line in one for one in written), f"not written: {line}\n" + "\n".join(written)
            continue
        start = re.sub(r"\d+ octets|[\d.]+ ms", "#", line.removesuffix("..."))
        assert any(re.sub(r"\d+ octets|[\d.]+ ms", "#", one).startswith(start) for one in written), \
            f"not written: {line}\n" + "\n".join(written)


# What the daemon wrote
# ----------------------------------------------------------------------------------------------------------------------

FIELD = re.compile(r' (\w+)=("[^"]*"|[^ "]*)')


@case("each message has one line, which is read back to its end without doubt")
def readable(site):
    assert len(site.lines) == sum(site.sent.values()), f"{len(site.lines)} lines, {sum(site.sent.values())} messages"
    described = entries(section("The line of a message"))
    for line in site.lines:
        head, _, rest = line.partition(":")
        assert re.fullmatch(r"4Q\d{4}", head), line
        end, found = 0, []
        while end < len(rest) and (match := FIELD.match(rest, end)):
            found.append(match.group(1))
            end = match.end()
        assert end == len(rest) and found[-1] == "ms", f"not read: {rest[end:]!r} in {line!r}"
        wanted = [key for key in described if key in found]
        assert found == wanted, f"the line has {found}, log.md has {wanted}: give its items the order of the line {line!r}"
        client = re.match(r'[^"]*?(?:"[^"]*"[^"]*?)*? client=(\S+)', rest).group(1)
        assert client in site.sent, line


@case("a chain of ARC is in the line, and names no domain that the sender made up")
def chain(site):
    said = [re.search(r" arc=(\S+)", line) for line in site.lines]
    assert {found.group(1) for found in said if found} == {"fail:-"}, said
    assert sum(found is not None for found in said) == len(HOSTILE), said


@case("fail2ban finds each refusal of a spoofer, and nobody else, whatever they called themselves")
def fail2ban(site):
    assert site.rejected[SPOOFER] == 5 and site.rejected[SIX] == 5, site.rejected
    assert site.rejected[OTHER_SPOOFER] >= 3 * len(HOSTILE), site.rejected
    found = banned(site, site.syslog)
    wanted = {client: count for client, count in site.rejected.items() if count}
    assert found == wanted, f"{found} instead of {wanted}"


def run_fail2ban(site, program, *words):
    """Debian's fail2ban from its package, not installed: its service would begin to guard this host. (status, output)"""
    root = site.lab.path("fail2ban")
    if not root.exists():
        debs.unpack(("fail2ban",), root)
        shutil.copy(FILTER, root / "etc/fail2ban/filter.d")
    environment = lab_module.system_environment(PYTHONPATH=str(root / "usr/lib/python3/dist-packages"))
    command = ["/usr/bin/python3", root / "usr/bin" / program, "-c", root / "etc/fail2ban", *words]
    done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, check=False, cwd=root, env=environment)
    return done.returncode, done.stdout


def banned(site, log):
    """{address: how often} by fail2ban-regex, each line with the address that it found."""
    _, said = run_fail2ban(site, "fail2ban-regex", "-v", log, "assay")
    assert "Lines:" in said, said
    return dict(collections.Counter(re.findall(r"(?m)^\|\s{2,}([0-9a-f.:]+)  \w{3} \w{3} ", said)))


@case("fail2ban: lines of other programs, other verdicts and other words are none of its business")
def others(site):
    real = next(line for line in site.lines if "action=reject reason=\"dmarc=fail" in line)
    lines = [real.replace("action=reject", "action=quarantine"), real.replace("action=reject", "action=tempfail"),
             real.replace("dmarc=fail", "header too long"), f"warning: x: {real}", f"debug: {real}",
             f"a message from <{real}> ended before its end"]
    lines = [f"Nov 22 10:00:00 mx assayd[4711]: {line}" for line in lines]
    lines += [f"Nov 22 10:00:00 mx {program} {real}" for program in (
        "postfix/smtpd[1]:", "logger:", "xassayd[1]:", "assayd2[1]:", "evil[1]: assayd[1]:", "mx assayd[1]:", "")]
    assert banned(site, site.lab.write("other.log", "\n".join(lines) + "\n")) == {}
    stamps = [f"2026-11-22T10:00:00.123456+01:00 mx assayd[4711]: {real}", f"Nov 22 10:00:00 mx assayd: {real}"]
    found = banned(site, site.lab.write("stamps.log", "\n".join(stamps) + "\n"))
    assert list(found.values()) == [2], found


@case("fail2ban takes the jail as it is")
def jail(site):
    run_fail2ban(site, "fail2ban-regex", "-V")
    folder = site.lab.path("fail2ban") / "etc/fail2ban"
    log = site.lab.path("mail.log")
    text = JAIL.read_text().replace("enabled  = false", "enabled = true").replace("/var/log/mail.log", str(log))
    for one in (folder / "jail.d").iterdir():
        one.unlink()
    (folder / "jail.d/assay.conf").write_text(text)
    status, said = run_fail2ban(site, "fail2ban-client", "-t")
    assert status == 0 and "OK" in said, said
    _, said = run_fail2ban(site, "fail2ban-client", "-d")
    assert "'assay', 'maxretry', 20" in said and "action=reject" in said, said[-3000:]


def commands():
    return re.findall(r"```sh\n(.*?)```", section("Summaries"), re.DOTALL)


def run_command(site, number):
    command = commands()[number].replace("/var/log/mail.log", str(site.syslog))
    assert str(site.syslog) in command, command
    done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    assert done.returncode == 0 and not done.stderr, done.stderr
    return [line.split() for line in done.stdout.splitlines()]


@case("log.md's table of verdicts by domain")
def verdicts(site):
    found = {tuple(words[1:]): int(words[0]) for words in run_command(site, 0)}
    assert sum(found.values()) == len(site.lines), found
    bank = sum(1 for line in site.lines if " from=bank.example " in line and ": action=reject " in line)
    assert found[("bank.example", "reject")] == bank and bank > 50, found
    assert found[("shop.example", "quarantine")] == 1, found
    assert found[("ruled.example", "reject")] == 2, found


@case("log.md's list of refused clients")
def refused(site):
    found = {client: int(count) for count, client in run_command(site, 1)}
    assert found == {client: count for client, count in site.rejected.items() if count}, found


@case("log.md's list of what left unsigned")
def unsigned(site):
    assert len(commands()) == 3, commands()
    text = site.syslog.read_text() + "Nov 22 10:00:00 mx assayd[1]: Q: action=accept reason=ours client=192.0.2.77 " \
        "mail_from=<> unsigned=\"no key for x.example (setting \\x22sign\\x22)\" ms=1.0\n" * 2
    site.syslog = site.lab.write("unsigned.log", text)
    assert run_command(site, 2) == [["2", "\"no", "key", "for", "x.example", "(setting", "\\x22sign\\x22)\""]]


if __name__ == "__main__":
    sys.exit(suite.main("log", __doc__, CASES, Site))
