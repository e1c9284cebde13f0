#!/usr/bin/python3
"""run.py - signed zones through the real resolver: what a zone's faults make of SPF, DKIM and
DMARC.

NSD serves a signed root, a signed top-level domain and zones below it, sound and with every fault;
`assay check` has the root's key and asks. RFC 4035 5.5: an answer that is bogus is none. So it is a
temporary error of the method that needed it (RFC 7208 2.6.6, RFC 6376 6.1.2, RFC 9989 5.3.6),
whatever it says, and never a pass.

    tests/dnssec/run.py [--build FOLDER] [WORDS...]
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
# pylint: disable=wrong-import-position
import assayd  # noqa: E402
import expectation  # noqa: E402
import scenario as scenario_module  # noqa: E402
import signed_zones  # noqa: E402
import signing  # noqa: E402
import suite  # noqa: E402
import zone_server  # noqa: E402

CLIENT = "192.0.2.10"
WARNING = "the name servers do not pass on what DNSSEC needs"
NO_PASS = ["/(spf|dkim|dmarc)=pass/"]
# No answer of these zones holds. "unproven" is not signed, and the proof that it need not be is
# bogus.
NOT_TRUSTED = ("bogus", "expired", "future", "stripped", "nokey", "otherkey", "unproven")
SPF_TERMS = ("a:{}", "mx:{}", "include:{}", "redirect={}", "exists:mx.{}", "a:mx.{} +all",
             "exists:nothere.{} +all")


def by_term(zone):
    """Domains of the sound zone whose record leads to the other one."""
    return [(f"{zone}-{number}.good.example", "v=spf1 " + term.format(f"{zone}.example"))
            for number, term in enumerate(SPF_TERMS)]


def records(name, keys):
    return [(name, "TXT", f"v=spf1 ip4:{CLIENT} -all"), (name, "A", CLIENT),
            (name, "MX", f"10 mx.{name}."),
            (f"mx.{name}", "A", CLIENT),
            (f"_dmarc.{name}", "TXT", "v=DMARC1; p=reject; np=quarantine"),
            (f"s1._domainkey.{name}", "TXT", keys.record("rsa2048"))]


def zones(keys, root_fault=None):
    """The whole tree, root first."""
    below = []
    for fault in ("good", "denial", *NOT_TRUSTED):
        name = f"{fault}.example"
        more = [(domain, "TXT", text) for zone in NOT_TRUSTED + ("denial",)
                for domain, text in by_term(zone)
                ] if fault == "good" else []
        key = None if fault == "unproven" else signed_zones.Key()
        below.append(signed_zones.Zone(name, records(name, keys) + more, key,
                                       fault if fault in signed_zones.FAULTS else None))
    below.append(signed_zones.Zone("insecure.example", records("insecure.example", keys)))
    top = signed_zones.Zone("example", [], signed_zones.Key(), cuts=below,
                            cut_fault=["unproven.example"])
    return [signed_zones.Zone(".", [], signed_zones.Key(), root_fault, cuts=[top]), top, *below]


def cases():
    """(name, servers, values of a scenario): see tests/messages/README.md for these."""
    def message(domain, **more):
        return {"from": f"a@{domain}", "author": f"a@{domain}", "sign": [{"d": domain}], **more}

    passes = {"action": "accept", "spf": "pass", "dmarc": "pass"}
    yield "a sound zone passes, and its key is secure", "sound", message(
        "good.example", expect={**passes, "dkim": [{"result": "pass", "key_secure": True}]})
    yield "a zone without DS passes, and its key is not secure", "sound", message(
        "insecure.example", expect={**passes, "dkim": [{"result": "pass", "key_secure": False}]})
    for zone in NOT_TRUSTED:
        yield f"{zone}: temporary errors, never a pass", "sound", message(
            f"{zone}.example", expect={"action": "tempfail", "spf": "temperror",
                                       "dkim": [{"result": "temperror", "key_secure": False}],
                                       "dmarc": "temperror", "absent": NO_PASS})
        yield f"{zone}: a key alone does not make a pass", "sound", message(
            "good.example", sign=[{"d": f"{zone}.example"}], ip="203.0.113.1",
            expect={"action": "reject", "spf": "fail", "dkim": ["temperror"], "dmarc": "fail",
                    "absent": NO_PASS})
        for domain, text in by_term(zone):
            yield f"{zone}: {text}", "sound", {"from": f"a@{domain}", "author": f"a@{domain}",
                                               "expect": {
                "spf": "temperror", "absent": NO_PASS}}
    yield from denials(message)
    yield from roots(message, passes)


def denials(message):
    """What does not exist, with proofs that hold and that do not."""
    yield "a proof that a name does not exist holds", "sound", message(
        "nothere.good.example", sign=[{"d": "good.example", "s": "s2"}], expect={
            "action": "quarantine", "spf": "none", "dkim": ["permerror"],
            "dmarc": {"result": "fail", "author_exists": False}})
    yield "what exists passes where only the proofs of other names are bogus", "sound", message(
        "denial.example", expect={"action": "accept", "spf": "pass",
                                  "dkim": [{"result": "pass", "key_secure": True}],
                                  "dmarc": "pass"})
    yield "bogus proofs: no record is a temporary error, not none", "sound", message(
        "nothere.denial.example", sign=[{"d": "denial.example", "s": "s2"}], expect={
            "action": "tempfail", "spf": "temperror", "dkim": ["temperror"], "dmarc": "temperror",
            "absent": NO_PASS})
    domain, text = by_term("denial")[-1]
    yield f"bogus proofs: {text}", "sound", {"from": f"a@{domain}", "author": f"a@{domain}",
                                             "expect": {
        "spf": "temperror", "absent": NO_PASS}}


def roots(message, passes):
    """Without the keys of the root nothing can be validated: mail goes on, the log warns, and
    nothing is called secure."""
    for servers in ("root-otherkey", "root-nokey", "root-stripped"):
        for zone in ("good", "insecure"):
            yield f"{servers}: {zone} is judged without validation", servers, message(
                f"{zone}.example",
                expect={**passes, "dkim": [{"result": "pass", "key_secure": False}]})
    yield "no answer about the root's keys: temporary errors", "root-fails", message(
        "good.example", expect={"action": "tempfail", "spf": "temperror", "dkim": ["temperror"],
                                "dmarc": "temperror",
                                "absent": NO_PASS})


class Runner:
    def __init__(self, lab, build):
        self.lab, self.tool = lab, build / "assay"
        self.keys = signing.Keys()
        self.servers = {}
        for name, fault in (("sound", None), ("root-otherkey", "otherkey"), ("root-nokey", "nokey"),
                            ("root-stripped", "stripped")):
            server = signed_zones.Servers(lab, name, zones(self.keys, fault))
            self.servers[name] = (server.port, server.anchor)
        silent = zone_server.ZoneServer(lab, ". DNSKEY !servfail\n" + "".join(
            f"{name} {kind} {value}\n" for name, kind, value in records("good.example", self.keys)))
        self.servers["root-fails"] = (silent.port, self.servers["sound"][1])

    def check(self, number, name, servers, values):
        port, anchor = self.servers[servers]
        settings = {"resolver": {"dnssec": True, "trust_anchor": str(anchor)},
                    "dmarc": {"temperror": "tempfail"},
                    "log": {"level": "warning"}}
        one = scenario_module.Scenario(name, {**values, "settings": settings}, servers)
        folder = self.lab.path(f"scenario{number}")
        folder.mkdir()
        message = one.message(self.keys)
        (folder / "message.eml").write_bytes(message)
        (folder / "assay.conf").write_text(one.settings_text(port, None))
        _, output, said = assayd.command([self.tool, "check", "--json", "-c", folder / "assay.conf",
                                          *one.arguments(),
                                          folder / "message.eml"])
        found = json.loads(output.decode("utf-8"))
        differences = (expectation.general(found, message) +
                       expectation.differences(found, one.expect))
        if (WARNING in said) != (servers in ("root-otherkey", "root-nokey", "root-stripped")):
            differences.append(f"the log says: {said}")
        assert not differences, "\n".join(differences)


def main():
    all_cases = [(name, lambda runner, number=number, one=(name, servers, values):
                  runner.check(number, *one))
                 for number, (name, servers, values) in enumerate(cases())]
    return suite.main("dnssec", __doc__, all_cases, Runner, at_once=2)


if __name__ == "__main__":
    sys.exit(main())
