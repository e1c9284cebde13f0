#!/usr/bin/python3
"""run.py - the operator's command as a person or a script meets it: exit statuses, words, JSON, hostile messages.

    tests/tool/run.py [--build FOLDER] [WORDS...]     only cases whose name has a word

The folder is the one with `assay`: the argument, $ASSAY_BUILD, the current one or the tree. One line a case, see
tests/support/tap.py.
"""
import json
import pathlib
import random
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import check_cases  # noqa: E402
import config_cases  # noqa: E402
import lab as lab_module  # noqa: E402
import namespaces  # noqa: E402
import suite  # noqa: E402
import tap  # noqa: E402
import zone_server  # noqa: E402

try:
    import dns.message  # noqa: E402,F401
    import keys as key_cases  # noqa: E402
    import sealing  # noqa: E402
    import signing  # noqa: E402
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(77)

ACTIONS = {0: "accept", 10: "quarantine", 11: "reject", 12: "tempfail"}

ZONE = """\
good.example TXT v=spf1 ip4:192.0.2.0/24 -all
_dmarc.good.example TXT v=DMARC1; p=reject
s1._domainkey.good.example TXT {key}
strict.example TXT v=spf1 -all
_dmarc.strict.example TXT v=DMARC1; p=reject; sp=quarantine
soft.example TXT v=spf1 -all
_dmarc.soft.example TXT v=DMARC1; p=quarantine
_dmarc.lost.example TXT !servfail
lost.example A 192.0.2.9
nothing.example A 192.0.2.8
_dmarc.odd.example TXT v=DMARC1; p=reject; adkim=s; fo=1
odd.example TXT v=spf1 exp=why.odd.example -all
why.odd.example TXT go away \\x1b[31m "%{{s}}"
"""

SETTINGS = """\
authserv_id = "mx.example.net";
user = "nobody";
resolver: {{ servers = "127.0.0.1@{port}"; dnssec = false; }};
networks: {{ ours = "198.51.100.0/24"; }};
dmarc: {{ temperror = "tempfail"; }};
"""

# What the documentation shows.
DOCUMENTED = """\
authserv_id = "mx.example.net";              // default: the host's full name
listen = "unix:/run/assay/assay.sock";       // or "inet:8891@127.0.0.1", "inet6:8891@[::1]"
socket: { mode = "0660"; group = "nogroup"; };
user = "nobody";
log: { target = "syslog"; level = "info"; };  // or "stderr"
networks: {
  ours = [ "127.0.0.0/8", "::1/128" ];
  forwarders = [ ];
};
resolver: { servers = [ ]; timeout_ms = 5000; cache_entries = 100000; dnssec = true; };
spf:   { engine = "assay"; fail = "continue"; temperror = "continue"; void_lookups = 2; };
dkim:  { minimum_rsa_bits = 1024; maximum_signatures = 10; body_length_limit = "distrust"; };
dmarc: { enforce = "published"; discovery = "treewalk"; temperror = "accept"; reply_url = ""; };
quarantine: { action = "hold"; };
reports: { store = "/var/lib/assay/reports.db"; organization = "Example Net"; email = "dmarc-reports@example.net"; };
rules: ( { when = { from_domain = "lists.example.org"; }; dmarc = "ignore"; why = "our own list server"; } );
limits: { messages = 200; header_bytes = 1048576; };
"""

# Every key that a script may count on, at every level; (keys) of the items where it is a list.
SPF = {"result", "scope", "domain", "mechanism", "explanation", "reason", "lookups", "void_lookups", "engine",
       "second_opinion", "limit", "steps"}
KEYS = {
    "": {"authserv_id", "envelope", "judged", "author", "iprev", "spf", "spf_helo", "dkim", "dkim_beyond_limit", "arc", "dmarc",
         "sign", "seal", "verdict", "headers_added", "headers_removed", "dns", "row"},
    "envelope": {"ip", "helo", "from", "to", "auth"},
    "author": {"state", "domain", "domains", "reason"},
    "iprev": {"result", "address", "name", "reason"},
    "spf": SPF,
    "spf_helo": SPF,
    "spf.steps": {"depth", "domain", "term", "outcome"},
    "dkim": {"result", "domain", "selector", "identity", "algorithm", "key_bits", "reason", "second_opinion", "limit", "testing",
             "key_secure", "header_b"},
    "arc": {"result", "reason", "temporary", "sets", "trusted_by", "restored", "would_restore", "remote_address",
            "oldest_pass"},
    "arc.sets": {"instance", "domain", "selector", "ams_domain", "cv", "seal", "trusted"},
    "dmarc": {"result", "author_domain", "organizational_domain", "policy_domain", "published_policy", "published_tag",
              "effective_policy", "test_mode", "author_exists", "spf_aligned", "dkim_aligned", "discovery", "reason",
              "record", "walk", "alignments", "limit", "at_stake"},
    "dmarc.record": {"text", "p", "sp", "np", "adkim", "aspf", "psd", "t", "fo", "rua", "ruf", "error"},
    "dmarc.walk": {"name", "status", "outcome"},
    "dmarc.alignments": {"method", "domain", "organizational_domain", "strict", "passed", "aligned", "why"},
    "sign": {"count", "signatures", "reason", "long_lines"},
    "sign.signatures": {"domain", "selector", "algorithm"},
    "seal": {"instance", "cv", "domain", "selector", "reason"},
    "verdict": {"action", "would", "reply", "reason", "rule", "kind", "hold", "redirect", "disposition", "override", "override_comment"},
    "dns": {"name", "type", "status", "ms", "cached"},
}


def plain(domain, more=""):
    return f"From: A Person <a@{domain}>\nTo: b@example.net\nSubject: x\n{more}\nHello.\n".encode()


class Tool:
    def __init__(self, lab, build):
        self.lab = lab
        self.program = build / "assay"
        self.keys = signing.Keys()
        server = zone_server.ZoneServer(lab, ZONE.format(key=self.keys.record("rsa2048")))
        self.settings = lab.write("assay.conf", SETTINGS.format(port=server.port))

    def run(self, *words, given=b"", **environment):
        return assayd.command([self.program, *words], given, **environment)

    def check(self, message, *words):
        """What --json says; the message comes on standard input."""
        status, output, complaints = self.run("check", "-c", self.settings, "--json", *words, given=message)
        assert status in ACTIONS, f"ended with {status}: {complaints}"
        found = json.loads(output.decode("ascii"))
        complete(found)
        assert found["verdict"]["action"] == ACTIONS[status], f"{found['verdict']} with exit status {status}"
        return found

    def text(self, message, *words):
        status, output, complaints = self.run("check", "-c", self.settings, *words, given=message)
        assert status in ACTIONS, f"ended with {status}: {complaints}"
        return output.decode("utf-8")


def complete(found):
    for path, keys in KEYS.items():
        here = found
        for name in path.split(".") if path else []:
            here = here[name]
        if here is None and path == "dmarc.record":
            continue
        for group in here if isinstance(here, list) else [here]:
            assert set(group) == keys, f"{path or 'the object'}: {sorted(set(group) ^ keys)}"


def misuse(tool, words, expected):
    status, output, complaints = tool.run(*words)
    assert status == 64, f"ended with {status}"
    assert output == b"", output
    assert expected in complaints and complaints.count("\n") == 1, complaints


def misuses():
    for words, expected in [
            (["chekc"], 'assay: there is no subcommand "chekc"; try assay help\n'),
            (["help", "chekc"], "there is no subcommand"),
            (["help", "check", "config"], "one subcommand at a time"),
            (["check", "--frobnicate"], 'check has no option "--frobnicate"; try assay help check'),
            (["check", "-q"], 'check has no option "-q"'),
            (["check", "--ip"], '"--ip" needs a value'),
            (["check", "--ip", "192.0.2.256"], '--ip "192.0.2.256" is not an IP address'),
            (["check", "--ip", "host.example"], "is not an IP address"),
            (["check", "--json=yes"], "no option"),
            (["check", "-qz", "one"], 'check has no option "-q"'),
            (["check", "--helo", "a\nb"], "the value of --helo is longer than 2000 bytes or holds a line end"),
            (["check", "--from", "x" * 3000], "the value of --from is longer than"),
            (["check", "one", "two"], "check takes one message, not 2"),
            (["config", "--explain", "dmarc", "spf"], 'unexpected argument "spf"'),
            (["config", "--explain", "--sample"], "do not go together"),
            (["config", "-c"], "needs a value"),
            (["config", "file"], 'unexpected argument "file"'), *key_cases.MISUSES]:
        yield "usage: " + " ".join(words)[:60].replace("\n", " "), lambda tool, words=words, expected=expected: misuse(tool, words, expected)


def helps(tool):
    for words in (["help"], ["--help"], ["help", "check"], ["check", "--help"], ["help", "config"], ["help", "help"],
                  ["key", "new", "--help"], ["key", "new", "example.org", "-h"], ["dns", "example.org", "--json", "--help"]):
        status, output, complaints = tool.run(*words)
        assert (status, complaints) == (0, "") and output.startswith(b"usage: assay"), words
    status, output, _ = tool.run("--version")
    assert status == 0 and re.match(rb"assay \d+\.\d+\.\d+\n(  \S+ \S.*\n)+$", output), output
    status, output, _ = tool.run()
    assert status == 64 and output.startswith(b"usage: assay")


def statuses():
    for name, message, words, action in [
            ("accept", plain("good.example"), ["--ip", "192.0.2.1", "--from", "a@good.example"], "accept"),
            ("accept without a policy", plain("nothing.example"), ["--ip", "203.0.113.1"], "accept"),
            ("quarantine", plain("soft.example"), ["--ip", "203.0.113.1", "--from", "a@soft.example"], "quarantine"),
            ("reject", plain("strict.example"), ["--ip", "203.0.113.1", "--from", "a@strict.example"], "reject"),
            ("temporary failure", plain("lost.example"), ["--ip", "203.0.113.1"], "tempfail"),
            ("ours by network", plain("strict.example"), ["--ip", "198.51.100.7"], "accept"),
            ("ours by login", plain("strict.example"), ["--ip", "203.0.113.1", "--auth", "joe"], "accept")]:
        yield "status: " + name, lambda tool, case=(message, words, action): status_is(tool, *case)


def status_is(tool, message, words, action):
    found = tool.check(message, *words)
    assert found["verdict"]["action"] == action, found["verdict"]
    text = tool.text(message, *words)
    assert text.startswith(f"Verdict  {action}"), text[:200]
    assert "\x1b" not in text


def failures(tool):
    for words, status, expected in [
            (["-c", "/nonexistent/assay.conf"], 78, "cannot be read: No such file or directory"),
            (["-c", tool.lab.folder], 78, "it is a folder"),
            (["-c", tool.lab.write("bad.conf", "user = \"x\";\ndmarc: { enforcce = 1; };\n")], 78,
             'bad.conf:2: setting "dmarc.enforcce" is unknown; did you mean "dmarc.enforce"?'),
            (["-c", tool.settings, "/nonexistent.eml"], 65, "cannot be read: No such file or directory"),
            (["-c", tool.settings, tool.lab.folder], 65, "cannot be read: Is a directory")]:
        got, output, complaints = tool.run("check", *words)
        assert (got, output) == (status, b"") and expected in complaints, (words, got, complaints)


HIDE = """\
mount -t tmpfs none "$1" && mkdir -m 700 "$2" && : >"$2/assay.conf" || exit 99
shift 2
exec setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
"""


def hidden_settings(tool):
    """A standard settings file in a folder that may not be looked into is no missing one, so that nobody is told by the
    built-in settings that there are no keys and no reports."""
    standard = pathlib.Path(re.search(r"settings \(default (\S+?);", tool.run("help", "check")[1].decode())[1])
    for words in (["check", "/dev/null"], ["dns", "a.example"], ["key", "list"], ["report", "list"]):
        done = subprocess.run([*namespaces.command(), "sh", "-c", HIDE, "hide", str(standard.parent.parent), str(standard.parent),
                               str(tool.program), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=lab_module.system_environment(), check=False)
        complaints = done.stderr.decode(errors="replace")
        if done.returncode in (1, 99, 126, 127) and "assay: " not in complaints:
            raise tap.Skip(f"no folder can be hidden from the program here: {complaints.strip()}")
        assert done.returncode == 78 and f"{standard} cannot be read: Permission denied" in complaints, (words, done)


def full_disk(tool):
    with open("/dev/full", "wb") as full:
        done = subprocess.run([str(tool.program), "config", "--sample"], stdout=full, stderr=subprocess.PIPE,
                              env=lab_module.system_environment(), check=False)
    assert done.returncode == 74 and b"could not be written" in done.stderr, done


def envelopes(tool):
    returned = b"Return-Path: <bounce@good.example>\n" + plain("good.example")
    assert tool.check(returned, "--ip", "192.0.2.1")["envelope"]["from"] == "bounce@good.example"
    assert tool.check(returned, "--from", "")["envelope"]["from"] == ""
    assert tool.check(returned, "--from", "<x@good.example>")["envelope"]["from"] == "x@good.example"
    assert tool.check(b"Return-Path: <>\n" + plain("good.example"))["envelope"]["from"] == ""
    found = tool.check(plain("good.example"), "--helo", "good.example", "--ip", "::ffff:192.0.2.1", "--to", "a@b", "--to", "c@d")
    assert found["envelope"] == {"ip": "192.0.2.1", "helo": "good.example", "from": "", "to": ["a@b", "c@d"], "auth": None}
    assert found["spf"]["result"] == found["spf_helo"]["result"] == "pass"
    unknown = tool.check(plain("good.example"), "--from", "a@good.example")
    assert unknown["envelope"]["ip"] is None and unknown["spf"]["result"] == "none", unknown["spf"]


def line_ends(tool):
    """A file with LF is the same message as one with CRLF; so is one in an mbox, and one without its last line end."""
    signed = tool.keys.sign(plain("good.example", "Folded: one\n two\n").replace(b"\n", b"\r\n"), "rsa2048", "good.example",
                            "s1", canonicalize="simple/simple")
    assert b"\r\n two" in signed
    for message in (signed, signed.replace(b"\r\n", b"\n"), b"From x@y Sat Nov  1 12:00:00 2026\n" + signed,
                    signed[:-2], signed.replace(b"\r\n", b"\n")[:-1]):
        found = tool.check(message, "--ip", "203.0.113.1")
        assert [one["result"] for one in found["dkim"]] == ["pass"], found["dkim"]
    changed = tool.check(signed + b"more\r\n", "--ip", "203.0.113.1")
    assert changed["dkim"][0]["result"] == "fail" and changed["dkim"][0]["reason"], changed["dkim"]
    path = tool.lab.path("signed.eml")
    path.write_bytes(signed)
    for name in (path, "-"):
        status, output, _ = tool.run("check", "-c", tool.settings, "--json", name, given=signed)
        assert status == 0 and json.loads(output)["dkim"][0]["result"] == "pass"


def packings(tool):
    """What editors and mailboxes put around a message is no part of it, and who named something else is told so."""
    signed = tool.keys.sign(plain("good.example").replace(b"\n", b"\r\n"), "rsa2048", "good.example", "s1",
                            canonicalize="simple/simple")
    second = b"From x@y Sun Nov  2 12:00:00 2026\n" + plain("strict.example")
    mailbox = b"From x@y Sat Nov  1 12:00:00 2026\n" + signed.replace(b"\r\n", b"\n") + b"\n" + second
    for message, complaint in ((b"\xef\xbb\xbf" + signed, ""), (mailbox, "is a mailbox of several messages; the first is taken\n"),
                               (mailbox.replace(b"\n", b"\r\n"), "is a mailbox of several messages")):
        status, output, complaints = tool.run("check", "-c", tool.settings, "--json", "--ip", "203.0.113.1", given=message)
        assert complaint in complaints and complaints.count("\n") == (1 if complaint else 0), complaints
        found = json.loads(output)
        assert [one["result"] for one in found["dkim"]] == ["pass"] and status == 0, found["dkim"]
    # in a body the word is one as any other
    body = tool.keys.sign(b"From: a@good.example\r\n\r\nFrom here\r\n\r\nFrom there\r\n", "rsa2048", "good.example", "s1")
    for message in (body, b"From x@y Sat Nov  1 12:00:00 2026\n" + body):
        found = tool.check(message)
        assert [one["result"] for one in found["dkim"]] == ["pass"], found["dkim"]


HOSTILE = {
    "one line end": b"\n",
    "only a body": b"\nbody\n",
    "no header": b"this is no header\nFrom: a@strict.example\n",
    "a fold first": b" folded\nFrom: a@strict.example\n\n",
    "a colon first": b": x\nFrom: a@strict.example\n\n",
    "a line that is no field": b"X: y\nthis is no header\nFrom: a@strict.example\n",
    "header without an end": b"From: a@strict.example",
    "NUL in the header": b"From: a@strict.example\nX: a\0b\n\nbody",
    "NUL in From": b"From: a@strict.example\0.good.example\n\nbody",
    "NUL in the body": plain("strict.example") + b"\0\0\0\r\0\n",
    "8-bit": b"From: \xff\xfe <a@strict.example>\nX-\xff: \x80\n\n\xff",
    "UTF-8": "From: Jürgen <jürgen@strict.example>\n\nGrüße\n".encode(),
    "terminal": b"From: \x1b[2J\x1b]0;x\x07 <a\x1b[31m@strict.example>\nReturn-Path: <\x1b[5m\xc2\x9b@soft.example>\n\n",
    "carriage returns": plain("strict.example").replace(b"\n", b"\r"),
    "mixed line ends": b"From: a@strict.example\r\nX: y\n z\r\n\r\nbody\n\r\r\n",
    "an endless field": b"From: a@strict.example\nX: " + b"x" * 3_000_000 + b"\n\nbody",
    "an endless name": b"x" * 300_000 + b": y\nFrom: a@strict.example\n\n",
    "many folds": b"From: a@strict.example\nX:" + b"\n y" * 200_000 + b"\n\nbody",
    "many fields": b"X: y\n" * 150_000 + plain("strict.example"),
    "many From": b"From: a@strict.example\n" * 20_000 + b"\n",
    "many addresses": b"From: " + b"a@strict.example, " * 50_000 + b"\n\n",
    "deep comments": b"From: " + b"(" * 100_000 + b"a@strict.example\n\n",
    "many results": b"Authentication-Results: mx.example.net; dmarc=pass\n" * 500 + plain("good.example"),
    "many signatures": b"DKIM-Signature: v=1; a=rsa-sha256; d=good.example; s=s1; h=from; bh=AA==; b=AA==\n" * 200
                       + plain("good.example"),
    "a space in a name of h=": b"DKIM-Signature: v=1; a=rsa-sha256; d=good.example; s=s1; h=from:x y; bh=AA==; b=AA==\n"
                               + plain("good.example"),
    "a long line": plain("strict.example") + b"y" * 2_000_000,
    "Return-Path that goes nowhere": b"Return-Path: <a\r\n b>\n" + plain("strict.example"),
    "blanks before the colon": b"From : a@strict.example\n\n",
}


def hostile(tool, message):
    found = tool.check(message, "--ip", "203.0.113.1", "--helo", "\x1b[7mx", "--to", "\x07@x")
    text = tool.text(message, "--ip", "203.0.113.1", "--helo", "\x1b[7mx", "--to", "\x07@x")
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", text), re.search(".{0,40}[\x00-\x09\x0b-\x1f\x7f-\x9f].{0,40}", text)
    if b"strict.example" in message and b"strict.example\0" not in message and found["author"]["state"] == "one":
        assert found["verdict"]["action"] == "reject", found["verdict"]


def explanation_is_harmless(tool):
    words = ["--ip", "203.0.113.1", "--from", "\"a\x1b[1m\"@odd.example"]
    found = tool.check(plain("odd.example"), *words)
    assert found["spf"]["result"] == "fail", found["spf"]
    assert found["dmarc"]["record"]["adkim"] == "s"
    text = tool.text(plain("odd.example"), *words)
    assert "\x1b" not in text
    assert re.search(r"^    adkim  s \(strict\)$", text, re.MULTILINE), text
    assert re.search(r"^    sp     reject, by default$", text, re.MULTILINE), text


def chains(tool):
    """Each set of a chain, the newest first, and what is wrong with it."""
    hops = [{"d": "good.example", "key": "rsa2048", "results": "good.example; spf=pass (\x1b[31m) smtp.mailfrom=a@b"},
            {"d": "good.example", "key": "rsa2048", "above": ["Received: by the second hop"]}]
    sealed = sealing.seal(tool.keys, plain("good.example").replace(b"\n", b"\r\n"), hops, 1750000000)
    text = tool.text(sealed, "--ip", "192.0.2.1")
    assert re.search(r"(?m)^ARC +pass +good\.example\n"
                     r"  set 2: sealed by good\.example, selector s1, cv=pass, verified; message signature of good\.example "
                     r"\(verified\)\n    found there: sealer\.example; none\n"
                     r"  set 1: sealed by good\.example, selector s1, cv=none, verified; message signature of good\.example\n"
                     r"    found there: good\.example; spf=pass \(\\x1B\[31m\) smtp\.mailfrom=a@b$", text), text
    text = tool.text(sealed.replace(b"Hello", b"Hullo"), "--ip", "192.0.2.1")
    assert "all seals verify: the message was changed after the newest" in text and "(does not verify)" in text, text
    text = tool.text(sealed.replace(b"i=1; good.example; spf=pass", b"i=1; good.example; spf=fail"), "--ip", "192.0.2.1")
    assert "set 2: sealed by good.example, selector s1, cv=pass, does not verify" in text and "cv=none, not checked" in text, text
    assert "\nARC" not in tool.text(plain("good.example"), "--ip", "192.0.2.1")


def trusted_chains(tool):
    """Which sets are believed, what that restores, or would; and the set that is added."""
    hop = {"d": "good.example", "key": "rsa2048", "results": "good.example; dmarc=pass header.from=strict.example"}
    sealed = sealing.seal(tool.keys, plain("strict.example").replace(b"\n", b"\r\n"), [hop], 1750000000)
    text = tool.text(sealed, "--ip", "192.0.2.1")
    assert "  not trusted: with good.example in arc.trusted, and whoever sealed it before, it would be accepted\n" in text, text
    settings = tool.lab.write("trusting.conf", pathlib.Path(tool.settings).read_text() + f"""\
arc: {{ trusted = [ "good.example" ]; seal = "all"; domain = "good.example"; keys = "{tool.keys.file('rsa2048')}"; }};
""")
    status, output, _ = tool.run("check", "-c", settings, "--ip", "192.0.2.1", given=sealed)
    text = output.decode()
    assert status == 0 and "    found there (believed): good.example; dmarc=pass" in text, text
    assert "  trusted: dmarc passed where set 1 was made, by arc.trusted\n" in text, text
    assert "  set 2 of the chain, cv=pass, by good.example, selector rsa2048\n" in text, text
    _, output, _ = tool.run("config", "--explain", "arc.trusted")
    assert all(name in output.decode() for name in ("google.com", "microsoft.com", "fastmail.com", "report sealers")), output


def seals_need_a_key(tool):
    """What is missing to seal is said, with what to do."""
    start = pathlib.Path(tool.settings).read_text()
    keys = tool.keys.file("ed25519")
    for more, expected in (('seal = "all";', '"arc.domain" does not say who seals; give a domain'),
                           (f'seal = "all"; domain = "good.example"; keys = "{keys}";', "holds no RSA key of at least 2048 bits"),
                           ('seal = "all"; domain = "good.example"; keys = "/nowhere";', 'group "arc"'),
                           ('forward = [ "@x.example" ];', "write LOCAL@DOMAIN, DOMAIN, or *.DOMAIN for all below it"),
                           ('trusted = [ "a b" ];', "write a domain, or *.DOMAIN for all below it")):
        status, _, complaints = tool.run("config", "-c", tool.lab.write("odd.conf", start + f"arc: {{ {more} }};\n"))
        assert status == 78 and expected in complaints, complaints


def noise(tool):
    """Messages that were damaged at random; the seed is fixed, so that a failure comes again."""
    chance = random.Random(5322)
    signed = tool.keys.sign(plain("good.example").replace(b"\n", b"\r\n"), "rsa2048", "good.example", "s1")
    for _ in range(60):
        message = bytearray(signed)
        for _ in range(chance.randrange(1, 12)):
            at = chance.randrange(len(message))
            message[at:at + chance.randrange(4)] = chance.choice(
                [b"", b"\0", b"\n", b"\r\n ", b";", b"\"", b"(", b"<", b"@", bytes([chance.randrange(256)]) * 3])
        tool.check(bytes(message), "--ip", "192.0.2.1", "--from", "a@good.example")


def on_terminal(tool, *words, **environment):
    """Standard output of `assay check` on a terminal."""
    message = tool.lab.path("terminal.eml")
    message.write_bytes(tool.keys.sign(plain("good.example"), "rsa2048", "good.example", "s1"))
    return lab_module.on_terminal([tool.program, "check", "-c", tool.settings, *words, message],
                                  lab_module.system_environment(**{"TERM": "xterm", **environment}), "stdout")[1]


def colours(tool):
    assert b"\x1b[1;32mpass" in on_terminal(tool)
    for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        text = on_terminal(tool, **environment)
        assert text and b"\x1b" not in text, environment


def other_terminals(tool):
    """A terminal that does not read UTF-8 gets none: an octet of it may be a control there."""
    for locale, found in (("C.UTF-8", "helo    \u00db.example".encode()), ("C", b"helo    \\xC3\\x9B.example"),
                          ("none_such.UTF-8", b"helo    \\xC3\\x9B.example")):
        text = on_terminal(tool, "--helo", "\u00db.example", LC_ALL=locale)
        assert found in text and (locale == "C.UTF-8" or not re.search(b"[\x80-\xff]", text)), (locale, text)


def settings(tool):
    status, effective, complaints = tool.run("config", "-c", tool.settings)
    assert (status, complaints) == (0, "") and b'authserv_id = "mx.example.net";' in effective
    again = tool.lab.path("effective.conf")
    again.write_bytes(effective)
    assert tool.run("config", "-c", again) == (0, effective, "")
    status, sample, _ = tool.run("config", "--sample")
    assert status == 0
    # the user assay is not on every machine
    tool.lab.path("sample.conf").write_bytes(sample.replace(b'// user = "assay";', b'user = "nobody";'))
    status, defaults, complaints = tool.run("config", "-c", tool.lab.path("sample.conf"))
    assert status == 0, complaints
    assert b'enforce = "published";' in defaults
    status, output, complaints = tool.run("config", "-c", tool.lab.write("documented.conf", DOCUMENTED))
    assert status == 0 and b'from_domain = [ "lists.example.org" ];' in output, complaints
    guide = (HERE.parents[1] / "contrib" / "guides" / "examples.md").read_text(encoding="utf-8")
    examples = re.findall(r"^```conf\n(.*?)^```", guide, re.MULTILINE | re.DOTALL)
    assert len(examples) >= 7
    for example in examples:
        path = tool.lab.write("example.conf", 'user = "nobody"; authserv_id = "mx.example.net";\n' + example)
        status, _, complaints = tool.run("config", "-c", path)
        assert status == 0, example + complaints
    status, output, _ = tool.run("config", "--explain", "dmarc.enforce")
    assert status == 0 and b'default  "published"' in output
    status, output, _ = tool.run("config", "--explain", "listen")
    assert status == 0 and b"malformed packet that libmilter does not survive" in output, "why not a port"
    status, output, complaints = tool.run("config", "--explain", "dmarc.enforze")
    assert status == 64 and 'did you mean "dmarc.enforce"?' in complaints


def cases():
    yield from misuses()
    yield from statuses()
    for function in (helps, failures, *check_cases.CASES, *config_cases.CASES, hidden_settings, full_disk, envelopes, line_ends,
                     packings, explanation_is_harmless, chains, trusted_chains, seals_need_a_key, noise, colours,
                     other_terminals, settings):
        yield function.__name__.replace("_", " "), function
    for function in key_cases.CASES:
        yield "key: " + function.__name__.replace("_", " "), function
    for name, message in HOSTILE.items():
        yield "hostile: " + name, lambda tool, message=message: hostile(tool, message)


if __name__ == "__main__":
    sys.exit(suite.main("tool", __doc__, list(cases()), Tool))
