"""zone_server.py - runs dns_server.py on a zone for as long as a lab lives."""
import pathlib
import re

import lab as lab_module

PROGRAM = pathlib.Path(__file__).resolve().with_name("dns_server.py")


class ZoneServer:
    """Started by the constructor; the zone is text in the format of fake_dns.h with the faults of dns_server.py.

    Port 0: the kernel chooses. `options` are further ones of dns_server.py.
    """

    def __init__(self, lab, zone, name="dns", delay_ms=0, ttl=300, port=0, options=()):
        self.zone = lab.write(f"{name}.zone", zone)
        self.queries = lab.path(f"{name}.queries")
        self.process = lab.run(name, ["/usr/bin/python3", PROGRAM, "--zone", self.zone, "--log", self.queries,
                                      "--delay", str(delay_ms), "--ttl", str(ttl), "--port", str(port), *options])
        self.port = lab_module.wait_until(self._port, what="the DNS server's port")

    def _port(self):
        if not self.process.running():
            raise lab_module.LabError(f"the DNS server does not start:\n{self.process.text()}")
        found = re.search(r"^port (\d+)$", self.process.text(), re.MULTILINE)
        return int(found.group(1)) if found else None

    def asked(self):
        return self.queries.read_text().splitlines() if self.queries.exists() else []
