"""signed_zones.py - zones with DNSSEC (RFC 4034, 4035), sound and with faults, and a private NSD
that serves them.

ECDSA P-256, one key a zone, NSEC for what does not exist. Zone files are signed once, here; nothing
is signed or checked when NSD answers, so a fault in a file is a fault in the answer.
"""
import time

import dns.dnssec
import dns.name
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import ec

import lab as lab_module
import nsd

ALGORITHM = dns.dnssec.Algorithm.ECDSAP256SHA256
DAY = 86400


class Key:
    def __init__(self):
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.public = dns.dnssec.make_dnskey(self.private.public_key(), ALGORITHM, flags=257)

    def ds(self, zone):
        return dns.dnssec.make_ds(dns.name.from_text(zone), self.public, "SHA256").to_text()

    def signature(self, rrset, zone, since, until):
        now = int(time.time())
        return dns.dnssec.sign(rrset, self.private, dns.name.from_text(zone), self.public,
                               inception=now + since,
                               expiration=now + until)


def damaged(signature):
    return signature.replace(signature=bytes(octet ^ 1 for octet in signature.signature))


# What may be wrong with a zone.
FAULTS = {"bogus": "signatures that do not fit", "expired": "signatures of last week",
          "future": "signatures of next week",
          "stripped": "no signatures, though the parent says that there are", "nokey": "no DNSKEY",
          "otherkey": "another DNSKEY than the parent says",
          "denial": "signatures of NSEC alone that do not fit"}


class Zone:
    """`records` are (name, type, value) with names without final dot, TXT as plain text. Without a
    key it is not signed.

    `cut_fault`: the zones below whose NSEC here, which tells that they are not signed, has a
    signature that does not fit.
"""

    def __init__(self, name, records, key=None, fault=None, cuts=(), cut_fault=()):
        self.name, self.key, self.fault = name, key, fault
        self.cuts = {cut.name: cut for cut in cuts}
        self.damaged_cuts = {dns.name.from_text(name) for name in cut_fault}
        self.sets = {}
        self.add(name, "SOA", "ns.invalid. hostmaster.invalid. 1 3600 600 86400 60")
        self.add(name, "NS", "ns.invalid.")
        for owner, kind, value in records:
            self.add(owner, kind, nsd.txt(value) if kind == "TXT" else value)
        for cut in cuts:
            self.add(cut.name, "NS", "ns.invalid.")
            if cut.key is not None:
                self.add(cut.name, "DS", cut.key.ds(cut.name))
        if key is not None and fault != "nokey":
            self.add(name, "DNSKEY", (Key() if fault == "otherkey" else key).public.to_text())

    def add(self, owner, kind, value):
        owner = dns.name.from_text(owner)
        found = dns.rrset.from_text(owner, 300, "IN", kind, value)
        self.sets.setdefault((owner, found.rdtype), found).update(found)

    def add_denials(self):
        owners = sorted({owner for owner, _ in self.sets})
        for owner, following in zip(owners, owners[1:] + owners[:1]):
            kinds = " ".join(dns.rdatatype.to_text(kind) for name, kind in self.sets
                             if name == owner)
            self.add(owner.to_text(), "NSEC", f"{following.to_text()} {kinds} RRSIG NSEC")

    def signature(self, owner, rrset):
        since, until = {"expired": (-9 * DAY, -2 * DAY),
                        "future": (2 * DAY, 9 * DAY)}.get(self.fault, (-DAY, DAY))
        made = self.key.signature(rrset, self.name, since, until)
        denial = rrset.rdtype == dns.rdatatype.NSEC
        wrong = (self.fault == "bogus" or self.fault == "denial" and denial or
                 denial and owner in self.damaged_cuts)
        return damaged(made) if wrong else made

    def text(self):
        """The zone file."""
        if self.key is not None and self.fault != "stripped":
            self.add_denials()
        lines = [rrset.to_text() for (_, kind), rrset in sorted(self.sets.items(),
                                                                key=lambda one: one[0][1] != 6)]
        if self.key is None or self.fault == "stripped":
            return "\n".join(lines) + "\n"
        cut_names = {dns.name.from_text(name) for name in self.cuts}
        for (owner, kind), rrset in self.sets.items():
            if owner in cut_names and kind == dns.rdatatype.NS:
                continue    # of the zone below
            lines.append(f"{owner} 300 IN RRSIG {self.signature(owner, rrset).to_text()}")
        return "\n".join(lines) + "\n"


class Servers:
    """NSD with these zones, as if it were a resolver; and `anchor`, the file with the key of the
    root."""

    def __init__(self, lab, name, zones):
        self.port = lab_module.free_port()
        folder = lab.path(name)
        folder.mkdir()
        self.anchor = folder / "root.key"
        configuration = nsd.CONFIGURATION.partition("zone:\n")[0].format(port=self.port,
                                                                         folder=folder)
        for number, zone in enumerate(zones):
            (folder / f"{number}.zone").write_text(zone.text())
            configuration += f'zone:\n\tname: "{zone.name}"\n\tzonefile: "{number}.zone"\n'
            if zone.name == ".":
                self.anchor.write_text(f". 300 IN DNSKEY {zone.key.public.to_text()}\n")
        (folder / "nsd.conf").write_text(configuration)
        self.process = lab.run(name, ["/usr/sbin/nsd", "-d", "-c", folder / "nsd.conf"])
        lab_module.wait_until(lambda: nsd.answers(self.port) or not self.process.running(),
                              what="NSD to answer")
        if not self.process.running():
            raise lab_module.LabError(f"NSD does not start:\n{self.process.text()}"
                                      f"{lab_module.tail(folder / 'nsd.log')}")
