"""wire_grammar.py - the messages of wire_fuzz.py: envelopes and header fields made by a grammar.

A message is genuine (its author's domain says so, whatever else it bears), a spoof (it is not,
nothing in it is a sign of indirect mail, and every name that it leads to is answered at once),
or wild (anything).
"""
import dataclasses

DOMAIN = "bank.example"         # p=reject; mail of it comes from CLIENT
OURS = "own.example"            # signed for those who have logged in
CLIENT, CLIENT6 = "192.0.2.10", "2001:db8::10"
STRANGERS = ("198.51.100.66", "2001:db8:66::1", "0.0.0.0", "255.255.255.255", "::ffff:198.51.100.7",
             "fe80::1")
AUTHSERV = "mx.example.net"

# Each of them names one mailbox of the domain, or more with one of them.
AUTHORS = (
    "anna@{d}", "<anna@{d}>", "Anna <anna@{d}>", "\"Anna, B.\" <anna@{d}>", "anna@{D}",
    "(c) anna@{d} (d)",
    "Anna\n\t<anna@{d}>", "\n anna@{d}", "=?utf-8?q?Anna?= <anna@{d}>",
    "\"x@n1.any.example\" <anna@{d}>",
    "x (a@n1.any.example) <anna@{d}>", "Group: anna@{d};", "<@n1.any.example:anna@{d}>",
    "anna@sub.{d}",
    "\"an na\"@{d}", "anna@{d}, <bert@{d}>", "Anna <anna@{d}>, Bert <bert@n1.any.example>",
    "a@{d},b@n2.any.example",
    "{l} <anna@{d}>", "\"{l}\" <anna@{d}>", "anna @ {d}", "anna@{d} ", "\tanna@{d}",
    "Ann\xe4 <anna@{d}>",
    "a.b.c+d=e@{d}", "((((((x)))))) <anna@{d}>", "\"\\\"\" <anna@{d}>",
)
BROKEN_AUTHORS = (
    "", " ", "<>", "anna", "@{d}", "anna@", "anna@{d}@n1.any.example", "<anna@{d}", "anna@{d}>",
    "\"anna@{d}",
    "(anna@{d}", "anna@[192.0.2.1]", "anna@{d}\r", "anna\r@{d}", "anna@{d}\x01",
    "anna@n1.any.example {d}",
    ",,,", "a:b:c;", "anna@\xe4.example", "anna@xn--zz.example", "anna@{x}.{d}",
    "<anna@n1.chaos.example>",
    "\xff\xfe\xfd", "{l}@{d}", "anna@{l}", "a@n3.any.example", "a@n4.chaos.example, b@{d}", "\\",
    "<<anna@{d}>>",
)
SIGNATURE_TAGS = (
    "v=1", "a=rsa-sha256", "a=ed25519-sha256", "a=rsa-sha1", "c=relaxed/simple", "c=simple",
    "c=x/y", "d={d}", "d={o}",
    "d=", "s=s1", "s=s{x}", "i=@{d}", "i=a@{o}", "h=from", "h=from:to:subject", "h=from:from:from",
    "h={l}", "h=",
    "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=", "bh=", "b=AAAA", "b={l}", "b=", "t=1", "x=2",
    "x=99999999999",
    "l=0", "l=5", "l=99999999999999999999", "q=dns/txt", "z=From:x|To:y", ";", "=",
    "b=\n\tAA\n\tBB", "x", "d=d=d",
)
RESULT_WORDS = (
    AUTHSERV, "mx.example.net 1", "(c)mx.example.net", "\"mx.example.net\"", "MX.EXAMPLE.NET.",
    "other.example", ";",
    "dmarc=pass header.from={d}", "spf=pass smtp.mailfrom={d}", "dkim=pass header.d={d}", "none",
    "(", ")", "\"",
    "\\", "=", "reason=\"x", "policy.dmarc=none", "arc=pass", "\n\t", "{l}", "1", "/1",
)
HARMLESS = ("Subject", "To", "Date", "Message-ID", "X-Spam", "Received", "Return-Path", "Reply-To",
            "Mime-Version",
            "X" * 300, "x-y_z", "Content-Type", "Comments", "X-Assay-Quarantine", "X-Envelope-To",
            "Received-SPF", "!#$%&")
INDIRECT = ("List-Id", "List-Post", "List-Unsubscribe", "ARC-Seal", "ARC-Message-Signature",
            "Sender", "Resent-From",
            "ARC-Authentication-Results", "Resent-Sender", "Resent-Date", "Precedence")
ODD_NAMES = ("", " ", "From ", "fRoM", "From\t", "\xe4", "a b", ":", "F\x01", "DKIM-Signature ",
             "From\r", "-", "\x7f")


@dataclasses.dataclass
class Message:
    kind: str
    client: str = CLIENT
    helo: bytes = b"mail.bank.example"
    sender: bytes = b"<anna@bank.example>"
    recipients: tuple = (b"<reader@example.net>",)
    login: str = ""
    fields: list = dataclasses.field(default_factory=list)     # (name, value), as octets
    body: bytes = b""


class Grammar:
    """`signed` is (fields, body) of a message that really bears a signature of DOMAIN."""

    def __init__(self, chance, signed):
        self.chance = chance
        self.signed = signed

    def pick(self, *choices):
        return self.chance.choice(choices)

    def fill(self, text, calm):
        below = "any.example" if calm or self.chance.random() < 0.5 else "chaos.example"
        longest = 30000 if self.chance.random() < 0.05 else 900
        return text.format(d=DOMAIN, D=DOMAIN.upper(), o=f"n{self.chance.randrange(40)}.{below}",
                           x=self.chance.randrange(40), l="x" * self.pick(60, 64, 250, longest))

    def octets(self, text):
        return text.encode("latin-1", "replace").replace(b"\0", b"")

    def value(self, text, calm):
        blank = self.pick(" ", " ", " ", "", "\t", "\n ", "  ")
        return self.octets(blank + self.fill(text, calm))

    def text(self):
        """Of no field in particular: octets of all kinds but NUL."""
        size = self.pick(0, 1, 20, 77, 997, 998, 999)
        alphabet = self.pick("abc ", "\x01\x7f\x80\xff", "\r", "\r\n", "\n \t", "=?utf-8?b??=",
                             "()\"\\<>@,;:", "x\r")
        return "".join(self.chance.choice(alphabet) for _ in range(size))

    def signature(self, calm):
        right = ["v=1", "a=" + self.pick("rsa-sha256", "ed25519-sha256"), "d={o}", "s=s{x}",
                 "h=from:to", "b=AAAA",
                 "bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]
        tags = right if self.chance.random() < 0.6 else []
        tags = tags + [self.chance.choice(SIGNATURE_TAGS) for _ in range(self.pick(0, 0, 1, 2, 8))]
        if self.chance.random() < 0.3:
            self.chance.shuffle(tags)
        return b"DKIM-Signature", self.value("; ".join(tags), calm)

    def results(self, calm):
        words = [self.chance.choice(RESULT_WORDS) for _ in range(self.pick(0, 1, 2, 5, 30))]
        joined = self.pick("; ", " ", "").join([self.pick(AUTHSERV, AUTHSERV, ""), *words])
        return self.octets(self.pick("Authentication-Results", "authentication-results ",
                                     "AUTHENTICATION-RESULTS")), \
            self.value(joined, calm)

    def other_field(self, calm):
        names = HARMLESS if calm else HARMLESS + INDIRECT + ODD_NAMES
        value = self.text() if self.chance.random() < 0.5 else self.pick(*AUTHORS, *BROKEN_AUTHORS)
        return self.octets(self.chance.choice(names)), self.value(value, calm)

    def noise(self, calm):
        """Fields that prove nothing."""
        count = self.pick(0, 1, 1, 2, 4, 9, 30)
        if self.chance.random() < 0.02:
            count = self.pick(60, 300)
        makers = (self.signature, self.results, self.other_field, self.other_field)
        return [self.chance.choice(makers)(calm) for _ in range(count)]

    def body(self):
        size = self.pick(0, 0, 1, 2, 50, 1000, 65535, 70000) if self.chance.random() < 0.3 else 40
        unit = self.pick(b"Hello.\r\n", b"\r\n", b"\r", b"\n", b" \r\n", b"x", b"\0", b"\xff",
                         b"\r\r\n", b".\r\n", b"x \t ")
        return (unit * (size // len(unit) + 1))[:size]

    # the three kinds

    def genuine(self):
        noise = [field for field in self.noise(True) if b"Authentication" not in field[0]]
        author = (b"From",
                  self.value(self.pick("anna@{d}", "Anna <anna@{d}>", "Anna\n\t<anna@{d}>"), True))
        at = self.chance.randrange(len(noise) + 1)
        return Message("genuine", client=self.pick(CLIENT, CLIENT6),
                       fields=noise[:at] + [author] + noise[at:],
                       body=self.body())

    def spoof(self):
        fields = self.noise(True)
        author = (self.octets(self.pick("From", "from", "FROM")),
                  self.value(self.chance.choice(AUTHORS), True))
        fields.insert(self.chance.randrange(len(fields) + 1), author)
        if self.chance.random() < 0.15:
            fields.insert(self.chance.randrange(len(fields) + 1),
                          (b"From", self.value(self.chance.choice(AUTHORS + BROKEN_AUTHORS), True)))
        message = Message("spoof", fields=fields, body=self.body(), **self.foreign())
        if self.chance.random() < 0.2:      # a signature of the domain, over another body
            message.fields = self.signed[0] + [
                one for one in message.fields if b"rom" not in one[0].lower()]
            message.body = self.signed[1] + b"and more\r\n"
        return message

    def foreign(self):
        """Client, HELO and envelope that prove nothing for the domain."""
        sender = self.pick("<anna@{d}>", "<>", "<a@{o}>", "<a@nowhere.example>", "anna@{d}",
                           "<\"x y\"@{d}>", "<a@{l}>")
        return {"client": self.chance.choice(STRANGERS),
                "helo": self.octets(self.fill(self.pick("mail.{d}", "{o}", "[198.51.100.66]", "",
                                                        "{l}", "\xff"), True)),
                "sender": self.octets(self.fill(sender, True)),
                "recipients": tuple(b"<r%d@example.net>" % number
                                    for number in range(self.pick(1, 1, 2, 60)))}

    def wild(self):
        fields = self.noise(False)
        for _ in range(self.pick(0, 1, 1, 1, 2, 5)):
            name = self.octets(self.pick("From", "From", "From", *ODD_NAMES))
            author = self.chance.choice(AUTHORS + BROKEN_AUTHORS)
            fields.insert(self.chance.randrange(len(fields) + 1), (name, self.value(author, False)))
        if self.chance.random() < 0.2:
            fields = self.signed[0] + fields
        login = self.pick("", "", "", "anna", "\xff", "x" * 3000)
        if login == "anna":
            fields.insert(0, (b"From", b" anna@" + OURS.encode()))
        message = Message("wild", fields=fields, body=self.body(), login=login, **self.foreign())
        message.client = self.pick(CLIENT, *STRANGERS, "")
        if self.chance.random() < 0.3:
            message.sender = self.octets(self.fill(self.pick("<a@{o}>", "<SRS0=x=y={o}=a@{d}>", "",
                                                             ">", "<", "<@>",
                                                             "<@a,@b:c@{o}>", "<\xff@{o}>", "{l}",
                                                             "<a@[1.2.3.4]>"), False))
        return message

    def message(self):
        return self.pick(self.genuine, self.spoof, self.spoof, self.wild, self.wild)()
