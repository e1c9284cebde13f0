"""scene.py - six kinds of sources that send as example.org, as reports of others show them, and the zones behind them.

The numbers are messages of fourteen days, seen by two reporters. What `assay report sources` prints of the scene stands
in contrib/guides/reports.md.
"""
DAY = 86400
END = 1_795_824_000     # 2026-11-28, the day after the last one
NOW = "2026-11-28T12:00"
DOMAIN = "example.org"

ZONE = """\
example.org TXT v=spf1 mx include:spf.letters.example -all
example.org MX 10 mx1.example.org
_dmarc.example.org TXT v=DMARC1; p=none; rua=mailto:dmarc@example.org
mx1.example.org A 192.0.2.10
10.2.0.192.in-addr.arpa PTR mx1.example.org
web1.example.org A 192.0.2.80
80.2.0.192.in-addr.arpa PTR web1.example.org
spf.letters.example TXT v=spf1 ip4:198.51.100.0/28 -all
out1.letters.example A 198.51.100.3
3.100.51.198.in-addr.arpa PTR out1.letters.example
relay.alumni.example A 203.0.113.7
7.113.0.203.in-addr.arpa PTR relay.alumni.example
lists.club.example A 203.0.113.40
40.113.0.203.in-addr.arpa PTR lists.club.example
# a name that does not lead back is no name
9.64.18.198.in-addr.arpa PTR mx1.example.org
"""

# count a day and reporter, source, disposition, DKIM, SPF, SPF domain, SPF result, override, signatures
SOURCES = (
    # our own mail server
    (200, "192.0.2.10", "none", "pass", "pass", "example.org", "pass", "-", "example.org/pass"),
    # a newsletter service that signs with its own domain and has its own envelope sender
    (60, "198.51.100.3", "none", "fail", "fail", "bounce.letters.example", "pass", "-", "letters.example/pass"),
    (20, "198.51.100.4", "none", "fail", "fail", "bounce.letters.example", "pass", "-", "letters.example/pass"),
    # a forwarder that leaves the signature whole
    (15, "203.0.113.7", "none", "pass", "fail", "example.org", "fail", "-", "example.org/pass"),
    # a mailing list that adds a footer, and signs
    (8, "203.0.113.40", "none", "fail", "fail", "lists.club.example", "pass", "-", "example.org/fail",
     "club.example/pass"),
    # a forger
    (12, "198.18.64.9", "none", "fail", "fail", "example.org", "fail", "-"),
    # a web server that nobody remembers, which sends as www-data@web1.example.org
    (5, "192.0.2.80", "none", "fail", "fail", "web1.example.org", "none", "-"),
)


def lines(days=14, reporters=("mail.example.net", "reports.example.com"), policy="none", domain=DOMAIN):
    """For received_fill."""
    text = []
    for day in range(days):
        for reporter in reporters:
            begin = END - DAY * (days - day)
            text.append(f"report {reporter} {domain} {reporter}-{day} {begin} {begin + DAY - 1}")
            for count, source, disposition, dkim, spf, spf_domain, result, override, *signatures in SOURCES:
                stopped = "reject" if policy == "reject" and dkim == spf == "fail" else disposition
                text.append(" ".join(map(str, ("record", count, source, stopped, dkim, spf, domain, spf_domain, result,
                                               override, *signatures))))
    return "\n".join(text) + "\n"


TLS = f"""\
tls mail.example.net example.org tls-1 {END - DAY} {END - 1}
policy sts mx1.example.org 900 25 certificate-expired/20 starttls-not-supported/5
"""
