"""months.py - three made-up months of reports on three domains, the same ones in each run but for the day they end.

What is made are lines for tests/support/received_fill and rows for tests/support/report_rows.
"""
import random

DAY = 86400
DAYS = 60
SEED = 9989
REPORTERS = ("google.example", "reports.mailer.example", "mx.university.example")
ZONE = """\
example.org TXT v=spf1 ip4:192.0.2.10 include:spf.letters.example -all
_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:dmarc@example.org
shop.example TXT v=spf1 ip4:192.0.2.20 -all
_dmarc.shop.example TXT v=DMARC1; p=reject; rua=mailto:dmarc@example.org
quiet.example TXT v=spf1 -all
_dmarc.quiet.example TXT v=DMARC1; p=quarantine; rua=mailto:dmarc@example.org
spf.letters.example TXT v=spf1 ip4:198.51.100.0/28 -all
"""

# most messages a day, source, DKIM, SPF, SPF domain, SPF result, override, signatures
ORG = (
    (400, "192.0.2.10", "pass", "pass", "example.org", "pass", "-", "example.org/pass"),
    (90, "198.51.100.3", "fail", "fail", "bounce.letters.example", "pass", "-", "letters.example/pass"),
    (30, "203.0.113.7", "pass", "fail", "example.org", "fail", "forwarded", "example.org/pass"),
    (12, "203.0.113.40", "fail", "fail", "lists.club.example", "pass", "mailing_list", "example.org/fail"),
    (25, "198.18.64.9", "fail", "fail", "example.org", "fail", "-"),
)
SHOP = (
    (150, "192.0.2.20", "pass", "pass", "shop.example", "pass", "-", "shop.example/pass"),
    (40, "2001:db8:77::5", "fail", "fail", "shop.example", "fail", "-"),
)
QUIET = ((3, "198.18.64.9", "fail", "fail", "quiet.example", "fail", "-"),)
DOMAINS = (("example.org", ORG, "none"), ("shop.example", SHOP, "reject"), ("quiet.example", QUIET, "quarantine"))


def report(chance, domain, sources, policy, reporter, begin):
    lines = [f"report {reporter} {domain} {reporter}-{begin} {begin} {begin + DAY - 1}"]
    for most, source, dkim, spf, spf_domain, result, override, *signatures in sources:
        failed = dkim == spf == "fail"
        done = policy if failed and override == "-" else "none"
        count = chance.randint(most // 2, most) or 1
        lines.append(" ".join(map(str, ("record", count, source, done, dkim, spf, domain, spf_domain, result, override,
                                        *signatures))))
    return lines


def received(end):
    """For received_fill: of the DAYS before `end`, a beginning of a day. Each reporter has a report a day and domain."""
    chance = random.Random(SEED)
    lines = []
    for day in range(DAYS):
        begin = end - DAY * (DAYS - day)
        for domain, sources, policy in DOMAINS:
            for reporter in REPORTERS:
                lines += report(chance, domain, sources, policy, reporter, begin)
        lines.append(f"tls {REPORTERS[0]} example.org tls-{begin} {begin} {begin + DAY - 1}")
        lines.append(f"policy sts mx1.example.org {chance.randint(100, 300)} 3 certificate-expired/3")
    lines.append(f"report liar.example example.org lie-1 {end - DAY} {end - 1} untrusted")
    lines.append("record 1000000 192.0.2.66 none fail fail example.org example.org fail -")
    return "\n".join(lines) + "\n"


def numbers(end, domain, days):
    """(messages, passed, forwarded, failing) of the last `days` before tomorrow, counted anew from the lines."""
    messages = passed = forwarded = failing = 0
    counted = False
    for line in received(end).splitlines():
        words = line.split()
        if words[0] in ("report", "tls"):
            counted = words[0] == "report" and words[2] == domain and len(words) == 6 and \
                int(words[4]) >= end + DAY - days * DAY
        elif words[0] == "record" and counted:
            count = int(words[1])
            messages += count
            if "pass" in words[4:6]:
                passed += count
            elif words[9] != "-":
                forwarded += count
            else:
                failing += count
    return messages, passed, forwarded, failing


def rows():
    """For report_rows: mail of other domains that came in here."""
    return "policy_domain=friend.example\theader_from=friend.example\ttimes=7\n" \
           "policy_domain=other.example\theader_from=other.example\tp=none\tdmarc=fail\tdkim_aligned=fail\t" \
           "disposition=none\ttimes=2\n"
