#!/usr/bin/python3
"""reports_sendmail.py - aggregate reports handed to the sendmail command of a real Sendmail.

    tests/mta/reports_sendmail.py [--build FOLDER] [--keep] [WORDS...]    only cases whose name has a word

Needs what tests/mta/sendmail.py needs. One line a case, see tests/support/tap.py.
"""
import pathlib
import sys

import island_world
from island_world import NEIGHBOUR, SERVER, case, equal, showcase
# pylint: disable=wrong-import-order
import island
import outbox
import private_sendmail
import report_mail
import verify


class Site(island_world.World):
    """The world with a Sendmail in its middle, and a store of its own for reports."""

    def __init__(self, lab, build):
        super().__init__(lab, build)
        sasl = pathlib.Path("/run/sasl")
        island_world.make_logins(sasl, "Sendmail")
        self.server = private_sendmail.Sendmail(lab, f"{island_world.OUR_DOMAIN} {NEIGHBOUR}", showcase.HOST, SERVER,
                                                features="FEATURE(`assay')dnl", sasl=sasl)
        command = f"{self.server.program} -Ac -C{self.server.folder}/submit.cf"
        self.box = outbox.Outbox(lab, build, island.DNS_PORT, "outbox", outbox.REPORTS + f' sendmail = "{command}";',
                                 f'sign: ( {{ domain = "example.net"; keys = "{lab.path("keys")}"; }} );')


@case("a report goes out by Sendmail's command, signed, from the null sender, to two addresses")
def goes_out(site):
    site.box.record({"policy_domain": "far.example", "rua": "mailto:dmarc@far.example,mailto:second@far.example",
                     "header_from": "far.example", "times": 7})
    output = site.box.send()
    assert "2 mails sent" in output and "not signed" not in output, output
    for recipient in ("dmarc@far.example", "second@far.example"):
        taken = site.far.find(f"To: {recipient}\r\n")
        equal((taken.sender, taken.recipients), ("", [recipient]), "the envelope")
        report = report_mail.read(taken.message)
        equal((report.domain, report.total(), report_mail.complaints(report)), ("far.example", 7, ""), "the report")
        # signed as it was made; it is not signed again as it passes
        complaints = verify.complaints(taken.message, "example.net")
        assert not complaints, "\n".join(complaints)



def main():
    return island_world.main("mta-reports-sendmail", __doc__, Site, private_sendmail.missing)


if __name__ == "__main__":
    sys.exit(main())
