"""wire_prefetch.py - what one MAIL command asks of other people's name servers."""
import time

from bench import case, equal
import lab as lab_module
import milter_client
import zone_server

NUMBERS = range(10)
CLIENT = "198.51.100.77"
QUIET_SECONDS = 0.3


def ten(pattern):
    return "".join(" " + pattern.format(number) for number in NUMBERS)


def hosts(owner, target):
    return "".join(f"{owner} MX {number} {target.format(number)}\n" for number in NUMBERS)


# Name of the domain, the rest of its record, further lines of the zone, how many names of VICTIM
# may be asked for. That is a domain of somebody who has nothing to do with it.
RECORDS = (
    ("a", ten("a:n{}.VICTIM"), "", 3),
    ("mx", ten("mx:n{}.VICTIM"), "", 3),
    ("exists", ten("exists:n{}.VICTIM"), "", 3),
    ("mixed", ten("a:n{0}.VICTIM mx:m{0}.VICTIM exists:e{0}.VICTIM")[:300].rsplit(" ", 1)[0],
     "", 3),
    ("include", ten("include:n{}.VICTIM"), "", 3),
    ("redirect", ten("a:n{}.VICTIM").replace(" a:n9.VICTIM", "") + " redirect=n9.VICTIM", "", 3),
    ("only-redirect", " redirect=n0.VICTIM", "", 1),
    # each of the two identities has its own
    ("macro", ten("exists:%{{ir}}.%{{l}}.%{{h}}.{}.VICTIM"), "", 6),
    ("nested", ten("include:i{}.nested.example"),
     "".join(f"i{number}.nested.example TXT v=spf1 a:n{number}.VICTIM ?all\n"
             for number in NUMBERS), 3),
    ("deep", " include:d0.deep.example -all",
     "".join(f"d{number}.deep.example TXT v=spf1 a:n{number}.VICTIM "
             f"include:d{number + 1}.deep.example ?all\n"
             for number in NUMBERS), 3),
    ("explained", ten("a:n{}.VICTIM") + " -all exp=why.VICTIM", "", 3),
    ("many-hosts", " mx -all", hosts("many-hosts.example", "h{}.VICTIM") +
     "many-hosts.example MX 99 h99.VICTIM\n", 0),
    ("hosts", " mx -all", hosts("hosts.example", "h{}.VICTIM"), 10),
    ("mx-of-mx", ten("mx:m{}.mx-of-mx.example"), "".join(
        hosts(f"m{number}.mx-of-mx.example", f"h{{}}-{number}.VICTIM") for number in NUMBERS), 20),
    ("ptr", " ptr ptr:VICTIM -all", "".join(
        f"77.100.51.198.in-addr.arpa PTR h{number}.VICTIM\n" for number in range(15)), 10),
    ("ptr-macro", ten("a:%{{p}}.n{}.VICTIM"), "", 0),
    ("match", " exists:here.match.example" + ten("a:n{}.VICTIM"),
     "here.match.example A 127.0.0.2\n", 2),
    ("failing", " a:f.failing.example" + ten("mx:n{}.VICTIM"),
     "f.failing.example A !servfail\n", 2),
)


def victim(name):
    return f"{name}.victim.example"


def settled(server):
    """All questions once none has come for a while."""
    lines, since = [], time.monotonic()

    def quiet():
        nonlocal lines, since
        if len(server.asked()) > len(lines):
            lines, since = server.asked(), time.monotonic()
        return time.monotonic() - since > QUIET_SECONDS
    lab_module.wait_until(quiet, what="the questions to end")
    return [line.split(" ", 2)[2] for line in lines]


@case("prefetch",
      "one MAIL command asks third parties for no more than the evaluation could, HELO included")
def hostile_records(bench):
    zone = "".join(f"{name}.example TXT v=spf1{record}\n{more}".replace("VICTIM", victim(name))
                   for name, record, more, _ in RECORDS)
    server = zone_server.ZoneServer(bench.lab, zone, name="prefetch")
    wrong = []
    with bench.daemon(dns_port=server.port) as daemon:
        for name, _, _, most in RECORDS:
            with milter_client.Client(daemon.address) as client:
                client.start(client=CLIENT, helo=f"{name}.example")
                equal(client.mail(f"anna@{name}.example").word, "continue", "the answer to MAIL")
                asked = settled(server)
            assert f"{name}.example TXT" in asked, f"{name}: its record is not asked for"
            hit = {question for question in asked if f".{victim(name)} " in question}
            if len(hit) > most:
                wrong.append(f"{name}: {len(hit)} questions instead of {most}: "
                             f"{' '.join(sorted(hit))}")
    assert not wrong, "\n".join(wrong)


ENDS = (("bank.one.example", "psd=y", 0), ("shop.two.example", "psd=n", 0),
        ("plain.three.example", "t=n", 1))


@case("prefetch", "nothing is asked above a record that is known to end the tree walk")
def above_the_end(bench):
    zone = "".join(f"_dmarc.{domain} TXT v=DMARC1; p=none; {tag}\n" for domain, tag, _ in ENDS)
    server = zone_server.ZoneServer(bench.lab, zone, name="suffixes",
                                    options=["--negative-ttl", "2"])

    def questions(daemon, author):
        before = len(server.asked())
        with milter_client.Client(daemon.address) as client:
            client.start(client=CLIENT)
            client.deliver(milter_client.plain(author=f"a@{author}"), sender="")
        settled(server)
        return [line.split(" ", 2)[2] for line in server.asked()[before:]]
    with bench.daemon(dns_port=server.port) as daemon:
        for domain, _, _ in ENDS:
            questions(daemon, domain)
        time.sleep(2.5)     # what is above is forgotten by then, the records themselves are not
        for domain, tag, wanted in ENDS:
            above = "_dmarc." + domain.split(".", 1)[1] + " TXT"
            equal(questions(daemon, f"b.a.{domain}").count(above), wanted,
                  f"how often {above} is asked with {tag}")
