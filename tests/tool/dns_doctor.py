#!/usr/bin/python3
"""dns_doctor.py - `assay dns` over a table of zones: which warnings and errors it finds, and which it does not.

    tests/tool/dns_doctor.py [--build FOLDER] [--fuzz COUNT] [--seed N] [WORDS...]     only cases whose name has a word

The cases stand in dns_cases.py. One name server serves them all; each is a domain of its own. One line a case, see
tests/support/tap.py.
"""
import concurrent.futures
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
import lab as lab_module  # noqa: E402
import suite  # noqa: E402
import tap  # noqa: E402
import zone_server  # noqa: E402

try:
    import dns.message  # noqa: E402,F401
    import signing  # noqa: E402
except ImportError as missing:
    print(f"1..0 # SKIP {missing}")
    sys.exit(77)
import dns_cases  # noqa: E402

SETTINGS = """\
authserv_id = "mx.example.net";
resolver: {{ servers = "127.0.0.1@{port}"; dnssec = {dnssec}; timeout_ms = {timeout}; trust_anchor = "{anchor}"; }};
{more}
"""
# Every key that a script may count on, at every level; of the items where it is a list.
KEYS = {
    "": {"domain", "unicode", "findings", "spf", "dkim", "dmarc", "mx", "hosts", "dns"},
    "findings": {"area", "level", "code", "name", "text", "shown", "fix", "source"},
    "spf": {"lookups", "more", "void_lookups_ipv4", "void_lookups_ipv6", "ip_result", "ip_term", "record"},
    "spf.record": {"domain", "status", "text", "lookups", "void_lookups", "terms"},
    "spf.record.terms": {"term", "target", "lookups", "void_lookups", "outcome", "record"},
    "dkim": {"selector", "name", "origin", "owner", "status", "record", "problem", "kind", "bits", "testing",
             "same_domain", "secure", "file", "own"},
    "dmarc": {"policy_domain", "organizational_domain", "discovery", "record", "error", "tag",
              "published_policy", "effective_policy", "tags", "walk", "reports"},
    "dmarc.tags": {"tag", "value", "given", "meaning"},
    "dmarc.walk": {"name", "status", "outcome"},
    "dmarc.reports": {"tag", "uri", "address", "host", "external", "status", "why", "asked"},
    "mx": {"name", "preference", "status", "addresses"},
    "hosts": {"address", "status", "name", "generic", "helo_result"},
    "dns": {"name", "type", "status", "ms"},
}
LEVELS = ["good", "note", "warning", "error"]


def complete(found):
    for path, keys in KEYS.items():
        here = [found]
        for name in path.split(".") if path else []:
            here = [one[name] for one in here]
            here = [one for group in here for one in (group if isinstance(group, list) else [group])]
        for one in here:
            assert set(one) == keys, f"{path or 'the object'}: {sorted(set(one) ^ keys)}"


class Tool:
    def __init__(self, site, server, more="", name="assay.conf", timeout=10000, dnssec="false", anchor=""):
        self.program = site.program
        self.settings = site.lab.write(name, SETTINGS.format(port=server.port, more=more, timeout=timeout, dnssec=dnssec,
                                                             anchor=anchor))

    def run(self, *words):
        status, output, complaints = assayd.command([self.program, "dns", "-c", self.settings, *words])
        return status, output.decode("utf-8"), complaints

    def json(self, *words):
        status, output, complaints = self.run("--json", *words)
        assert status in (0, 1, 2, 69, 75), f"ended with {status}: {complaints}"
        found = json.loads(output)
        complete(found)
        return status, found


def status_for(found):
    """What the exit status has to be by the findings."""
    levels = {finding["level"] for finding in found["findings"]}
    if "error" in levels:
        return 2
    if any(finding["code"] == "domain-lookup-failed" for finding in found["findings"]):
        return 75
    return 1 if "warning" in levels else 0


def one_case(tool, case):
    status, found = tool.json(case.domain, *case.words)
    codes = {finding["code"] for finding in found["findings"]}
    trouble = {finding["code"] for finding in found["findings"] if finding["level"] in ("warning", "error")}
    wanted = {code for code in case.codes if dns_cases.LEVEL[code] in ("warning", "error")}
    assert trouble == wanted, f"not found {sorted(wanted - trouble)}, beyond that {sorted(trouble - wanted)}"
    assert case.codes <= codes, f"not found {sorted(case.codes - codes)} in {sorted(codes)}"
    assert not codes & case.absent, f"found {sorted(codes & case.absent)}"
    assert status == status_for(found), f"ended with {status}"
    for text in case.fixes:
        assert any(text in (finding["fix"] or "") for finding in found["findings"]), \
            f"no fix has {text!r}: {[finding['fix'] for finding in found['findings'] if finding['fix']]}"
    for path, value in case.values.items():
        here = found
        for part in path.split("."):
            here = here[int(part) if part.isdigit() else part]
        assert here == value, f"{path} is {here!r}, not {value!r}"
    return codes


def read_levels(program):
    """The table of codes is the program's own."""
    done = subprocess.run([str(program), "dns", "--codes"], stdout=subprocess.PIPE, check=True)
    rows = [line.split(None, 3) for line in done.stdout.decode().splitlines()]
    assert len(rows) > 100 and len({row[2] for row in rows}) == len(rows)
    return {code: level for _, level, code, _ in rows}


def carets(site):
    """The caret stands below the octet that the sentence names."""
    _, found = site.tool.json(next(case.domain for case in dns_cases.CASES if case.name == "SPF: unknown mechanism"))
    finding = next(one for one in found["findings"] if one["code"] == "spf-syntax")
    record, caret = finding["shown"].split("\n")
    assert record[caret.index("^"):].startswith("frob:"), finding
    octet = int(re.search(r"octet (\d+)", finding["text"]).group(1))
    assert found["spf"]["record"]["text"][octet - 1:].startswith("frob:"), finding


def key_carets(site):
    """Of a broken key the caret stands below the tag."""
    for name, tag in [("DKIM: not for mail", "s=other"), ("DKIM: v= not first", "v=DKIM1"), ("DKIM: no base64", "p=MII"),
                      ("DKIM: unknown kind", "k=dsa"), ("DKIM: sha1 alone", "h=sha1")]:
        _, found = site.tool.json(next(case.domain for case in dns_cases.CASES if case.name == name))
        finding = next(one for one in found["findings"] if one["code"] == "dkim-broken")
        record, caret = finding["shown"].split("\n")
        assert record[caret.index("^"):].startswith(tag), finding


def dmarc_carets(site):
    """Of a faulty DMARC record the caret stands below the tag at fault."""
    for name, code, tag in [("DMARC: unknown policy", "dmarc-broken", "p=rejct"),
                            ("DMARC: unknown policy without reports", "dmarc-unusable", "p=rejct"),
                            ("DMARC: bad alignment mode", "dmarc-invalid", "adkim=strict"),
                            ("DMARC: a tag twice", "dmarc-invalid", "p=none"),
                            ("DMARC: rau= for rua=", "dmarc-tag-typo", "rau="),
                            ("DMARC: rua without mailto", "dmarc-rua-malformed", "rua=r@"),
                            ("DMARC: semicolon missing", "dmarc-semicolon", "sp=none")]:
        _, found = site.tool.json(next(case.domain for case in dns_cases.CASES if case.name == name))
        finding = next(one for one in found["findings"] if one["code"] == code)
        record, caret = finding["shown"].split("\n")
        assert record[caret.index("^"):].startswith(tag), finding


def text_for_people(site):
    status, output, complaints = site.tool.run(dns_cases.CASES[0].domain)
    assert (status, complaints) == (0, ""), (status, complaints)
    for words in ("Domain", "SPF  good", "DKIM  good", "DMARC  good", "MX  good", "Servers  good", "of 10 terms"):
        assert words in output, output
    assert "\x1b" not in output


def by_suffix_list(site):
    """Organizational domains are found as the settings say."""
    domain = next(case.domain for case in dns_cases.CASES if case.name == "DMARC: an organization by its own word")
    _, found = site.tool.json(domain)
    assert (found["dmarc"]["discovery"], found["dmarc"]["policy_domain"]) == ("treewalk", "b.org192.example"), found["dmarc"]
    listed = Tool(site, site.server, 'dmarc: { discovery = "psl"; };', "psl.conf")
    _, found = listed.json(domain)
    assert [found["dmarc"][key] for key in ("discovery", "policy_domain", "organizational_domain", "published_policy")] == \
        ["psl", "org192.example", "org192.example", "reject"], found["dmarc"]
    assert "organizational domain org192.example, by the public suffix list" in listed.run(domain)[1]


def own_script(site):
    """A domain may be given in its own script."""
    _, given = site.tool.json("B\u00fccher.example")
    _, plain = site.tool.json("xn--bcher-kva.example")
    assert given["domain"] == plain["domain"] == "xn--bcher-kva.example" and given["unicode"] == "b\u00fccher.example"
    assert given["findings"] == plain["findings"]
    status, output, _ = site.tool.run("b\u00fccher.example")
    assert status == 0 and "b\u00fccher.example in its own script" in output, output


def hostile_text(site):
    """Nothing from the DNS reaches a terminal as it is."""
    hostile = next(case.domain for case in dns_cases.CASES if case.name == "hostile: control octets everywhere")
    _, output, _ = site.tool.run(hostile)
    assert "\x1b" not in output and "\x07" not in output and "\\x1B" in output, output
    site.tool.json(hostile)


def misuses(site):
    for words, expected in [([], "dns takes one domain, not 0"), (["a.example", "b.example"], "one domain, not 2"),
                            (["a..example"], '"a..example" is not a domain name'), (["--ip", "x", "a.example"], "is not an IP address"),
                            (["--selector", "a b", "a.example"], "is not a selector"), (["--selector", "s1._domainkey.a.example", "a.example"], "the selector is what stands before ._domainkey"),
                             (["--frob", "a.example"], "no option"),
                            (["192.0.2.1"], '"192.0.2.1" is an address; name the domain'),
                            (["--codes", "a.example"], 'unexpected argument "a.example"')]:
        done = subprocess.run([str(site.program), "dns", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=lab_module.system_environment(), check=False)
        complaint = done.stderr.decode()
        assert done.returncode == 64 and done.stdout == b"" and expected in complaint and complaint.count("\n") == 1, \
            (words, done)
    for text, status in (("dmarc: { enforcce = 1; };\n", 78),):
        bad = site.lab.write("bad.conf", text)
        done = subprocess.run([str(site.program), "dns", "-c", str(bad), "a.example"], stderr=subprocess.PIPE,
                              stdout=subprocess.PIPE, env=lab_module.system_environment(), check=False)
        assert done.returncode == status and b'did you mean "dmarc.enforce"' in done.stderr, done


def round_trips(site):
    """With answers 400 ms late, questions come in few bursts: as many as the longest chain of names and no more."""
    domain, server = dns_cases.CASES[0].domain, zone_server.ZoneServer(site.lab, dns_cases.zone(site.keys), "slow", delay_ms=400)
    tool = Tool(site, server, name="slow.conf")
    status, found = tool.json(domain)
    assert status == 0, found
    asked = sorted(float(line.split()[0]) for line in server.asked() if domain in line or "in-addr" in line)
    # a burst ends where nothing is asked until an answer to its first question can have come
    bursts, begin = 0, -1.0
    for when in asked:
        if when >= begin + 0.4:
            bursts, begin = bursts + 1, when
    # TXT of the domain; its includes and MX; their addresses; names of these; and two for a busy machine
    assert len(asked) > 40 and bursts <= 8, f"{len(asked)} questions in {bursts} round trips"


def same_as_check(site):
    """The lookups that a stranger costs are those that `assay check` counts."""
    for case in dns_cases.CASES:
        if not case.name.startswith("SPF: lookups"):
            continue
        _, found = site.tool.json(case.domain)
        done = subprocess.run([str(site.tool.program), "check", "-c", str(site.tool.settings), "--json", "--ip", "203.0.113.250",
                               "--from", f"a@{case.domain}"], input=f"From: a@{case.domain}\n\nx\n".encode(),
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              env=lab_module.system_environment(), check=False)
        judged = json.loads(done.stdout)["spf"]
        counted = found["spf"]["lookups"]
        if counted > 10:
            assert judged["result"] == "permerror" and "more than ten" in judged["reason"], judged
        else:
            assert judged["lookups"] == counted, (case.name, judged["lookups"], counted)


def unreachable(site):
    server = zone_server.ZoneServer(site.lab, "a.example TXT x\n", "gone")
    tool = Tool(site, server, name="gone.conf", timeout=1000)
    server.process.stop()
    status, output, complaints = tool.run("a.example")
    assert status == 69 and "cannot be asked" in complaints and "could not be looked up" in output, (status, complaints)
    assert output.count("could not be looked up") == 1 and "resolver.servers" in complaints, (output, complaints)


def own_keys(site):
    """Keys that the settings sign with are compared with the DNS."""
    folder = site.lab.path("keys")
    settings = site.lab.write("keys.conf", f'sign: ( {{ domain = "own.example"; keys = "{folder}"; }} );\n')
    made = subprocess.run([str(site.program), "key", "new", "own.example", "-c", str(settings)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=lab_module.system_environment(), check=True).stdout.decode()
    records = re.findall(r"name (\S+), type TXT, value\n; (.*)\n", made)
    assert len(records) == 2, made
    good = "own.example TXT v=spf1 -all\n" + "".join(f"{name} TXT {value}\n" for name, value in records)
    other = "own.example TXT v=spf1 -all\n" + f"{records[0][0]} TXT {site.keys.record('rsa2048')}\n"
    for name, zone, wanted in (("same", good, {"dkim-own-good"}),
                               ("other", other, {"dkim-own-differs", "dkim-own-missing"})):
        server = zone_server.ZoneServer(site.lab, zone, name)
        tool = Tool(site, server, f'sign: ( {{ domain = "own.example"; keys = "{folder}"; }} );', f"{name}.conf")
        _, found = tool.json("own.example")
        codes = {finding["code"] for finding in found["findings"] if finding["code"].startswith("dkim-own")}
        assert codes == wanted, (name, codes)
        fixes = [finding["fix"] for finding in found["findings"] if finding["code"] in ("dkim-own-differs", "dkim-own-missing")]
        assert all(fix and "v=DKIM1" in fix for fix in fixes), fixes
        assert {key["origin"] for key in found["dkim"]} == {"settings"}, found["dkim"]
    # reports that no key signs: of this domain, in whatever spelling, and of no other
    used = site.lab.path("other.conf")
    with_keys = used.read_text()
    for email, keys, told in (("r@own.example", False, True), ("R@OWN.Example", False, True), ("r@own.example", True, False),
                              ("r@other.example", False, False), ("r@sub.own.example", False, False), ("", False, False)):
        used.write_text((with_keys if keys else re.sub(r"(?s)sign: \(.*?\);", "", with_keys)) + f'\nreports: {{ email = "{email}"; }};\n')
        _, found = tool.json("own.example")
        codes = {finding["code"] for finding in found["findings"]}
        assert ("dkim-own-reports" in codes) == told, (email, keys, codes)
    used.write_text(with_keys)
    # a key that waits for its record, and a file that is no key
    subprocess.run([str(site.program), "key", "new", "own.example", "--selector", "next", "-c", str(settings)],
                   stdout=subprocess.PIPE, env=lab_module.system_environment(), check=True)
    site.lab.write("keys/own.example/broken.pem", "no key\n").chmod(0o600)
    _, found = tool.json("own.example")
    codes = {finding["code"] for finding in found["findings"] if finding["code"].startswith("dkim-own")}
    assert codes == {"dkim-own-differs", "dkim-own-missing", "dkim-own-pending", "dkim-own-unreadable"}, codes


def signed(site):
    """DNSSEC: what is validated and what is not."""
    server = zone_server.ZoneServer(site.lab, dns_cases.zone(site.keys), "signed", options=["--sign", site.lab.path("anchor")])
    tool = Tool(site, server, name="signed.conf", dnssec="true", anchor=site.lab.path("anchor"))
    _, found = tool.json(dns_cases.CASES[0].domain)
    codes = {finding["code"] for finding in found["findings"]}
    assert {"domain-secure", "dkim-secure"} <= codes, codes


def random_records(seed, count):
    """Records of pieces that people mix up, and of octets that nobody means."""
    pieces = ["v=spf1", " ", "include:", "a", "mx", "ptr", "ip4:", "192.0.2.1", "/", "24", "-all", "+all", "~all", "all",
              "redirect=", "exp=", "%{", "i}", "%{d}", "%{p}", ";", "=", "\"", "'", "\\x5c", "\\xff", "\\x00", "\\x1b",
              "\u201c", "v=DMARC1", "p=", "reject", "none", "rua=", "mailto:", "@", "!10m", ",", "sp=", "pct=", "v=DKIM1",
              "k=rsa", "MIIB", "h=sha1", "t=y", "spf2.0/pra", ".", "..", "f.example", "x" * 64, "example", "_", "~", "?"]
    chooser = random.Random(seed)
    lines = []
    for number in range(count):
        domain = f"f{number}.fuzz.example"
        for owner in (domain, domain, f"_dmarc.{domain}", f"default._domainkey.{domain}"):
            start = chooser.choice(["", "v=spf1 ", "v=DMARC1; ", "v=DKIM1; p="])
            text = start + "".join(chooser.choice(pieces) for _ in range(chooser.randrange(40)))
            lines.append(f"{owner} TXT {text or ' '}".replace("f.example", chooser.choice(
                [domain, f"f{chooser.randrange(count)}.fuzz.example"])))
        lines.append(f"{domain} MX 10 {chooser.choice(['.', '192.0.2.1', 'mx.' + domain, domain])}")
    return "\n".join(lines) + "\n"


def fuzz(site, seed, count):
    server = zone_server.ZoneServer(site.lab, random_records(seed, count), "fuzz")
    tool = Tool(site, server, name="fuzz.conf")

    def one(number):
        words = [f"f{number}.fuzz.example"] + (["--ip", "192.0.2.1"] if number % 3 == 0 else [])
        tool.json(*words)
        status, output, _ = tool.run(*words)
        assert status in (0, 1, 2, 75) and "\x1b" not in output and "\x00" not in output, (seed, number, status)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        list(pool.map(one, range(count)))


class Site:
    """One name server with the zones of the whole table, the command, and the codes that were found."""

    def __init__(self, lab, build):
        self.lab = lab
        self.program = build / "assay"
        self.keys = signing.Keys()
        dns_cases.LEVEL = read_levels(self.program)
        self.server = zone_server.ZoneServer(lab, dns_cases.zone(self.keys))
        self.tool = Tool(self, self.server)
        self.seen = set()
        self.played = 0

    def play(self, case):
        self.seen.update(one_case(self.tool, case))
        self.played += 1


def every_code(site):
    if site.played < len(dns_cases.CASES):
        raise tap.Skip("not every case of the table was played, or not every one held")
    never = set(dns_cases.LEVEL) - site.seen - dns_cases.ELSEWHERE
    assert not never, sorted(never)


TABLE = [(case.name, lambda site, case=case: site.play(case)) for case in dns_cases.CASES]
OTHERS = [("every code is found by a case", every_code), ("the caret stands below the octet", carets),
          ("the caret stands below the tag of a key", key_carets),
          ("the caret stands below the tag of a DMARC record", dmarc_carets), ("text for people", text_for_people),
          ("the public suffix list", by_suffix_list), ("a domain in its own script", own_script),
          ("hostile text", hostile_text), ("usage", misuses),
          ("few round trips", round_trips), ("lookups are counted as assay check counts them", same_as_check),
          ("no name server at all", unreachable), ("keys of the settings", own_keys),
          ("answers that DNSSEC validates", signed)]


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--fuzz", type=int, default=40, help="domains of random records")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    others = [*OTHERS, ("random records", lambda site: fuzz(site, options.seed, options.fuzz))]
    return suite.run("dns", options, TABLE, Site, at_once=4, then=others)


if __name__ == "__main__":
    sys.exit(main())
