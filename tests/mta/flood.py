#!/usr/bin/python3
"""flood.py - one client floods assayd with names that nobody answers, through a real Postfix, while spoofs come
whose own SPF takes all the time that it gets, and genuine mail of somebody else.

    tests/mta/flood.py [--build FOLDER] [--keep] [WORDS...]

Times and bounds are a tenth of the standard ones, so that a flood fills them within seconds. Needs root and namespaces
(tests/support/island.py). One line a case, see tests/support/tap.py.
"""
import contextlib
import itertools
import sys
import threading
import time

import island_world
from session import Session
# pylint: disable=wrong-import-order
import island
import postfix
import showcase
import suite
from showcase import SENDER, STRANGER

FLOODERS = 6
PAUSE = 1 / 12          # between two envelopes of a flooder
SPOOFS = 100
SPOOFERS = 10
GENUINE = 100
SLOWER_MOST = 10        # times; what is measured is printed
SETTINGS = """\
resolver: { timeout_ms = 500; in_flight = 40; };
limits: { message_ms = 2000; };
"""
# The chain: each name of it is new, and 450 ms late. Whoever is asked for a fresh name answers at once.
ZONE = "".join(f"*.c{n}.attacker.example TXT !slow 450 v=spf1 include:%{{l}}.c{n + 1}.attacker.example -all\n"
               for n in range(1, 10)) + f"""\
*.slow.attacker.example ANY !silent
*.fresh.example TXT v=spf1 ip4:{SENDER} -all
_dmarc.fresh.example TXT v=DMARC1; p=reject
"""
NUMBERS = itertools.count(1)


def message(author, above=""):
    return (f"{above}From: {author}\r\nTo: reader@example.net\r\nSubject: x\r\n"
            f"Date: Sun, 22 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{next(NUMBERS)}@x.example>\r\n"
            "\r\nHello.\r\n").encode()


def spoof(session):
    """Mail in the name of a domain that rejects, with a signature whose key nobody has asked for before."""
    number = next(NUMBERS)
    junk = (f"DKIM-Signature: v=1; a=rsa-sha256; d=example.org; s=n{number}; h=from; "
            "bh=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=; b=AAAA\r\n")
    return session.send(message("Anna <anna@example.org>", junk), f"n{number}@n{number}.c1.attacker.example")[0]


def genuine(session):
    """Seconds that a message takes whose domain nobody has asked for before."""
    number = next(NUMBERS)
    author = f"anna@n{number}.fresh.example"
    begin = time.monotonic()
    code, text = session.send(message(author), author)
    assert code == 250, text
    return time.monotonic() - begin


def measured():
    """The 99th percentile of genuine mail."""
    with Session(SENDER, "mail.example.org") as session:
        return sorted(genuine(session) for _ in range(GENUINE))[GENUINE * 99 // 100 - 1]


@contextlib.contextmanager
def flooded():
    """While it lasts, one client begins messages of which it takes each back."""
    ended = threading.Event()

    def flood():
        with Session(STRANGER, "pool66.example.com") as session:
            while not ended.is_set():
                session.say(f"MAIL FROM:<x@n{next(NUMBERS)}.slow.attacker.example>")
                session.say("RSET")
                time.sleep(PAUSE)

    threads = [threading.Thread(target=flood) for _ in range(FLOODERS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(2)
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


class Site(island_world.World):
    def __init__(self, lab, build):
        super().__init__(lab, build, more=SETTINGS, zone=ZONE)
        self.codes = []
        postfix.Postfix(lab, milters="unix:/run/assay/assay.sock", domain=showcase.DOMAIN, host=showcase.HOST,
                        more=island_world.POSTFIX_MAIN + "virtual_mailbox_domains =\nrelay_domains = example.net\n"
                        "relay_transport = relay\n", services=island_world.POSTFIX_SERVICES)

    def spoofs(self, client):
        def some():
            with Session(client, "pool66.example.com") as session:
                self.codes += [spoof(session) for _ in range(SPOOFS // SPOOFERS)]

        threads = [threading.Thread(target=some) for _ in range(SPOOFERS)]
        for thread in threads:
            thread.start()
        return threads


@island_world.case("a hundred spoofs in a flood, none is let in; genuine mail of others is, and in time")
def flood_and_spoof(site):
    quiet = measured()
    with flooded():
        threads = site.spoofs(showcase.LIST) + site.spoofs(STRANGER)
        loud = measured()
        for thread in threads:
            thread.join()
    print(f"# genuine mail, 99th percentile: {quiet * 1e3:.0f} ms, in the flood {loud * 1e3:.0f} ms, "
          f"{loud / quiet:.1f} times; answers to spoofs: {sorted((code, site.codes.count(code)) for code in set(site.codes))}")
    island_world.equal(len(site.codes), 2 * SPOOFS, "answers")
    assert set(site.codes) <= {550, 451}, site.codes
    assert loud < quiet * SLOWER_MOST, (quiet, loud)


@island_world.case("afterwards a spoof is refused for good")
def afterwards(site):
    time.sleep(1)
    with Session(STRANGER, "pool66.example.com") as session:
        island_world.equal(session.send(message("Anna <anna@example.org>"), "a@n.slow.attacker.example")[0], 550, "a spoof")
    island_world.equal(site.daemon.stop(), 0, "the status")


def main():
    parser = suite.parser(__doc__)
    parser.add_argument("--keep", action="store_true", help="leave the temporary folder")
    options = parser.parse_args()
    missing = island.may()
    if missing:
        return suite.skip("flood", missing, island_world.CASES)
    island.enter(showcase.HOST, island_world.ADDRESSES)
    return suite.run("flood", options, island_world.CASES, Site)


if __name__ == "__main__":
    sys.exit(main())
