"""advice.py - each combination of what reporters saw, and the sentence that it gets."""
import scene
from bench import case

ZONE = scene.ZONE + """\
own.example TXT v=spf1 ip4:192.0.2.1 include:spf.hosted.example ~all
own.example MX 10 mx.own.example
mx.own.example A 192.0.2.9
_dmarc.own.example TXT v=DMARC1; p=none
spf.hosted.example TXT v=spf1 ip4:198.51.100.64/28 -all
host.own.example A 192.0.2.77
77.2.0.192.in-addr.arpa PTR host.own.example
mail7.sendgrid.net A 203.0.113.77
77.113.0.203.in-addr.arpa PTR mail7.sendgrid.net
mail8.mcsv.net A 203.0.113.78
78.113.0.203.in-addr.arpa PTR mail8.mcsv.net
a1.google.com A 203.0.113.90
90.113.0.203.in-addr.arpa PTR a1.google.com
# eleven lookups are too many
full.example TXT v=spf1 a:a.x a:b.x a:c.x a:d.x a:e.x a:f.x a:g.x a:h.x a:i.x a:j.x -all
mail.zendesk.com TXT v=spf1 ip4:203.0.113.128/28 -all
z.zendesk.com A 203.0.113.129
129.113.0.203.in-addr.arpa PTR z.zendesk.com
"""
KNOWN = 'received: { known = ( { networks = [ "203.0.113.200" ]; name = "Invoices"; } ); };' \
        'networks: { ours = [ "10.1.0.0/16" ]; };'
# what it is: SOURCE DKIM SPF SPF_DOMAIN RESULT OVERRIDE SIGNATURES..., the name, the kind, words of the advice, what
# is published
TABLE = {
    "our MX, nothing aligned, envelope of ours that SPF does not name":
        ("192.0.2.9 fail fail own.example fail -", None, "ours", "SPF record of own.example does not name 192.0.2.9",
         'own.example. IN TXT "v=spf1 ip4:192.0.2.1 include:spf.hosted.example ip4:192.0.2.9 ~all"'),
    "our network by the settings": ("10.1.2.3 pass pass own.example pass -", None, "ours", "nothing to do", None),
    "ours, mended meanwhile":
        ("192.0.2.1 fail fail own.example softfail -", None, "ours", "names 192.0.2.1 by now", None),
    "ours, a foreign envelope sender":
        ("192.0.2.1 fail fail shop.example pass -", None, "ours", "set an envelope sender at own.example", None),
    "ours, signatures broken":
        ("192.0.2.1 fail fail shop.example pass - own.example/fail", None, "ours", "do not verify", None),
    "ours, SPF alone": ("192.0.2.1 fail pass own.example pass -", None, "ours", "passes by SPF alone", None),
    "ours, DKIM alone":
        ("192.0.2.77 pass fail own.example softfail -", "host.own.example", "ours", "DKIM carries it",
         'own.example. IN TXT "v=spf1 ip4:192.0.2.1 include:spf.hosted.example ip4:192.0.2.77 ~all"'),
    "named by the operator, passes":
        ("203.0.113.200 pass fail x.example pass -", "Invoices", "service", "nothing to do", None),
    "named by the operator, nothing of ours in it":
        ("203.0.113.200 fail fail x.example pass -", "Invoices", "service", "signs nothing as own.example", None),
    "included, and it signs for us":
        ("198.51.100.65 pass pass own.example pass -", "hosted.example", "service", "nothing to do", None),
    "included, SPF alone":
        ("198.51.100.65 fail pass own.example pass -", "hosted.example", "service", "turn on DKIM", None),
    "included, which does not help":
        ("198.51.100.65 fail fail b.hosted.example pass -", "hosted.example", "service",
         "include:spf.hosted.example in your SPF record does not help", None),
    "a service by its signature, which signs for us, too":
        ("203.0.113.10 pass fail b.sendgrid.net pass - own.example/pass sendgrid.net/pass", "Twilio SendGrid",
         "service", "nothing to do", None),
    "a service by its signature alone":
        ("203.0.113.10 fail fail b.sendgrid.net pass - sendgrid.net/pass", "Twilio SendGrid", "service",
         "signs as sendgrid.net and not as own.example", None),
    "a service by its name":
        ("203.0.113.77 fail fail b.sendgrid.net pass -", "Twilio SendGrid", "service", "its envelope sender is at",
         None),
    "a service whose keys are the same for all":
        ("203.0.113.78 fail fail b.mcsv.net pass - mcsv.net/pass", "Mailchimp", "service", "publish the records",
         "k2._domainkey.own.example. IN CNAME dkim2.mcsv.net."),
    "a service that uses our envelope":
        ("203.0.113.129 fail fail own.example fail -", "Zendesk", "service", "does not name it",
         'own.example. IN TXT "v=spf1 ip4:192.0.2.1 include:spf.hosted.example include:mail.zendesk.com ~all"'),
    "mailboxes that forward":
        ("203.0.113.90 pass fail own.example fail -", "Google", "forwarder", "nothing to do", None),
    "a forwarder of what was not signed":
        ("203.0.113.91 fail fail f.example pass forwarded", None, "forwarder", "came without a signature", None),
    "a list that the receiver knows":
        ("203.0.113.92 fail fail l.example pass mailing_list", None, "list", "your signature breaks", None),
    "a list by its signature":
        ("203.0.113.93 fail fail l.example pass - own.example/fail club.example/pass", "club.example", "list",
         "ask its operator", None),
    "a copied signature is not a list":
        ("198.18.0.1 fail fail own.example fail - own.example/fail", None, "unknown", "did not verify", None),
    "somebody who signs": ("198.18.0.2 fail fail s.example pass - s.example/pass", "s.example", "unknown",
                           "where it sends for you", None),
    "somebody with an envelope sender": ("198.18.0.3 fail fail e.example pass -", None, "unknown",
                                         "envelope sender at e.example", None),
    "a forger": ("198.18.0.4 fail fail own.example fail -", None, "spoof", "p=reject stops them", None),
    "a forger who is nobody": ("2001:db8::7 fail fail - none -", None, "spoof", "p=reject stops them", None),
}


def lines(words, domain="own.example", count=150, disposition="none"):
    source, dkim, spf, *rest = words.split()
    begin = scene.END - scene.DAY
    return f"report r.example {domain} id {begin} {begin + scene.DAY - 1}\n" \
           f"record {count} {source} {disposition} {dkim} {spf} {domain} {' '.join(rest)}\n"


def play(bench, row):
    words, name, kind, advice, publish = row
    place = bench.place(zone=ZONE, more=KNOWN)
    place.fill(lines(words))
    source, = place.sources("own.example")
    assert (source["name"], source["kind"]) == (name, kind), source
    assert advice in source["advice"], source
    assert publish is None and not source["publish"] or publish in source["publish"], source


for about, expected in TABLE.items():
    case(f"advice: {about}")(lambda bench, row=expected: play(bench, row))


@case("advice: an include that would cost too many lookups is not published")
def lookups(bench):
    place = bench.place(zone=ZONE)
    place.fill(lines("203.0.113.129 fail fail full.example fail -", domain="full.example"))
    source, = place.sources("full.example")
    assert source["kind"] == "service" and not any("include" in text for text in source["publish"]), source


@case("advice: a policy that is not followed")
def ignored(bench):
    place = bench.place(zone=ZONE.replace("_dmarc.own.example TXT v=DMARC1; p=none", "_dmarc.own.example TXT v=DMARC1; p=reject"))
    place.fill(lines(TABLE["a forger"][0]))
    source, = place.sources("own.example")
    assert "which is theirs to decide" in source["advice"] and not source["act"], source
