#!/usr/bin/python3
"""sendmail_addresses.py - signatures over address fields hold though Sendmail writes those fields anew.

    tests/mta/sendmail_addresses.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

Each shape leaves a real Sendmail and is judged where it arrives. Needs what sendmail.py needs.
"""
import dataclasses
import re
import sys

import island_world
from island_world import NEIGHBOUR, SERVER, Outgoing, case, equal, showcase
# pylint: disable=wrong-import-order
import private_sendmail
import smtp
import verify

FRIEND = "friend@far.example"
LONG = ", ".join(f"Reader Number {number} <reader{number}@far.example>" for number in range(120))
CROWDED = ",".join(f"reader{number}@far.example" for number in range(300))


@dataclasses.dataclass
class Shape:
    """A field's value; what leaves, where that is another; whether the signature covers it."""
    name: str
    value: str
    leaves: str = ""
    field: str = "To"
    covered: bool = True
    options: tuple = ()
    exact: bool = True


SHAPES = (
    Shape("one address", FRIEND),
    Shape("a comma and a space", f"{FRIEND}, second@far.example"),
    Shape("a comma without space", f"{FRIEND},second@far.example", f"{FRIEND}, second@far.example"),
    Shape("a space before the comma", f"{FRIEND} ,second@far.example", f"{FRIEND}, second@far.example"),
    Shape("empty entries", f",{FRIEND},, second@far.example,", f"{FRIEND}, second@far.example"),
    Shape("folded after commas", f"{FRIEND},\r\n second@far.example,\r\n\tthird@far.example",
          f"{FRIEND}, second@far.example, third@far.example"),
    Shape("folded before a comma", f"{FRIEND}\r\n ,second@far.example", f"{FRIEND}, second@far.example"),
    Shape("folded after the colon", f"\r\n {FRIEND},second@far.example", f"{FRIEND}, second@far.example"),
    Shape("angle brackets", f"<{FRIEND}>,<second@far.example>", f"<{FRIEND}>, <second@far.example>"),
    Shape("space within angle brackets", f"Friend < {FRIEND} >", f"Friend <{FRIEND}>"),
    Shape("names without space before the bracket", f"Friend<{FRIEND}>,Second<second@far.example>",
          f"Friend<{FRIEND}>, Second<second@far.example>"),
    Shape("names with several spaces", f"My  Friend   <{FRIEND}>,B <second@far.example>",
          f"My  Friend   <{FRIEND}>, B <second@far.example>"),
    Shape("names that are folded", f"My\r\n Friend\r\n\t<{FRIEND}>,B <second@far.example>",
          f"My Friend <{FRIEND}>, B <second@far.example>"),
    Shape("a quoted name with a comma", f"\"Friend, My\" <{FRIEND}>,second@far.example",
          f"\"Friend, My\" <{FRIEND}>, second@far.example"),
    Shape("a quoted name with escapes", f"\"My \\\"best\\\" friend \\\\\" <{FRIEND}>,second@far.example",
          f"\"My \\\"best\\\" friend \\\\\" <{FRIEND}>, second@far.example"),
    Shape("quoted and bare words mixed", f"My \"best\" friend <{FRIEND}>,second@far.example",
          f"My \"best\" friend <{FRIEND}>, second@far.example"),
    Shape("encoded words", f"=?utf-8?Q?J=C3=BCrgen?= =?utf-8?B?S8O2bG4=?= <{FRIEND}>,second@far.example",
          f"=?utf-8?Q?J=C3=BCrgen?= =?utf-8?B?S8O2bG4=?= <{FRIEND}>, second@far.example"),
    Shape("a comment behind", f"{FRIEND} (my friend),second@far.example", f"{FRIEND} (my friend), second@far.example"),
    Shape("a comment at once behind", f"{FRIEND}(my, friend),second@far.example",
          f"{FRIEND} (my, friend), second@far.example"),
    Shape("a comment behind brackets", f"Friend <{FRIEND}>  (at work),B <second@far.example>(home)",
          f"Friend <{FRIEND}>  (at work), B <second@far.example>(home)"),
    Shape("capitals", "Friend <Friend@FAR.example>,SECOND@Far.Example", "Friend <Friend@FAR.example>, SECOND@Far.Example"),
    Shape("plus, dash, equals", "a+b@far.example,srs0=x=y-z@far.example,a_b@a-b.far.example",
          "a+b@far.example, srs0=x=y-z@far.example, a_b@a-b.far.example"),
    Shape("a domain as A-labels", "anna@xn--bro-hoa.example.net,b@xn--fiqs8s", "anna@xn--bro-hoa.example.net, b@xn--fiqs8s",
          covered=False),
    Shape("A-labels", "anna@xn--bro-hoa.example.net,b@xn--fiqs8s.example",
          "anna@xn--bro-hoa.example.net, b@xn--fiqs8s.example"),
    Shape("120 readers with names", LONG),
    Shape("300 crowded addresses", CROWDED, CROWDED.replace(",", ", ")),
    Shape("Cc without space", f"{FRIEND},second@far.example", f"{FRIEND}, second@far.example", field="Cc"),
    Shape("Reply-To of two", "a@example.net,b@example.net", "a@example.net, b@example.net", field="Reply-To"),
    Shape("From with a comment", "anna@example.net(at work)", "anna@example.net (at work)", field="From"),
    Shape("From without space", "Anna<anna@example.net>", field="From"),
    Shape("From with space in the brackets", "\"Anna B.\" < anna@example.net >", "\"Anna B.\" <anna@example.net>",
          field="From"),
    Shape("From with a dot in the name", "Anna B. Miller <anna@example.net>", "\"Anna B. Miller\" <anna@example.net>",
          field="From"),
    Shape("From with an apostrophe", "Anna O'Hara  <anna@example.net>", "\"Anna O'Hara\"  <anna@example.net>", field="From"),
    Shape("From with encoded words and dots", "=?utf-8?Q?Dr._J=C3=BCrgen?= <anna@example.net>",
          "\"=?utf-8?Q?Dr._J=C3=BCrgen?=\" <anna@example.net>", field="From"),
    Shape("From with a raw name in UTF-8", "Jürgen Köhler <anna@example.net>", field="From", options=("BODY=8BITMIME",)),
    Shape("From with a quoted name in UTF-8", "\"Köhler, Jürgen\" <anna@example.net>", field="From",
          options=("BODY=8BITMIME",)),
    Shape("To with a dot in the name", f"Friend B. <{FRIEND}>", f"\"Friend B.\" <{FRIEND}>", covered=False),
    Shape("a group without members", "undisclosed-recipients:;", covered=False),
    Shape("a group with members", f"Friends: {FRIEND},second@far.example;", covered=False, exact=False),
    Shape("an unqualified address", f"{FRIEND},second", covered=False, exact=False),
    Shape("an address literal", f"{FRIEND},b@[192.0.2.7]", covered=False, exact=False),
    Shape("a quoted local part", f"{FRIEND},\"a b\"@far.example", covered=False, exact=False),
    Shape("a route", f"{FRIEND},<@a.example:b@far.example>", covered=False, exact=False),
    Shape("percent and exclamation mark", "a%b@far.example,c!d@far.example", covered=False, exact=False),
    Shape("localhost", f"{FRIEND},root@localhost,root@localhost.localdomain", covered=False, exact=False),
    Shape("nested comments", f"{FRIEND} (my (best) friend),second@far.example", covered=False, exact=False),
    Shape("unbalanced", f"{FRIEND} (my friend,second@far.example", covered=False, exact=False),
    Shape("semicolons", f"{FRIEND};second@far.example", covered=False, exact=False),
    Shape("words without an address", f"Friend {FRIEND},second@far.example", covered=False, exact=False),
    Shape("a raw name in UTF-8", f"Jürgen <{FRIEND}>,second@far.example", covered=False, exact=False,
          options=("BODY=8BITMIME",)),
    Shape("an empty field", "", covered=False, exact=False),
)


class Site(island_world.World):
    """The world with a Sendmail in its middle that signs and sends on."""

    def __init__(self, lab, build):
        super().__init__(lab, build)
        self.server = private_sendmail.Sendmail(
            lab, f"{island_world.OUR_DOMAIN} {NEIGHBOUR}", showcase.HOST, SERVER, features="FEATURE(`assay')dnl",
            more="define(`SMTP_MAILER_FLAGS', `8')dnl\ndefine(`confMILTER_MACROS_CONNECT', `j')dnl\n"
            "define(`confMILTER_MACROS_ENVFROM', `i')dnl")      # Assay asks for the macros that it needs


def message_of(shape, author="anna@example.net"):
    words = {"author": author, "to": FRIEND}
    if shape.field in ("From", "To"):
        words["author" if shape.field == "From" else "to"] = shape.value
    else:
        words["more"] = f"{shape.field}: {shape.value}\r\n"
    return Outgoing(f"{shape.name} {author}", **words)


def unfolded(message, field):
    value = re.search(rb"(?im)^%s:((?:.*\r\n)(?:[ \t].*\r\n)*)" % field.encode(), message).group(1)
    return re.sub(r"\s+", " ", value.decode()).strip()


def arrives(site, shape, author):
    one = message_of(shape, author)
    equal(smtp.send(SERVER, one.message(), one.sender, FRIEND, client=NEIGHBOUR, mail_options=shape.options)[0], 250,
          "the answer")
    arrived = site.far.find(one.token()).message
    equal(verify.by_dkimpy(arrived), [True, True], f"signatures over {unfolded(arrived, shape.field)!r}")
    for signature in verify.signatures(arrived):
        equal(shape.field.lower() in signature["h"].lower().split(":"), shape.covered, f"covered in {signature['h']}")
    if shape.exact:
        equal(unfolded(arrived, shape.field), re.sub(r"\s+", " ", shape.leaves or shape.value), "the field")


for each in SHAPES:
    case(f"relaxed: {each.name}")(lambda site, shape=each: arrives(site, shape, "anna@example.net"))
    if each.field != "From":
        case(f"simple: {each.name}")(lambda site, shape=each: arrives(site, shape, "anna@simple.example"))



if __name__ == "__main__":
    sys.exit(island_world.main("sendmail-addresses", __doc__, Site, private_sendmail.missing))
