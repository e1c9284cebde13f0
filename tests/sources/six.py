"""six.py - the scene of scene.py: six kinds of sources, each named and advised rightly."""
import re

import scene
from bench import ROOT, case

EXPECTED = {
    "192.0.2.10": ("mx1.example.org", "ours", False, "nothing to do", []),
    "198.51.100.3": ("letters.example", "service", True, "signs as letters.example and not as example.org", []),
    "203.0.113.7": ("alumni.example", "forwarder", False, "your DKIM signature survives", []),
    "203.0.113.40": ("club.example", "list", True, "your signature breaks there", []),
    "198.18.64.9": (None, "spoof", True, "p=reject stops them", []),
    "192.0.2.80": ("web1.example.org", "ours", True, "nothing vouches for it",
                   ['web1.example.org. IN TXT "v=spf1 ip4:192.0.2.80 -all"']),
}


@case("six kinds of sources: named and advised")
def six_kinds(bench):
    place = bench.place()
    place.fill(scene.lines())
    found = {source["source"]: source for source in place.sources()}
    assert found.keys() == EXPECTED.keys(), found.keys()
    for address, (name, kind, act, words, publish) in EXPECTED.items():
        source = found[address]
        assert (source["name"], source["kind"], source["act"]) == (name, kind, act), source
        assert words in source["advice"], source
        assert source["publish"] == publish, source
    assert found["198.51.100.3"]["addresses"] == 2, found["198.51.100.3"]
    assert sum(source["messages"] for source in found.values()) == 14 * 2 * 320


@case("six kinds of sources: what needs a person comes first")
def order(bench):
    place = bench.place()
    place.fill(scene.lines())
    kinds = [source["act"] for source in place.sources()]
    assert kinds == sorted(kinds, reverse=True), kinds
    assert place.sources()[0]["source"] == "192.0.2.80"


@case("six kinds of sources: under p=reject the forger is stopped and needs nobody")
def stopped(bench):
    place = bench.place(zone=scene.ZONE.replace("p=none", "p=reject"))
    place.fill(scene.lines(policy="reject"))
    forger = next(source for source in place.sources() if source["kind"] == "spoof")
    assert not forger["act"] and "stopped 336 of 336 messages" in forger["advice"], forger


@case("six kinds of sources: the text stands in the guide, in 80 columns")
def guide(bench):
    place = bench.place()
    place.fill(scene.lines())
    text = place.report("sources", scene.DOMAIN)
    assert max(map(len, text.splitlines())) <= 80, text
    page = (ROOT / "contrib/guides/reports.md").read_text(encoding="utf-8")
    shown = re.search(r"\$ assay report sources example.org\n(.*?)```", page, re.DOTALL)
    assert shown and shown.group(1) == text, text
