"""nsd.py - a private NSD on a loopback port, serving one zone file that pretends to be the whole DNS.

The zone is the root zone, so every name that it does not hold is NXDOMAIN, as on the Internet, and no name is refused.
"""
import socket
import struct

import lab as lab_module

CONFIGURATION = """\
server:
	ip-address: 127.0.0.1@{port}
	port: {port}
	server-count: 1
	username: ""
	chroot: ""
	zonesdir: "{folder}"
	database: ""
	zonelistfile: "{folder}/zone.list"
	xfrdfile: "{folder}/xfrd.state"
	xfrdir: "{folder}"
	pidfile: "{folder}/nsd.pid"
	logfile: "{folder}/nsd.log"
	rrl-ratelimit: 0
	rrl-whitelist-ratelimit: 0
remote-control:
	control-enable: no
zone:
	name: "."
	zonefile: "root.zone"
"""

HEAD = """\
$ORIGIN .
$TTL 300
. IN SOA ns.invalid. hostmaster.invalid. 1 3600 600 86400 60
. IN NS ns.invalid.
"""


def txt(text):
    """A TXT record's value: character-strings of at most 255 octets, RFC 1035 5.1."""
    pieces = [text[start:start + 255] for start in range(0, len(text), 255)] or [""]
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)


def zone_file(records):
    """From (name, type, value) with names without final dot; TXT values are plain text."""
    lines = [HEAD]
    for name, kind, value in records:
        value = txt(value) if kind == "TXT" else value
        lines.append(f"{name}. IN {kind} {value}\n")
    return "".join(lines)


def answers(port):
    """Does the server answer a query for the root's SOA?"""
    query = struct.pack("!HHHHHH", 4711, 0, 1, 0, 0, 0) + b"\0" + struct.pack("!HH", 6, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.5)
        client.connect(("127.0.0.1", port))
        try:
            client.send(query)
            reply = client.recv(4096)
        except OSError:
            return False
    return len(reply) > 12 and reply[:2] == query[:2] and reply[3] & 15 == 0


class Nsd:
    """Started by the constructor, stopped at the end of the lab."""

    def __init__(self, lab, records):
        self.port = lab_module.free_port()
        folder = lab.path("nsd")
        folder.mkdir()
        (folder / "root.zone").write_text(zone_file(records))
        configuration = folder / "nsd.conf"
        configuration.write_text(CONFIGURATION.format(port=self.port, folder=folder))
        lab_module.command_output(["/usr/sbin/nsd-checkzone", ".", folder / "root.zone"])
        self.process = lab.run("nsd", ["/usr/sbin/nsd", "-d", "-c", configuration])
        try:
            lab_module.wait_until(lambda: answers(self.port) or not self.process.running(), what="NSD to answer")
        except lab_module.LabError as error:
            raise lab_module.LabError(f"{error}\n{self.process.text()}{lab_module.tail(folder / 'nsd.log')}") from None
        if not self.process.running():
            raise lab_module.LabError(f"NSD does not start:\n{self.process.text()}{lab_module.tail(folder / 'nsd.log')}")
