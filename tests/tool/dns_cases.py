"""dns_cases.py - the zones of dns_doctor.py, and what is to be found in each.

In a zone, @ is the domain of the case, # its address, and (at) an at sign; a line that begins with a blank is about the domain itself,
one that begins with a name and a dot is about a name below it. What a case does not say of SPF, DKIM, DMARC and MX is
sound. LEVEL is filled in by dns_doctor.py.
"""
import base64
import dataclasses

LEVEL = {}

STANDARD = {
    "spf": " TXT v=spf1 mx -all",
    "dkim": "s1._domainkey. TXT {rsa2048}",
    "dmarc": "_dmarc. TXT v=DMARC1; p=reject; rua=mailto:reports(at)@",
    "mx": " MX 10 mx.@\nmx. A #\nmx. TXT v=spf1 a -all",
    "ptr": "PTR mx.@",
}
SHARED = """\
none.shared.example A 192.0.2.1
1.2.0.192.in-addr.arpa PTR none.shared.example
seven.shared.example A 192.0.2.7
7.2.0.192.in-addr.arpa PTR seven.shared.example
ok.shared.example TXT v=spf1 ip4:192.0.2.0/24 -all
soft.shared.example TXT v=spf1 ip4:192.0.2.0/24 ~all
open.shared.example TXT v=spf1 +all
broken.shared.example TXT v=spf1 frob:x -all
twice.shared.example TXT v=spf1 -all
twice.shared.example TXT v=spf1 ~all
three.shared.example TXT v=spf1 include:ok.shared.example include:soft.shared.example ~all
five.shared.example TXT v=spf1 include:three.shared.example include:ok.shared.example ~all
wide.shared.example TXT v=spf1 ip4:10.0.0.0/8 -all
takes.example MX 10 mx.takes.example
mx.takes.example A 192.0.2.77
*._report._dmarc.takes.example TXT v=DMARC1
refuses.example MX 10 mx.takes.example
nomail.example MX 0 .
*._report._dmarc.nomail.example TXT v=DMARC1
*._report._dmarc.nowhere.example TXT v=DMARC1
*._report._dmarc.asked.example TXT !servfail
asked.example MX 10 mx.takes.example
lost.shared.example TXT !servfail
silent.shared.example A !servfail
silent.shared.example AAAA !servfail
"""


@dataclasses.dataclass
class Case:
    name: str
    zone: dict
    codes: set
    words: list
    fixes: list
    values: dict
    absent: set
    number: int = 0
    domain: str = ""


CASES = []


def case(name, codes="", words="", fix=(), values=None, absent="", domain=None, **zone):
    fix = [fix] if isinstance(fix, str) else list(fix)
    number = len(CASES) + 1
    one = Case(name, {**STANDARD, **zone}, set(codes.split()), words.split(), fix, values or {}, set(absent.split()),
               number, domain or f"d{number}.example")
    one.fixes = [text.replace("@", one.domain).replace("(at)", "@").replace("#", address(one)) for text in fix]
    one.words = [word.replace("@", one.domain).replace("#", address(one)) for word in one.words]
    CASES.append(one)


def address(one):
    return f"198.51.{100 + one.number // 250}.{one.number % 250 + 1}"


def lines_of(one, keys):
    place = address(one)
    for part in one.zone.values():
        for line in filter(None, part.split("\n")):
            for kind in ("rsa2048", "rsa1024", "rsa512", "ed25519", "rsa8192"):
                if "{" + kind + "}" in line:
                    line = line.replace("{" + kind + "}", keys.record(kind))
                if "{p:" + kind + "}" in line:
                    line = line.replace("{p:" + kind + "}", keys.public(kind))
            line = line.replace("@", one.domain).replace("(at)", "@").replace("#", place)
            if line.startswith("PTR "):
                yield ".".join(reversed(place.split("."))) + ".in-addr.arpa " + line
            elif line.startswith("="):
                yield line[1:]
            elif line.startswith(" "):
                yield one.domain + line
            else:
                owner, rest = line.split(" ", 1)
                yield owner.rstrip(".") + "." + one.domain + " " + rest


def zone(keys):
    return SHARED + "".join(line + "\n" for one in CASES for line in lines_of(one, keys))


def spf(text):
    return {"spf": f" TXT {text}"}


def dmarc(text):
    return {"dmarc": f"_dmarc. TXT {text}"}


def dkim(text):
    return {"dkim": f"s1._domainkey. TXT {text}"}


# Codes that need what no zone of this table can have: other settings, no DNSSEC, a flood.
ELSEWHERE = {"domain-secure", "domain-insecure", "dkim-secure", "dkim-own-good", "dkim-own-missing", "dkim-own-differs",
             "dkim-own-pending", "dkim-own-unreadable", "dkim-own-reports",
             # tests/sources
             "dmarc-reported-ready", "dmarc-reported-not-ready", "dmarc-reported-reject", "dmarc-reported-little",
             "dmarc-reported-source"}

case("good: everything", "spf-good spf-all-fail dkim-good dmarc-policy-reject dmarc-rua-good mx-good host-good",
     values={"spf.lookups": 1, "dkim.0.bits": 2048, "dmarc.effective_policy": "reject", "mx.0.status": "good"})
case("good: includes", "spf-good", values={"spf.lookups": 3},
     **spf("v=spf1 mx include:ok.shared.example include:soft.shared.example ~all"))
case("good: quarantine, Ed25519 beside RSA", "dmarc-policy-quarantine dkim-good",
     dkim="s1._domainkey. TXT {rsa2048}\ned25519._domainkey. TXT {ed25519}",
     **dmarc("v=DMARC1; p=quarantine; rua=mailto:r(at)@"))
case("good: p=none is a note", "dmarc-policy-none", absent="dmarc-no-dkim", **dmarc("v=DMARC1; p=none; rua=mailto:r(at)@"))
case("good: reports go elsewhere, who takes them", "dmarc-rua-external dmarc-rua-good",
     **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)takes.example"))
case("good: sends nothing", "domain-sends-nothing dmarc-policy-reject", absent="dmarc-no-rua dmarc-no-dkim",
     spf=" TXT v=spf1 -all", dkim="", mx=" MX 0 .", **dmarc("v=DMARC1; p=reject"))
case("good: takes mail, sends none", "domain-sends-nothing", spf=" TXT v=spf1 -all", dkim="")
case("good: --ip passes", "spf-ip-pass host-good host-helo spf-helo-none", words="--ip #", mx=" MX 10 mx.@\nmx. A #", values={"spf.ip_result": "pass", "spf.ip_term": "mx"})
case("good: HELO passes too", "spf-ip-pass spf-helo-pass", words="--ip #", values={"hosts.0.helo_result": "pass"})
case("good: a selector by name", "dkim-good", words="--selector mine", dkim="mine._domainkey. TXT {rsa2048}", values={"dkim.0.origin": "asked"})
case("good: redirect", "spf-good", values={"spf.lookups": 1}, **spf("v=spf1 redirect=ok.shared.example"))
case("good: an IDN domain", "domain-idn", domain="xn--bcher-kva.example", values={"unicode": "b\u00fccher.example"})
case("good: IPv6 and single addresses", "spf-good", **spf("v=spf1 ip4:# ip6:2001:db8:1::/48 -all"))
case("good: record under the organization", "dmarc-inherited dmarc-policy-reject", domain="sub.org14.example", dmarc="=_dmarc.org14.example TXT v=DMARC1; p=none; sp=reject; rua=mailto:r(at)@", values={"dmarc.policy_domain": "org14.example", "dmarc.tag": "sp"}, absent="dmarc-none")

# Domain
case("domain: does not exist", "domain-none", spf="", dkim="", dmarc="", mx="", ptr="")
case("domain: nothing at all", "spf-none dmarc-none domain-start dkim-none mx-none", spf=" A #", dkim="", dmarc="", mx="",
     fix=['@. IN TXT "v=spf1 mx ~all"', '_dmarc.@. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports(at)@"', "assay key new @"])
case("domain: an alias", "domain-alias", spf=" CNAME target.@\ntarget. TXT v=spf1 ip4:# -all\ntarget. MX 10 mx.@\ntarget. A #", mx="mx. A #")
case("domain: SPF says nothing is sent, DMARC does not", "domain-sends-nothing-partly dmarc-none", fix="v=DMARC1; p=reject",
     spf=" TXT v=spf1 -all", dkim="", dmarc="")
case("domain: null MX and no SPF", "domain-sends-nothing-partly spf-none mx-null dmarc-rua-no-mx", fix='@. IN TXT "v=spf1 -all"', spf="", dkim="", mx=" MX 0 .")
case("domain: a lookup fails", "domain-lookup-failed", mx=" MX !servfail")
case("domain: SPF cannot be asked", "domain-lookup-failed", absent="spf-none", spf=" TXT !servfail")
case("domain: DMARC cannot be asked", "domain-lookup-failed", absent="dmarc-none", **dmarc("!servfail"))
case("domain: a key cannot be asked", "domain-lookup-failed", absent="dkim-none dmarc-no-dkim", **dkim("!servfail"))
case("domain: many findings", "domain-more spf-long spf-many-terms", **spf("v=spf1 mx " + " ".join(f"ip4:203.0.{n}.1/25" for n in range(220)) + " -all"))

# SPF: which record
case("SPF: none", "spf-none", fix="v=spf1 mx ~all", spf="")
case("SPF: several", "spf-several", spf=" TXT v=spf1 mx -all\n TXT v=spf1 a -all")
case("SPF: unknown mechanism", "spf-syntax", **spf("v=spf1 mx frob:x -all"))
for name, text, fixed in [
        ("version with a dot", "v=spf1. mx -all", "v=spf1 mx -all"), ("spf=v1", "spf=v1 mx -all", "v=spf1 mx -all"),
        ("quotes", '"v=spf1 mx -all"', "v=spf1 mx -all"), ("smart quotes", "\u201cv=spf1 mx -all\u201d", "v=spf1 mx -all"),
        ("version with a semicolon", "v=spf1; mx; -all", "v=spf1 mx -all"), ("version with a comma", "v=spf1, mx, -all", "v=spf1 mx -all"),
        ("blanks in the version", "v = spf1 mx -all", "v=spf1 mx -all"), ("blank before", "  v=spf1 mx -all", "v=spf1 mx -all"),
        ("no blank behind the version", "v=spf1mx -all", "v=spf1 mx -all"), ("letters changed", "v=sfp1 mx -all", "v=spf1 mx -all"),
        ("version colon", "v:spf1 mx -all", "v=spf1 mx -all"), ("version without a number", "v=spf mx -all", "v=spf1 mx -all"),
        ("backslashes", "\\x5c\"v=spf1 mx -all\\x5c\"", "v=spf1 mx -all")]:
    case(f"SPF: typo: {name}", "spf-typo", fix=f'@. IN TXT "{fixed}"', absent="spf-none", **spf(text))
for name, text, fixed in [
        ("ipv4", "v=spf1 ipv4:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"), ("ip", "v=spf1 ip:192.0.2.1 -all", "v=spf1 ip4:192.0.2.1 -all"),
        ("semicolon at the end", "v=spf1 mx -all;", "v=spf1 mx -all"), ("comma between", "v=spf1 mx, a -all", "v=spf1 mx a -all"),
        ("quote at the end", 'v=spf1 mx -all"', "v=spf1 mx -all"), ("redirect with a colon", "v=spf1 redirect:ok.shared.example", "v=spf1 redirect=ok.shared.example"),
        ("blank behind a colon", "v=spf1 include: ok.shared.example -all", "v=spf1 include:ok.shared.example -all"),
        ("letters changed", "v=spf1 inlcude:ok.shared.example -all", "v=spf1 include:ok.shared.example -all"),
        ("long dash", "v=spf1 mx \u2013all", "v=spf1 mx -all"), ("typo and +all", "v=spf1 ipv4:192.0.2.1 +all", "v=spf1 ip4:192.0.2.1 ~all")]:
    case(f"SPF: broken: {name}", "spf-syntax", fix=f'"{fixed}"', **spf(text))
for name, text in [("prefix too long", "v=spf1 ip4:192.0.2.0/33 -all"), ("leading zero", "v=spf1 ip4:192.0.2.0/08 -all"), ("no address", "v=spf1 ip4:hello -all"),
                   ("IPv6 in ip4", "v=spf1 ip4:2001:db8::1 -all"), ("macro without end", "v=spf1 exists:%{i -all"), ("macro c", "v=spf1 exists:%{c}.x.example -all"),
                   ("percent alone", "v=spf1 a:%x.example -all"), ("all with a value", "v=spf1 all:x"), ("include without a name", "v=spf1 include -all"),
                   ("name without a top level", "v=spf1 include:localhost -all"), ("two redirects", "v=spf1 redirect=a.example redirect=b.example"),
                   ("a tab", "v=spf1 mx\\x09-all"), ("an octet beyond ASCII", "v=spf1 a:b\\xfccher.example -all"), ("a NUL", "v=spf1 a:x\\x00.example -all")]:
    case(f"SPF: broken: {name}", "spf-syntax", **spf(text))
case("SPF: joined addresses", "spf-joined", fix='"v=spf1 ip4:192.0.2.1 ip4:192.0.2.2 -all"', **spf("v=spf1 ip4:192.0.2.1ip4:192.0.2.2 -all"))
case("SPF: joined includes", "spf-joined spf-include-none", fix="include:ok.shared.example include:soft.shared.example",
     **spf("v=spf1 include:ok.shared.exampleinclude:soft.shared.example -all"))
case("SPF: joined all", "spf-joined", fix='"v=spf1 ip4:192.0.2.1 -all"', **spf("v=spf1 ip4:192.0.2.1-all"))
case("SPF: Sender ID", "spf-sender-id", spf=" TXT v=spf1 mx -all\n TXT spf2.0/pra mx -all")
case("SPF: type 99", "spf-type", spf=" TXT v=spf1 mx -all\n SPF v=spf1 mx -all")
case("SPF: not an SPF record at all", "spf-none", spf=" TXT spf-helper-verification=1234")
case("SPF: a name of one label", "spf-single-label", domain="single")
case("SPF: long", "spf-long", **spf("v=spf1 mx " + " ".join(f"ip4:203.0.113.{2 * n}/31" for n in range(30)) + " -all"))

# SPF: what it costs
case("SPF: lookups 7", "spf-good", values={"spf.lookups": 7}, **spf("v=spf1 mx include:five.shared.example include:ok.shared.example -all"))
case("SPF: lookups 9", "spf-lookups-near", values={"spf.lookups": 9}, **spf("v=spf1 mx include:five.shared.example include:ok.shared.example include:soft.shared.example a:mx.@ -all"))
case("SPF: lookups 11", "spf-lookups", values={"spf.lookups": 11}, **spf("v=spf1 mx include:five.shared.example include:three.shared.example include:ok.shared.example include:soft.shared.example -all"))
case("SPF: lookups 26", "spf-lookups", values={"spf.lookups": 26}, **spf("v=spf1 mx " + "include:five.shared.example ?include:five.shared.example ~include:five.shared.example -include:five.shared.example +include:five.shared.example -all"))
case("SPF: lookups beyond 40", "spf-lookups-more spf-duplicate", values={"spf.lookups": 40, "spf.more": True}, **spf("v=spf1 mx " + "include:five.shared.example " * 8 + "-all"))
case("SPF: behind all nothing is counted", "spf-after-all", values={"spf.lookups": 1}, **spf("v=spf1 mx -all include:five.shared.example"))
case("SPF: two void lookups", "spf-void-some", values={"spf.void_lookups_ipv4": 2, "spf.void_lookups_ipv6": 2}, **spf("v=spf1 mx a:v1.@ a:v2.@ -all"))
case("SPF: three void lookups", "spf-void spf-void-some", values={"spf.void_lookups_ipv4": 3}, **spf("v=spf1 mx a:v1.@ a:v2.@ exists:v3.@ -all"))
case("SPF: mx whose names have no addresses is one term that found something", "spf-mx-address mx-missing", absent="spf-void spf-void-some",
     values={"spf.void_lookups_ipv4": 0, "spf.void_lookups_ipv6": 0},
     mx=" MX 10 mx.@\n MX 20 v1.@\n MX 30 v2.@\n MX 40 v3.@\nmx. A #", **spf("v=spf1 mx -all"))
case("SPF: void over IPv6 alone", "spf-void-ipv6", values={"spf.void_lookups_ipv4": 0, "spf.void_lookups_ipv6": 3}, **spf("v=spf1 a:mx.@ mx a:none.shared.example a:mx.@ -all"))
case("SPF: a without addresses", "spf-void-some", **spf("v=spf1 mx a -all"))
case("SPF: mx without MX", "spf-void-some", **spf("v=spf1 mx mx:mx.@ -all"))
case("SPF: mx of a null MX", "spf-mx-null", **spf("v=spf1 mx mx:nomail.example -all"))
case("SPF: too many MX", "spf-mx-many", spf=" TXT v=spf1 mx mx:many.@ -all\n" + "\n".join(f"many. MX 10 m{n}.@" for n in range(12)))
case("SPF: include without record", "spf-include-none", **spf("v=spf1 mx include:none.shared.example -all"))
case("SPF: include of nothing", "spf-include-none", **spf("v=spf1 mx include:nothing.@ -all"))
case("SPF: include with two records", "spf-include-several", **spf("v=spf1 mx include:twice.shared.example -all"))
case("SPF: include that is broken", "spf-syntax", **spf("v=spf1 mx include:broken.shared.example -all"))
case("SPF: include of itself", "spf-loop", **spf("v=spf1 mx include:@ -all"))
case("SPF: include in a ring", "spf-loop", spf=" TXT v=spf1 mx include:a.@ -all\na. TXT v=spf1 include:b.@ -all\nb. TXT v=spf1 include:a.@ -all")
case("SPF: redirect to itself", "spf-loop", **spf("v=spf1 mx redirect=@"))
case("SPF: redirect without record", "spf-redirect-none", **spf("v=spf1 mx redirect=none.shared.example"))
case("SPF: include that cannot be asked", "domain-lookup-failed", absent="spf-include-none", **spf("v=spf1 mx include:lost.shared.example -all"))
case("SPF: addresses that cannot be asked", "domain-lookup-failed", absent="spf-void-some", **spf("v=spf1 mx a:silent.shared.example -all"))
case("SPF: an include name with empty labels", "spf-target", **spf("v=spf1 mx include:a..example -all"))

# SPF: what it lets pass
case("SPF: +all", "spf-all-pass", fix='"v=spf1 mx ~all"', **spf("v=spf1 mx +all"))
case("SPF: all without a sign", "spf-all-pass", fix='"v=spf1 mx ~all"', **spf("v=spf1 mx all"))
case("SPF: ?all", "spf-all-neutral", fix='"v=spf1 mx ~all"', **spf("v=spf1 mx ?all"))
case("SPF: no all", "spf-all-missing", fix='"v=spf1 mx ~all"', **spf("v=spf1 mx"))
case("SPF: ~all is a note", "spf-all-softfail", **spf("v=spf1 mx ~all"))
case("SPF: redirect beside all", "spf-redirect-ignored", fix='"v=spf1 mx -all"', **spf("v=spf1 mx redirect=ok.shared.example -all"))
case("SPF: terms behind all", "spf-after-all", fix='"v=spf1 mx -all"', **spf("v=spf1 mx -all ip4:192.0.2.1"))
case("SPF: twice the same", "spf-duplicate", fix='"v=spf1 mx ip4:192.0.2.1 -all"', **spf("v=spf1 mx ip4:192.0.2.1 ip4:192.0.2.1 -all"))
case("SPF: one in another", "spf-overlap", fix='"v=spf1 mx ip4:192.0.2.0/24 -all"', **spf("v=spf1 mx ip4:192.0.2.7 ip4:192.0.2.0/24 -all"))
case("SPF: one in another behind a minus", "spf-good", absent="spf-overlap", **spf("v=spf1 mx -ip4:192.0.2.7 ip4:192.0.2.0/24 -all"))
case("SPF: /0", "spf-everybody", **spf("v=spf1 ip4:0.0.0.0/0 -all"))
case("SPF: IPv6 /0", "spf-everybody", **spf("v=spf1 ip6:::/0 -all"))
case("SPF: /8", "spf-wide", **spf("v=spf1 mx ip4:17.0.0.0/8 -all"))
case("SPF: IPv6 /16", "spf-wide", **spf("v=spf1 mx ip6:2001::/16 -all"))
case("SPF: a/0", "spf-everybody", **spf("v=spf1 mx/0 -all"))
case("SPF: a wide include", "spf-wide", **spf("v=spf1 mx include:wide.shared.example -all"))
case("SPF: private addresses", "spf-private", fix='"v=spf1 mx -all"', **spf("v=spf1 mx ip4:192.168.1.1 -all"))
case("SPF: bits behind the prefix", "spf-host-bits", **spf("v=spf1 mx ip4:192.0.2.5/24 -all"))
case("SPF: an include that lets everybody pass", "spf-include-all-pass", **spf("v=spf1 mx include:open.shared.example -all"))
case("SPF: ptr", "spf-ptr", values={"spf.lookups": 2}, **spf("v=spf1 mx ptr -all"))
case("SPF: macro", "spf-macro", values={"spf.lookups": 2}, **spf("v=spf1 mx exists:%{i}._spf.@ -all"))
case("SPF: macro p", "spf-macro-ptr spf-macro", values={"spf.lookups": 3}, **spf("v=spf1 mx exists:%{p}._spf.@ -all"))
case("SPF: macro d is followed", "spf-good", spf=" TXT v=spf1 mx include:_spf.%{d} -all\n_spf. TXT v=spf1 ip4:192.0.2.1 -all", values={"spf.lookups": 2}, absent="spf-macro")
case("SPF: unknown modifier", "spf-unknown-modifier", **spf("v=spf1 mx moo=1 -all"))
case("SPF: include with an equals sign", "spf-modifier-typo", **spf("v=spf1 mx include=ok.shared.example -all"))
case("SPF: explanation that is not there", "spf-exp-none", **spf("v=spf1 mx exp=why.@ -all"))
case("SPF: explanation", "spf-good", absent="spf-exp-none", spf=" TXT v=spf1 mx exp=why.@ -all\nwhy. TXT go away")
case("SPF: --ip fails", "spf-ip-not host-no-ptr", words="--ip 203.0.113.99", values={"spf.ip_result": "fail"})
case("SPF: --ip and an error", "spf-ip-error spf-syntax", words="--ip #", absent="spf-ip-pass", **spf("v=spf1 frob -all"))
case("SPF: --ip without record", "spf-none spf-ip-none", words="--ip #", spf="")
case("SPF: HELO does not pass", "spf-helo-not spf-ip-pass", words="--ip #", mx=" MX 10 mx.@\nmx. A #\nmx. TXT v=spf1 -all")
case("SPF: more terms than are shown", "spf-many-terms spf-long", **spf("v=spf1 mx " + " ".join(f"ip4:203.0.{n}.0/24" for n in range(210)) + " -all"))

# DKIM
case("DKIM: none at the usual selectors", "dkim-none dmarc-no-dkim", dkim="")
case("DKIM: none where one was named", "dkim-selector-none", words="--selector gone")
case("DKIM: revoked", "dkim-revoked dmarc-no-dkim", **dkim("v=DKIM1; p="))
case("DKIM: test", "dkim-testing", values={"dkim.0.testing": True}, **dkim("v=DKIM1; t=y; p={p:rsa2048}"))
case("DKIM: same domain", "dkim-same-domain", **dkim("v=DKIM1; t=s; p={p:rsa2048}"))
case("DKIM: 512 bits", "dkim-short dmarc-no-dkim", **dkim("{rsa512}"))
case("DKIM: 1024 bits", "dkim-weak", values={"dkim.0.bits": 1024}, **dkim("{rsa1024}"))
case("DKIM: 8192 bits", "dkim-large", **dkim("{rsa8192}"))
case("DKIM: no v=", "dkim-version-missing", **dkim("k=rsa; p={p:rsa2048}"))
case("DKIM: v= not first", "dkim-broken dmarc-no-dkim", **dkim("k=rsa; v=DKIM1; p={p:rsa2048}"))
case("DKIM: another version", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM2; p={p:rsa2048}"))
case("DKIM: sha1 alone", "dkim-broken dkim-sha1 dmarc-no-dkim", **dkim("v=DKIM1; h=sha1; p={p:rsa2048}"))
case("DKIM: sha1 too", "dkim-sha1", **dkim("v=DKIM1; h=sha1:sha256; p={p:rsa2048}"))
case("DKIM: not for mail", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; s=other; p={p:rsa2048}"))
case("DKIM: notes", "dkim-notes", **dkim("v=DKIM1; n=made by me; p={p:rsa2048}"))
case("DKIM: unknown tag", "dkim-unknown-tag", **dkim("v=DKIM1; x=1; p={p:rsa2048}"))
case("DKIM: unknown kind", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; k=dsa; p={p:rsa2048}"))
case("DKIM: no p=", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; k=rsa"))
case("DKIM: no base64", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; p=MII###"))
case("DKIM: key cut short", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"))
case("DKIM: a tag twice", "dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; p={p:rsa2048}; p={p:rsa2048}"))
case("DKIM: quotes", "dkim-quotes dmarc-no-dkim", fix="v=DKIM1; k=rsa; p=", **dkim('"{rsa2048}"'))
case("DKIM: quotes within", "dkim-quotes dmarc-no-dkim", **dkim('v=DKIM1; p=MIIB" "{p:rsa2048}'))
case("DKIM: backslash before the semicolon", "dkim-escaped dmarc-no-dkim", **dkim("v=DKIM1\\x5c; p={p:rsa2048}"))
case("DKIM: blanks within p=", "dkim-spaced dkim-broken dmarc-no-dkim", **dkim("v=DKIM1; p=MIIB SPLIT"))
case("DKIM: several records", "dkim-several dmarc-no-dkim", dkim="s1._domainkey. TXT {rsa2048}\ns1._domainkey. TXT {ed25519}")
case("DKIM: a wildcard", "dkim-wildcard dmarc-no-dkim", dkim="*._domainkey. TXT v=spf1 -all", values={"dkim": []})
case("DKIM: exponent 3", "dkim-exponent", **dkim("v=DKIM1; p=" + base64.b64encode(
    bytes.fromhex("30820120300d06092a864886f70d01010105000382010d003082010802820101" "00" + "c3" * 256 + "020103")).decode()))

# DMARC
case("DMARC: none", "dmarc-none", fix="v=DMARC1; p=none; rua=mailto:dmarc-reports(at)@", dmarc="")
case("DMARC: several", "dmarc-several", dmarc="_dmarc. TXT v=DMARC1; p=none\n_dmarc. TXT v=DMARC1; p=reject")
for name, text in [("lower case", "v=dmarc1; p=reject; rua=mailto:r(at)@"), ("quotes", '"v=DMARC1; p=reject; rua=mailto:r(at)@"'), ("smart quotes", "\u201cv=DMARC1; p=reject; rua=mailto:r(at)@\u201d"),
                   ("no semicolon", "v=DMARC1 p=reject rua=mailto:r(at)@"), ("commas", "v=DMARC1, p=reject, rua=mailto:r(at)@"), ("blank in the version", "v=DMARC 1; p=reject; rua=mailto:r(at)@"), ("version without a number", "v=DMARC; p=reject; rua=mailto:r(at)@")]:
    case(f"DMARC: typo: {name}", "dmarc-typo", fix='_dmarc.@. IN TXT "v=DMARC1; p=reject; rua=mailto:r(at)@"', absent="dmarc-none", **dmarc(text))
case("DMARC: p= first", "dmarc-typo", **dmarc("p=reject; v=DMARC1; rua=mailto:r(at)@"))
case("DMARC: at the domain itself", "dmarc-misplaced", absent="dmarc-policy-reject", dmarc=" TXT v=DMARC1; p=reject; rua=mailto:r(at)@")
case("DMARC: name completed twice", "dmarc-misplaced", dmarc="_dmarc.@. TXT v=DMARC1; p=reject")
case("DMARC: unknown policy", "dmarc-broken", **dmarc("v=DMARC1; p=rejct; rua=mailto:r(at)@"))
case("DMARC: unknown policy without reports", "dmarc-unusable dmarc-no-rua", **dmarc("v=DMARC1; p=rejct"))
case("DMARC: p missing", "dmarc-policy-missing", **dmarc("v=DMARC1; rua=mailto:r(at)@"))
case("DMARC: bad alignment mode", "dmarc-invalid", **dmarc("v=DMARC1; p=reject; adkim=strict; rua=mailto:r(at)@"))
case("DMARC: a tag twice", "dmarc-invalid", **dmarc("v=DMARC1; p=reject; p=none; rua=mailto:r(at)@"))
case("DMARC: policy= for p=", "dmarc-tag-typo dmarc-policy-missing", fix="v=DMARC1; p=reject; rua=mailto:r(at)@", **dmarc("v=DMARC1; policy=reject; rua=mailto:r(at)@"))
case("DMARC: rau= for rua=", "dmarc-tag-typo dmarc-no-rua", fix="v=DMARC1; p=reject; rua=mailto:r(at)@", **dmarc("v=DMARC1; p=reject; rau=mailto:r(at)@"))
case("DMARC: unknown tag", "dmarc-unknown-tag", **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)@; zz=1"))
case("DMARC: semicolon missing", "dmarc-semicolon dmarc-broken", fix="v=DMARC1; p=reject; sp=none; rua=mailto:r(at)@", **dmarc("v=DMARC1; p=reject sp=none; rua=mailto:r(at)@"))
case("DMARC: pct=100", "dmarc-pct", absent="dmarc-unknown-tag", **dmarc("v=DMARC1; p=reject; pct=100; rua=mailto:r(at)@"))
case("DMARC: pct=20", "dmarc-pct-partial", **dmarc("v=DMARC1; p=reject; pct=20; rua=mailto:r(at)@"))
case("DMARC: rf and ri", "dmarc-rf dmarc-ri", **dmarc("v=DMARC1; p=reject; rf=afrf; ri=86400; rua=mailto:r(at)@"))
case("DMARC: test mode", "dmarc-test-mode", values={"dmarc.effective_policy": "quarantine"}, absent="dmarc-policy-reject", **dmarc("v=DMARC1; p=reject; t=y; rua=mailto:r(at)@"))
case("DMARC: weaker below", "dmarc-sp-weaker", **dmarc("v=DMARC1; p=reject; sp=none; rua=mailto:r(at)@"))
case("DMARC: weaker for what does not exist", "dmarc-np-weaker", **dmarc("v=DMARC1; p=reject; np=none; rua=mailto:r(at)@"))
case("DMARC: strict", "dmarc-strict", **dmarc("v=DMARC1; p=reject; adkim=s; aspf=s; rua=mailto:r(at)@"))
case("DMARC: no rua", "dmarc-no-rua", fix="v=DMARC1; p=reject; rua=mailto:dmarc-reports(at)@", **dmarc("v=DMARC1; p=reject"))
case("DMARC: rua without mailto", "dmarc-rua-malformed", **dmarc("v=DMARC1; p=reject; rua=r(at)@"))
case("DMARC: rua by https", "dmarc-rua-scheme", **dmarc("v=DMARC1; p=reject; rua=https://x.example/,mailto:r(at)@"))
case("DMARC: rua with a size", "dmarc-rua-size", **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)@!10m"))
case("DMARC: rua elsewhere, not allowed", "dmarc-rua-unauthorised", fix='@._report._dmarc.refuses.example. IN TXT "v=DMARC1;"', values={"dmarc.reports.0.external": True, "dmarc.reports.0.status": "refused"},
     **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)refuses.example"))
case("DMARC: rua where no mail goes", "dmarc-rua-no-mx", **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)nomail.example"))
case("DMARC: rua at a name without MX", "dmarc-rua-no-mx", **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)nowhere.example"))
case("DMARC: nobody knows whether reports may go there", "domain-lookup-failed", values={"dmarc.reports.0.status": "unknown"}, absent="dmarc-rua-unauthorised dmarc-rua-good",
     dmarc="_dmarc. TXT v=DMARC1; p=reject; rua=mailto:r(at)sub.@\n_dmarc.sub. TXT !servfail\nsub. MX 10 mx.@")
case("DMARC: the other side cannot be asked", "domain-lookup-failed", values={"dmarc.reports.0.status": "unknown"}, absent="dmarc-rua-unauthorised",
     **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)asked.example"))
case("SPF: --ip and a macro that cannot be asked", "domain-lookup-failed spf-macro", words="--ip #", absent="spf-ip-pass", values={"spf.ip_result": "temperror"},
     spf=" TXT v=spf1 exists:%{i}._x.@ mx -all\n*._x. A !servfail")
case("DMARC: ruf", "dmarc-ruf", **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)@; ruf=mailto:r(at)@; fo=1"))
case("DMARC: fo without ruf", "dmarc-fo-unused", **dmarc("v=DMARC1; p=reject; rua=mailto:r(at)@; fo=1"))
case("DMARC: psd=y", "dmarc-psd", **dmarc("v=DMARC1; p=reject; psd=y; rua=mailto:r(at)@"))
case("DMARC: psd=n", "dmarc-psd-no", **dmarc("v=DMARC1; p=reject; psd=n; rua=mailto:r(at)@"))
case("DMARC: nothing to pass with", "dmarc-nothing-to-pass spf-none", spf="", dkim="")
case("DMARC: -all without DKIM", "dmarc-spf-refuses", dkim="", **dmarc("v=DMARC1; p=none; rua=mailto:r(at)@"))
case("DMARC: long", "dmarc-long", **dmarc("v=DMARC1; p=reject; rua=" + ",".join(f"mailto:reports-number-{n}(at)@" for n in range(20))))
case("DMARC: a record between is not used", "dmarc-ignored dmarc-inherited", domain="a.b.org190.example",
     dmarc="=_dmarc.b.org190.example TXT v=DMARC1; p=none\n=_dmarc.org190.example TXT v=DMARC1; p=reject; rua=mailto:r(at)@")
case("DMARC: sp where it counts for nothing", "dmarc-sp-unused", domain="sub.org191.example",
     dmarc="_dmarc. TXT v=DMARC1; p=reject; sp=none; rua=mailto:r(at)@\n=_dmarc.org191.example TXT v=DMARC1; p=reject")
case("DMARC: an organization by its own word", "dmarc-inherited dmarc-psd-no", domain="a.b.org192.example",
     dmarc="=_dmarc.b.org192.example TXT v=DMARC1; p=reject; psd=n; rua=mailto:r(at)@\n=_dmarc.org192.example TXT v=DMARC1; p=reject; rua=mailto:r(at)@")

# MX and servers
case("MX: none and no address", "mx-nowhere dmarc-rua-no-mx", mx="", ptr="", **spf("v=spf1 ip4:192.0.2.0/24 -all"))
case("MX: addresses alone", "mx-none", mx=" A #\nmx. A #", **spf("v=spf1 a -all"))
case("MX: null MX but SPF sends", "mx-null-sends dmarc-rua-no-mx", mx=" MX 0 .\nmx. A #", **spf("v=spf1 ip4:# -all"))
case("MX: null MX beside another", "mx-null-mixed", mx=" MX 0 .\n MX 10 mx.@\nmx. A #")
case("MX: without address", "mx-missing spf-mx-address", absent="spf-void-some", mx=" MX 10 mx.@\n MX 20 gone.@\nmx. A #")
case("MX: alias", "mx-alias", mx=" MX 10 alias.@\nalias. CNAME mx.@\nmx. A #")
case("MX: an address", "mx-literal spf-mx-address", absent="spf-void-some", mx=" MX 10 mx.@\n MX 20 192.0.2.5\nmx. A #")
case("MX: private address", "mx-private", mx=" MX 10 mx.@\nmx. A 10.1.2.3", ptr="")
case("server: no name", "host-no-ptr", fix="IN PTR mail.@.", ptr="", **spf("v=spf1 mx ip4:203.0.113.77 -all"))
case("server: no name, but the MX has one", "host-no-ptr", fix="IN PTR mx.@.", ptr="")
case("server: no name, but the MX has one for ip4:", "host-no-ptr", fix="IN PTR mx.@.", ptr="", **spf("v=spf1 ip4:# -all"))
case("server: no name, but SPF has one", "host-no-ptr", fix="IN PTR out.@.", ptr="", spf=" TXT v=spf1 a:out.@ -all\nout. A #",
     mx=" MX 10 mx.@\nmx. A 192.0.2.1")
case("server: name leads elsewhere", "host-mismatch", ptr="PTR none.shared.example")
case("server: name does not exist", "host-mismatch", ptr="PTR gone.@")
case("server: generic name", "host-generic", ptr="PTR dynamic-1.@\ndynamic-1. A #")
case("server: private --ip", "host-private spf-ip-not", words="--ip 10.0.0.1")
case("server: PTR cannot be asked", "domain-lookup-failed", absent="host-no-ptr", ptr="PTR !servfail")

# Hostile
case("hostile: control octets everywhere", "spf-syntax dkim-broken dmarc-broken", spf=" TXT v=spf1 \\x1b[31m\\x07 -all",
     dkim="s1._domainkey. TXT v=DKIM1; p=\\x1b[2J", dmarc="_dmarc. TXT v=DMARC1; p=\\x1b]0;x; rua=mailto:r(at)@")
case("hostile: 60 kB of includes", "spf-lookups-more spf-long spf-include-none", **spf("v=spf1 " + " ".join(f"include:x{n}.@" for n in range(1500)) + " -all"))
case("hostile: a chain of redirects", "spf-lookups-more", spf=" TXT v=spf1 redirect=r0.@\n" + "\n".join(f"r{n}. TXT v=spf1 redirect=r{n + 1}.@" for n in range(60)))
case("hostile: a tree of includes", "spf-lookups-more", spf=" TXT v=spf1 mx include:t0.@ ?include:t0.@ -all\n" + "\n".join(f"t{n}. TXT v=spf1 include:t{n + 1}.@ ?include:t{n + 1}.@ -all" for n in range(50)))
