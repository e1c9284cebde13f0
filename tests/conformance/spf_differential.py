#!/usr/bin/python3
"""Compares Assay's SPF with python3-spf on generated records.

5,000 cases from a fixed seed mix every mechanism, modifier and macro with good and broken grammar and with DNS
answers of every kind. Where the two differ, python3-spf is asked again with its known deviations from RFC 7208
corrected (class Corrected, each with its section); what then still differs has to be a case of `EXPLAINED`, or the
test fails. libspf2 behind our record check has to agree with our own evaluator on all of them.

    spf_differential.py [-v] [SEED [CASES]]
"""
import collections
import os
import random
import re
import subprocess
import sys

try:
    import spf
except ImportError:
    print("SKIP: python3-spf is not installed")
    sys.exit(77)

PROGRAM = os.environ.get("SPF_CASES", "tests/conformance/spf_cases")
RECEIVER = "mx.receiver.example"
NOW = "1767225600"
PIECE = re.compile(r"%(?:[%_-]|\{[slodipvhcrt](?:0*[1-9][0-9]*)?r?[.+,/_=-]*\})|[^%]+", re.IGNORECASE)

# ---------------------------------------------------------------------------------------------------- generation

NAMES = ["example.com", "a.example.com", "b.example.com", "c.d.example.com", "mail.example.org", "mx.example.org",
         "example.org", "_spf.example.net", "host-1.example.net", "void.example", "gone.void.example"]
CLIENTS = ["192.0.2.1", "192.0.2.130", "198.51.100.7", "2001:db8::1", "2001:db8:0:8000::7", "::ffff:192.0.2.1"]
LOCALS = ["user", "first.last", "a-b+c_d=e", "", "x--y", "~odd&one", "UPPER.Case"]
HELOS = ["mail.example.org", "host-1.example.net", "localhost", "[192.0.2.1]", "mx.example.org", "a/b c"]
ALPHABET = "abcdep468.:/-=%{}~+?x0123"


def pick(chance, choices, weights=None):
    return chance.choices(choices, weights)[0]


def macro(chance):
    letter = pick(chance, "slodivhpcrtx", [9, 9, 9, 9, 9, 6, 6, 2, .05, .05, .05, .03])
    letter = letter.upper() if chance.random() < .15 else letter
    digits = str(chance.randrange(0, 4)) if chance.random() < .3 else ""
    if digits == "0" and chance.random() < .8:
        digits = "1"
    reverse = pick(chance, ["", "r", "R"], [7, 3, .05])
    delimiters = "".join(chance.choices(".-+,/_=", k=chance.randrange(1, 4))) if chance.random() < .25 else ""
    return "%{" + letter + digits + reverse + delimiters + "}"


def domain_spec(chance):
    kind = chance.random()
    name = pick(chance, NAMES)
    if kind < .68:
        return name + ("." if chance.random() < .05 else "")
    if kind < .80:
        return macro(chance) + "." + name
    if kind < .86:
        return macro(chance)
    if kind < .90:
        return ".".join(macro(chance) for _ in range(chance.randrange(1, 40))) + "." + name
    if kind < .97:
        return pick(chance, ["%%", "%_", "%-", "x%%y", "a%_b"]) + "." + name
    return pick(chance, ["museum", "museum.", "a..example.com", ".example.com", "x" * 64 + ".example.com", "1.2.3.4",
                         "example.123", "example.-com", "foo:bar/baz.example.com", "%{d}x", "%(d).example.com", ""])


def bits(chance, most):
    return pick(chance, [str(chance.randrange(0, most + 1)), str(most), "0", str(most + 1), "08"], [20, 8, 4, .3, .2])


def dual(chance):
    text = "/" + bits(chance, 32) if chance.random() < .25 else ""
    return text + ("//" + bits(chance, 128) if chance.random() < .2 else "")


def network(chance):
    if chance.random() < .6:
        address = pick(chance, ["192.0.2.1", "192.0.2.0", "198.51.100.0", "10.0.0.1", "192.0.2.300", "192.0.2"],
                       [6, 6, 6, 6, .2, .2])
        return "ip4:" + address + ("/" + bits(chance, 32) if chance.random() < .6 else "")
    address = pick(chance, ["2001:db8::1", "2001:db8::", "::ffff:192.0.2.1", "fe80::1", "2001:db8::1::"], [6, 6, 2, 4, .2])
    return "ip6:" + address + ("/" + bits(chance, 128) if chance.random() < .6 else "")


def mechanism(chance):
    kind = pick(chance, ["ip", "a", "mx", "include", "exists", "ptr", "all"], [24, 20, 14, 18, 10, 7, 2])
    if kind == "ip":
        text = network(chance)
    elif kind in ("a", "mx"):
        text = kind + (":" + domain_spec(chance) if chance.random() < .75 else "") + dual(chance)
    elif kind == "ptr":
        text = kind + (":" + domain_spec(chance) if chance.random() < .6 else "")
    elif kind == "all":
        text = kind
    else:
        text = kind + ":" + domain_spec(chance)
    text = pick(chance, ["", "+", "-", "~", "?"], [10, 1, 3, 2, 2]) + text
    return text.upper() if chance.random() < .02 else text


def modifier(chance):
    kind = pick(chance, ["redirect=", "exp=", "x-tag=", "Redirect=", "EXP="], [10, 10, 3, .2, .2])
    value = domain_spec(chance)
    return kind + (value if kind != "x-tag=" or chance.random() < .8 else "")


def broken(chance, text):
    at = chance.randrange(len(text))
    how = chance.random()
    if how < .4:
        return text[:at] + text[at + 1:]
    if how < .8:
        return text[:at] + pick(chance, ALPHABET) + text[at:]
    return text[:at] + pick(chance, ALPHABET) + text[at + 1:]


def spf_record(chance):
    terms = [mechanism(chance) for _ in range(pick(chance, [0, 1, 2, 3, 4, 6, 12], [1, 5, 8, 8, 4, 2, 1]))]
    terms += {term.split("=")[0]: term for term in (modifier(chance) for _ in range(chance.randrange(3)))}.values()
    if chance.random() < .02:
        terms.append(modifier(chance))
    chance.shuffle(terms)
    if chance.random() < .65:
        terms.append(pick(chance, ["-all", "~all", "?all", "all"], [6, 3, 1, 1]))
    text = pick(chance, ["v=spf1", "V=SPF1", "v=spf10"], [50, 1, .3])
    text += "".join(" " * pick(chance, [1, 2], [9, 1]) + term for term in terms)
    return broken(chance, text) if chance.random() < .03 else text


def explanation(chance):
    return pick(chance, ["not allowed", "%{s} from %{c} at %{t}", "%{i} is not %{d}, says %{r}", "bad %", "%{ir}.%{v}.arpa",
                         "see http://x.example/?%{S}%%%_%-%{H}", "%{p} it is", "no%ne", "\x80"],
                [3, 3, 3, 1, 2, 3, 1, .5, .3])


def reverse_name(client):
    query = spf.query(i=client, s="a@b.example", h="h")
    return spf.reverse_dots(query.i).lower() + "." + query.v + ".arpa"


def generate(chance):
    """One case: its zone, a list of (name, type, value) with the type "FAIL" for lookups that fail, and the message."""
    zone = []
    client = pick(chance, CLIENTS)
    for name in NAMES[:-2]:
        if chance.random() < .9:
            zone.append((name, "TXT", spf_record(chance)))
        if chance.random() < .04:
            zone.append((name, "TXT", pick(chance, [spf_record(chance), "unrelated"])))
        for _ in range(pick(chance, [0, 1, 3], [3, 5, 1])):
            zone.append((name, "A", pick(chance, ["192.0.2.1", "192.0.2.77", "198.51.100.7", "10.1.1.1"])))
        for _ in range(pick(chance, [0, 1, 2], [4, 4, 1])):
            zone.append((name, "AAAA", pick(chance, ["2001:db8::1", "2001:db8::ff", "fe80::2"])))
        for preference in range(pick(chance, [0, 1, 3, 11], [4, 5, 3, .4])):
            zone.append((name, "MX", (preference // 2, pick(chance, NAMES + [""]))))
        if chance.random() < .025:
            zone.append((name, "FAIL", pick(chance, ["TXT", "A", "AAAA", "MX"])))
    for _ in range(pick(chance, [0, 1, 3, 12], [3, 5, 3, 1])):
        zone.append((reverse_name(client), "PTR", pick(chance, NAMES)))
    if chance.random() < .03:
        zone.append((reverse_name(client), "FAIL", "PTR"))
    for record in [value for name, kind, value in zone if kind == "TXT"]:
        for name in re.findall(r"(?:exp)=([a-z0-9.-]+)", record, re.IGNORECASE):
            if chance.random() < .7 and name.rstrip(".") not in NAMES:
                zone.append((name.rstrip("."), "TXT", explanation(chance)))
    for name in NAMES[-2:]:
        if chance.random() < .15:
            zone.append((name, "TXT", explanation(chance)))
    sender = pick(chance, LOCALS) + "@" + pick(chance, NAMES[:-1], [30] + [1] * (len(NAMES) - 2))
    return zone, client, pick(chance, HELOS), sender if chance.random() < .97 else ""


# ---------------------------------------------------------------------------------------------------- python3-spf

ZONE = {}


def fake_lookup(name, qtype, _strict=True, _timeout=None):
    key = name.lower().rstrip(".")
    if (key, qtype) in ZONE["failing"]:
        raise spf.TempError("DNS timeout")
    for value in ZONE["records"].get((key, qtype), []):
        yield (name, qtype), [value.encode("latin-1")] if qtype == "TXT" else value


class AlwaysDots(dict):
    def get(self, _key, _default=None):
        return "."


class Corrected(spf.query):
    """python3-spf where RFC 7208 is clear and it goes its own way."""

    def __init__(self, i, s, **others):
        """4.3: a missing local part is postmaster, in %{s} too."""
        super().__init__(i, "postmaster" + s if s.startswith("@") else s, **others)

    def addresses_of(self, name):
        """4.6.4: void lookups are terms; the names of an MX or PTR answer are none."""
        voids, self.void_lookups = self.void_lookups, -1000
        try:
            return list(self.dns_a(name, self.A))
        finally:
            self.void_lookups = voids

    def dns_mx(self, domainname):
        """5.4: address after address, until one matches."""
        names = sorted(self.dns(domainname, "MX"))
        if len(names) > spf.MAX_MX:
            raise spf.PermError("too many MX")
        return (address for _, name in names for address in self.addresses_of(name))

    def cidrmatch(self, ipaddrs, n):
        return any(super(Corrected, self).cidrmatch([address], n) for address in ipaddrs)

    def validated_ptrs(self):
        """5.5: an error of the DNS is no match, or no name."""
        names = []
        try:
            found = self.dns_ptr(self.i)[:spf.MAX_PTR]
        except spf.TempError:
            return names
        for name in found:
            try:
                if self.cidrmatch(self.addresses_of(name), self.cidrmax):
                    names.append(name)
            except spf.TempError:
                pass
        return names

    def getp(self):
        """7.3: of the current domain; and not looked up before its term is evaluated (4.6)."""
        voids, self.void_lookups = self.void_lookups, -1000
        self.p = None
        super().getp()
        self.void_lookups = voids
        return self.p

    def note_error(self, *msg):
        """6: only redirect and exp may not appear twice."""
        if msg[0].endswith("MUST appear at most once") and not msg[0].startswith(("exp=", "redirect=")):
            return None
        return super().note_error(*msg)

    def expand(self, s, stripdot=True):
        """7.1: the grammar of macros; 7.3: labels go until 253 octets are left, of names, not of explanations."""
        pieces = PIECE.findall(s)
        if "".join(pieces) != s or stripdot and re.search(r"%\{[crt]", s, re.IGNORECASE):
            raise spf.PermError("invalid macro", s)
        result = "".join(self.expand_piece(piece) for piece in pieces)
        if not stripdot:
            return result
        result = result[:-1] if result.endswith(".") else result
        while len(result) > 253 and "." in result:
            result = result[result.index(".") + 1:]
        return result

    def expand_piece(self, piece):
        if not piece.startswith("%{"):
            return {"%%": "%", "%_": " ", "%-": "%20"}.get(piece, piece)
        return super().expand(re.sub(r"R([.+,/_=-]*\}$)", r"r\1", piece), False)


def ask_python(case, kind):
    zone, client, helo, sender = case
    ZONE["records"] = collections.defaultdict(list)
    ZONE["failing"] = set()
    for name, rtype, value in zone:
        if rtype == "FAIL":
            ZONE["failing"].add((name, value))
        else:
            ZONE["records"][(name, rtype)].append(value)
    spf.JOINERS = AlwaysDots() if kind is Corrected else {"l": ".", "s": "."}  # 7.3: parts are joined with dots
    query = kind(client, sender, h=helo, receiver=RECEIVER, strict=True)
    query.t = NOW
    query.set_default_explanation("DEFAULT")
    result, _, text = query.check()
    text = "" if result != "fail" or text == "DEFAULT" else text
    problem = str(query.perm_error or getattr(query, "prob", ""))
    return result, text, problem, query.lookups


# ---------------------------------------------------------------------------------------------------- Assay

def encode(text):
    return text.encode("latin-1").hex() or "-"


def case_lines(number, case, engine):
    zone, client, helo, sender = case
    yield f"engine {engine}"
    for name, rtype, value in zone:
        if rtype == "FAIL":
            yield f"failing {encode(name)} {value}"
        else:
            text = f"{value[0]} {value[1]}" if rtype == "MX" else value
            yield f"record {encode(name)} {rtype} {encode(text)}"
    yield f"case {number} {encode(client)} {encode(helo)} {encode(sender)}"


def ask_assay(cases, engine):
    lines = [line for number, case in enumerate(cases) for line in case_lines(number, case, engine)]
    done = subprocess.run([PROGRAM], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    for line in done.stdout.splitlines():
        _, result, spoke, lookups, _, text, reason = line.split(" ", 6)
        yield result, "" if text == "-" else bytes.fromhex(text).decode("ascii"), reason, int(lookups), spoke


# ---------------------------------------------------------------------------------------------------- comparison

def texts(case):
    return [value for _, kind, value in case[0] if kind == "TXT"]


def uses(case, pattern):
    return any(re.search(pattern, text) for text in texts(case))


EXPLAINED = [
    ("4.6.4: only a redirect that is followed counts; python3-spf counts it as it reads the record",
     lambda case, ours, theirs: theirs[0] == "permerror" and "Too many DNS lookups" in theirs[2] and
     ours[3] <= 10 and uses(case, r"redirect=")),
    ("4.6.4: %{p} counts as a lookup, and a client without a name is a void one; for python3-spf neither",
     lambda case, ours, theirs: "4.6.4" in ours[2] and uses(case, r"(?i)%\{p")),
    ("5.2: an include of its own domain is an error where it is evaluated; python3-spf refuses to read it",
     lambda case, ours, theirs: theirs[0] == "permerror" and "trivial recursion" in theirs[2]),
    ("4.8: a ptr whose target is no domain name matches nothing and looks nothing up; python3-spf looks all names up",
     lambda case, ours, theirs: "Void lookup limit" in theirs[2] and uses(case, r"(?i)ptr:(?:x{64}|\.|a\.\.)")),
    ("4.6.1: names of modifiers know no case (RFC 5234 2.3); for python3-spf Redirect= and EXP= are unknown",
     lambda case, ours, theirs: uses(case, r"(?:^| )(?:Redirect|EXP|REDIRECT|Exp)=")),
]


def explain(case, ours, theirs):
    for words, holds in EXPLAINED:
        if holds(case, ours, theirs):
            return words
    return None


def show(number, case, ours, theirs):
    print(f"DIFFERENT: case {number}: client {case[1]}, helo {case[2]}, from {case[3]}")
    print(f"  assay {ours}\n  python3-spf {theirs}")
    for name, kind, value in case[0]:
        print(f"    {name} {kind} {value}")


def compare(cases, verbose):
    reasons = collections.Counter()
    results = collections.Counter()
    kinds = collections.Counter()
    unexplained = 0
    for number, (case, ours) in enumerate(zip(cases, ask_assay(cases, "assay"), strict=True)):
        results[ours[0]] += 1
        kinds[re.sub(r"\S*[.:]\S*|\".*\"", "X", ours[2])] += 1
        if ours[:2] == ask_python(case, spf.query)[:2]:
            continue
        theirs = ask_python(case, Corrected)
        words = "a correction in class Corrected" if ours[:2] == theirs[:2] else explain(case, ours, theirs)
        reasons[words] += 1
        if words is None:
            unexplained += 1
            if unexplained <= 5 or verbose:
                show(number, case, ours, theirs)
    if verbose:
        for words, count in kinds.most_common(40):
            print(f"{count:6} {words}")
    print(f"{len(cases)} cases: " + ", ".join(f"{count} {word}" for word, count in results.most_common()))
    for words, count in reasons.most_common():
        print(f"{count:5} differ from python3-spf: {words or 'UNEXPLAINED'}")
    return unexplained


def compare_engines(cases):
    different = spoke = 0
    for number, (ours, other) in enumerate(zip(ask_assay(cases, "assay"), ask_assay(cases, "libspf2"), strict=True)):
        spoke += other[4] == "libspf2"
        if ours[:2] != other[:2]:
            different += 1
            show(number, cases[number], ours, other)
    print(f"libspf2 judged {spoke} of them, {different} otherwise than assay")
    return different


def main():
    words = [word for word in sys.argv[1:] if word != "-v"]
    chance = random.Random(int(words[0]) if words else 7208)
    spf.DNSLookup = fake_lookup
    cases = [generate(chance) for _ in range(int(words[1]) if len(words) > 1 else 5000)]
    unexplained = compare(cases, "-v" in sys.argv)
    return 1 if unexplained + compare_engines(cases) > 0 else 0


if __name__ == "__main__":
    sys.exit(main())
