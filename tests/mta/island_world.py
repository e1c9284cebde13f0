"""island_world.py - what the tests of submission.py and sendmail.py share: parties, zone, keys, messages of ours.

Our server is mx.example.net at 192.0.2.1 and signs for example.net with two keys. The rest of the world has its mail
server at 198.51.100.25, our own mailboxes are behind 192.0.2.200; both are sinks. Other addresses are clients.
"""
import dataclasses
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import island  # noqa: E402
import lab as lab_module  # noqa: E402
import showcase  # noqa: E402
import signing  # noqa: E402
import sink as sink_module  # noqa: E402
import suite  # noqa: E402
import verify  # noqa: E402
import zone_server  # noqa: E402

SERVER = "192.0.2.1"
INSIDE = "192.0.2.200"
FAR = "198.51.100.25"
ROAMING = "203.0.113.77"
NEIGHBOUR = "192.0.2.99"
ADDRESSES = (SERVER, INSIDE, FAR, ROAMING, NEIGHBOUR, showcase.SENDER, showcase.STRANGER, showcase.LIST)

OUR_DOMAIN = showcase.DOMAIN
LOGIN = ("anna@example.net", "secret of anna")
OTHER_LOGIN = ("robot@example.net", "secret of a robot")
BODY_OF_25_MB = 25 * 1024 * 1024

SETTINGS = """\
networks: {{ ours = [ "127.0.0.0/8", "{neighbour}" ]; }};
dmarc: {{ reply_url = "{reply_url}"; }};
quarantine: {{ action = "hold"; }};
sign: ( {{ domain = "example.net"; keys = "{keys}"; }}, {{ domain = "*.example.net"; keys = "{keys}"; sign_as = "example.net"; }}, \
{{ domain = "staff.example"; keys = "{keys}"; sign_as = "example.net"; users = [ "anna@*" ]; }}, \
{{ domain = "simple.example"; keys = "{keys}"; sign_as = "example.net"; canonicalization = "simple/simple"; }} );
"""
REPLY_URL = "https://example.net/why?at=100%25&s=%s%n"


# What a Postfix in the middle of the world has in main.cf and master.cf.
POSTFIX_MAIN = f"""\
inet_interfaces = 127.0.0.1, {SERVER}
non_smtpd_milters = $smtpd_milters
default_transport = smtp
disable_dns_lookups = no
mynetworks = 127.0.0.0/8 {NEIGHBOUR}
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtputf8_enable = yes
"""
POSTFIX_SERVICES = f"""\
{SERVER}:25 inet n - n - - smtpd
smtp unix - - n - - smtp
relay unix - - n - - smtp
"""


def make_keys(folder):
    """Writes r1.pem and e1.pem into folder/example.net; returns their TXT records."""
    place = folder / OUR_DOMAIN
    place.mkdir(parents=True)
    records = []
    for selector, kind, options in (("r1", "rsa", ["-pkeyopt", "rsa_keygen_bits:2048"]), ("e1", "ed25519", [])):
        path = place / f"{selector}.pem"
        lab_module.command_output(["openssl", "genpkey", "-quiet", "-algorithm", kind, "-out", path, *options])
        path.chmod(0o600)
        shutil.chown(path, "nobody")    # the user that assayd runs as, and that reads them again on a reload
        public = lab_module.command_output(["openssl", "pkey", "-in", path, "-pubout"])
        text = "".join(public.split("\n")[1:-2])
        # RFC 8463 4.2: the bare key, the last 32 octets of the structure
        text = signing.base64.b64encode(signing.base64.b64decode(text)[-32:]).decode() if kind == "ed25519" else text
        records.append((f"{selector}._domainkey.{OUR_DOMAIN}", "TXT", f"v=DKIM1; k={kind}; p={text}"))
    return records


def zone_text(keys, records):
    everything = showcase.zone(keys) + records + [
        ("mx.example.net", "A", SERVER), ("inside.example.net", "A", INSIDE), ("sink.example", "A", FAR),
        ("far.example", "MX", "10 sink.example."),
        ("mail.example.org", "TXT", f"v=spf1 ip4:{showcase.SENDER} -all"),
        ("example.net", "TXT", f"v=spf1 ip4:{SERVER} -all"), ("_dmarc.example.net", "TXT", "v=DMARC1; p=reject")]
    everything = [one for one in everything if one[:2] != ("example.net", "MX")]
    everything.append(("example.net", "MX", "10 inside.example.net."))
    for address, name in ((showcase.SENDER, "mail.example.org"), (showcase.LIST, "lists.example.com"),
                          (showcase.STRANGER, "pool66.example.com")):
        everything.append((".".join(reversed(address.split("."))) + ".in-addr.arpa", "PTR", name + "."))
    return "".join(f"{name} {kind} {value}\n" for name, kind, value in everything)


def make_logins(folder, application):
    """A sasldb with both logins in an empty folder, and the file that has an application use it alone, PLAIN."""
    folder.mkdir()
    database = folder / "sasldb2"
    for name, password in (LOGIN, OTHER_LOGIN):
        user, domain = name.split("@")
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", database, "-u", domain, user], input=password.encode(),
                       check=True)
    database.chmod(0o644)
    (folder / f"{application}.conf").write_text("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN\n"
                                                f"sasldb_path: {database}\n")


class World:
    """Name server, assayd and the two sinks; the mail server is the test's."""

    def __init__(self, lab, build, more="", zone="", **options):
        self.keys = signing.Keys()
        records = make_keys(lab.path("keys"))
        island.furnish(lab, showcase.HOST, SERVER)
        zone_server.ZoneServer(lab, zone_text(self.keys, records) + zone, port=island.DNS_PORT)
        self.daemon = assayd.Assayd(lab, assayd.programs(build, lab), dns_port=island.DNS_PORT, more=SETTINGS.format(
            neighbour=NEIGHBOUR, reply_url=REPLY_URL, keys=lab.path("keys")) + more, **options)
        island.show(self.daemon.folder, pathlib.Path("/run/assay"))
        self.inside = sink_module.Sink(lab, INSIDE, 25)
        self.far = sink_module.Sink(lab, FAR, 25)


    def signed(self, one, send):
        """Sends a message of ours by `send` and returns it as it arrived, signed twice."""
        equal(send(one.message(), one.sender, "friend@far.example")[0], 250, "the answer")
        arrived = self.far.find(one.token()).message
        complaints = verify.complaints(arrived, OUR_DOMAIN)
        assert not complaints, "\n".join(complaints)
        return arrived

    def signed_for_old_server(self, signed_from):
        """The next server has no 8BITMIME; ours was told to leave the body alone all the same."""
        offered, self.far.extensions = self.far.extensions, ("SIZE",)
        try:
            eight = next(one for one in OUTGOING if one.name == "eight bits")
            arrived = signed_from(dataclasses.replace(eight, name="eight bits, old server"))
        finally:
            self.far.extensions = offered
        holds(arrived, "日本語".encode())


@dataclasses.dataclass
class Outgoing:
    """A message of ours: what is peculiar about it."""
    name: str
    author: str = "Anna <anna@example.net>"
    to: str = "friend@far.example"
    head: str = "Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{name}@example.net>\r\n"
    more: str = ""
    body: bytes = b"Hello,\r\n\r\n  how are you? \r\n.\r\n..dots\r\n\r\n\r\n"
    options: tuple = ()
    sender: str = "anna@example.net"

    def token(self):
        return f"Outgoing: {self.name}\r\n"

    def message(self):
        head = f"From: {self.author}\r\nTo: {self.to}\r\nSubject: {self.name}\r\n" \
               f"{self.head.format(name=self.name)}{self.more}\r\n"
        return head.encode() + self.body + self.token().encode()


OUTGOING = (
    Outgoing("plain"),
    Outgoing("addresses without space", to="friend@far.example,second@far.example,\r\n  Third  One <third@far.example>"),
    Outgoing("comments in addresses", to="friend@far.example (a friend), \"Last, First\" <second@far.example>",
             author="\"Anna B.\" <anna@example.net> (at work)"),
    Outgoing("many recipients", to=", ".join(f"reader{number}@far.example" for number in range(40))),
    Outgoing("long lines", more="References: " + "\r\n\t".join(f"<{number}.{'x' * 40}@far.example>" for number in range(30)) +
             "\r\nX-Long: " + "y" * 900 + "\r\n", body=b"z" * 900 + b"\r\n"),
    Outgoing("strange white space", more="Reply-To:   anna@example.net  \r\nCc:\tfriend@far.example\r\n"
             "X-Empty:\r\nIn-Reply-To:\r\n <1@far.example>\r\n"),
    Outgoing("eight bits", more="MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
             "Content-Transfer-Encoding: 8bit\r\n", body="Grüße aus Köln, 日本語\r\n".encode(), options=("BODY=8BITMIME",)),
    Outgoing("without date and message-id", head=""),
    Outgoing("from a subdomain", author="news@letters.example.net"),
    Outgoing("an empty body", body=b""),
    Outgoing("of the null sender", author="MAILER-DAEMON@example.net", sender=""),
    Outgoing("signed simple", author="anna@simple.example", more="X-Tab:\tone  two \r\nCc:   friend@far.example\r\n"),
)


# How the tests of this kind run
# ----------------------------------------------------------------------------------------------------------------------

CASES, case = suite.cases()


def equal(found, wanted, what):
    assert found == wanted, f"{what}: {found!r} instead of {wanted!r}"


def holds(text, *words):
    for word in words:
        assert word in text, f"{word!r} is not in {text!r}"


def main(name, about, site, why_not):
    """The exit status of a script whose cases take a Site; `why_not` says what is missing, or ""."""
    parser = suite.parser(about)
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder")
    options = parser.parse_args()
    missing = island.may() or why_not()
    if missing:
        return suite.skip(name, missing, CASES)
    island.enter(showcase.HOST, ADDRESSES)
    return suite.run(name, options, CASES, site)
