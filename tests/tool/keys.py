"""keys.py - the cases of `assay key`, called by run.py of this folder."""
import base64
import json
import os
import pathlib
import pwd
import re
import stat
import subprocess

import dns.zone

import namespaces
import tap
import zone_server

SETTINGS = """\
authserv_id = "mx.example.net";
user = "nobody";
resolver: {{ servers = "127.0.0.1@{port}"; dnssec = false; }};
sign: ( {{ domain = "{domain}"; keys = "{keys}"; }} );
"""


class Site:
    """Keys in a folder of their own, and a DNS server with the records that were published."""

    def __init__(self, tool, name, domain="example.org"):
        self.tool, self.lab, self.name, self.domain = tool, tool.lab, name, domain
        self.keys = self.lab.path(f"{name}-keys")
        self.servers = 0
        self.publish({})

    def publish(self, records, *lines):
        """A server for each state of the zone, so that nothing is cached."""
        self.servers += 1
        zone = "".join(f"{name} TXT {value}\n" for name, value in records.items()) + "".join(f"{line}\n" for line in lines)
        server = zone_server.ZoneServer(self.lab, zone or "nothing.example TXT x\n", name=f"{self.name}{self.servers}")
        self.settings = self.lab.write(f"{self.name}.conf", SETTINGS.format(port=server.port, domain=self.domain, keys=self.keys))

    def key(self, *words, status=0):
        got, output, complaints = self.tool.run("key", *words, "-c", self.settings)
        assert got == status, f"key {' '.join(words)} ended with {got}: {output.decode()}{complaints}"
        return output.decode() + complaints

    def list(self, verb="list", status=0):
        got, output, complaints = self.tool.run("key", verb, "--json", "-c", self.settings)
        assert (got, complaints) == (status, ""), (got, complaints)
        return {one["selector"]: one for one in json.loads(output)["keys"]}

    def states(self, verb="list", status=0):
        return {name: (one["state"], one["dns"]) for name, one in self.list(verb, status).items()}

    def records(self):
        return {one["name"]: one["record"] for one in self.list().values()}


def new_keys(tool):
    site = Site(tool, "new")
    told = site.key("new", "Example.ORG")
    found = site.list()
    assert sorted((one["kind"], one["bits"], one["state"]) for one in found.values()) == \
        [("ed25519", 256, "signs"), ("rsa", 2048, "signs")], found
    for selector, one in found.items():
        assert re.fullmatch(r"\d{8}[re]", selector), selector
        path = site.keys / "example.org" / f"{selector}.pem"
        assert str(path) == one["file"] and stat.S_IMODE(path.stat().st_mode) == 0o600
        assert one["problem"] is None, one
        # the value for the web form, and the same cut into strings
        assert f"\n; {one['record']}\n" in told
        cut = re.search(re.escape(f"{one['name']}. IN TXT") + r"((?:[ \n\t(]*\"[^\"]*\")+)", told)
        strings = re.findall(r'"([^"]*)"', cut.group(1))
        assert "".join(strings) == one["record"] and all(len(string) <= 255 for string in strings)
        # as OpenSSL sees the public half
        public = subprocess.run(["openssl", "pkey", "-in", path, "-pubout", "-outform", "DER"], stdout=subprocess.PIPE,
                                check=True).stdout
        published = base64.b64decode(one["record"].split("p=")[1])
        assert published == (public if one["kind"] == "rsa" else public[-32:])
    assert not [path for path in (site.keys / "example.org").iterdir() if not path.name.endswith(".pem")]
    told = site.key("dns", "example.org")
    zone = dns.zone.from_text("@ 60 IN SOA . . 1 1 1 1 1\n@ 60 IN NS ns.example.net.\n" + told, "example.org.")
    for one in found.values():
        text = zone.find_rdataset(one["name"].removesuffix(".example.org"), "TXT")[0]
        assert b"".join(text.strings).decode() == one["record"]
    assert site.key("dns", "example.org", selector).count("IN TXT") == 1
    site.key("dns", "example.org", "nothing", status=66)
    # 63 octets are a selector; with the letter it is too long
    assert "choose a shorter --selector" in site.key("new", "example.org", "--selector", "s" * 63, status=73)
    assert len(site.list()) == 2
    site.key("new", "example.org", "--bits", "3072")
    later = site.states()
    assert sorted(later[name][0] for name in later if name not in found) == ["pending", "pending"], later
    assert sorted(name for name in later if name not in found) == sorted(name + "2" for name in found)


SMALL = """\
mount -t tmpfs -o size=4k,mode=755 none "$1" || exit 99
"$2" key new example.org -c "$3" 2>&1
echo "$? $(find "$1" -type f | wc -l)"
"""


def full_disk(tool):
    """If there is room for only one of two keys, none is left: it would sign without a published record."""
    site = Site(tool, "full")
    site.keys.mkdir()
    done = subprocess.run([*namespaces.command(), "sh", "-c", SMALL, "small", str(site.keys), str(tool.program), str(site.settings)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode in (1, 99, 127):
        raise tap.Skip(f"no small disk can be had here: {done.stderr.decode(errors='replace').strip()}")
    told = done.stdout.decode()
    assert "No space left on device" in told and told.endswith("\n73 0\n"), told


def rotation(tool):
    site = Site(tool, "rotation")
    site.key("new", "example.org", "--selector", "a")
    assert site.states("check", 1) == {"ar": ("signs", "missing"), "ae": ("signs", "missing")}
    assert "publish" in site.key("check", status=1)
    site.publish(site.records())
    assert site.states("check") == {"ar": ("signs", "published"), "ae": ("signs", "published")}
    assert "no new key" in site.key("retire", "example.org", status=1)
    old = site.records()
    site.key("new", "example.org", "--selector", "b")
    site.publish(old)
    assert site.states("check", 1)["br"] == ("pending", "missing")
    before = sorted((site.keys / "example.org").iterdir())
    assert "nothing was changed" in site.key("retire", "example.org", status=1)
    assert sorted((site.keys / "example.org").iterdir()) == before
    site.publish(site.records())
    assert site.states("check")["be"] == ("pending", "published")
    assert "ready to sign" in site.key("check")
    told = site.key("retire", "example.org")
    states = site.list("check")
    assert {name: one["state"] for name, one in states.items()} == \
        {"ar": "retired", "ae": "retired", "br": "signs", "be": "signs"}
    until = states["ar"]["until"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", until) and told.count(until) >= 2 and "reload" in told
    site.key("retire", "example.org", "be")
    assert "without a key" in site.key("retire", "example.org", "br", status=1)
    assert "no key br9" in site.key("retire", "example.org", "br9", status=1)


def faults(tool):
    """Each error of a record is named."""
    site = Site(tool, "faults")
    site.key("new", "example.org", "--selector", "x")
    records = site.records()
    name = "xr._domainkey.example.org"
    good, other = records[name], records["xe._domainkey.example.org"]
    del records[name]
    for lines, state, testing in [([f"{name} TXT v=DKIM1; k=rsa; p="], "revoked", False),
                                  ([f"{name} TXT {other}"], "differs", False),
                                  ([f"{name} TXT {good.replace('MII', 'MIJ')}"], "unusable", False),
                                  ([f"{name} TXT {good.replace('k=rsa', 'k=rsa; s=tlsrpt')}"], "unusable", False),
                                  ([f"{name} TXT {good}", f"{name} TXT v=DKIM1; p="], "unusable", False),
                                  ([f"{name} TXT {good.replace('k=rsa', 'k=rsa; t=y')}"], "published", True),
                                  ([f"{name} A 192.0.2.1"], "missing", False)]:
        site.publish(records, *lines)
        found = site.list("check", 1)["xr"]
        assert (found["dns"], found["testing"]) == (state, testing), (lines, found)
    site.publish(records, f"{name} TXT !servfail")
    assert site.list("check", 75)["xr"]["dns"] == "unknown"
    site.publish(records, f"{name} TXT {good}")
    path = site.keys / "example.org" / "xr.pem"
    path.chmod(0o644)
    assert "chmod 600" in site.list("check", 1)["xr"]["problem"]
    assert "chmod 600" in site.key("list", status=66)


def places(tool):
    """Without an entry, keys go where --keys says, and the entry is printed; a folder of one domain is used as it is."""
    site = Site(tool, "places", domain="one.example")
    folder = site.lab.path("elsewhere")
    told = site.key("new", "two.example", "--keys", str(folder))
    assert (folder / "two.example").is_dir() and 'domain = "two.example"' in told, told
    # assayd has another working folder, so the entry has an absolute path
    status, output, complaints = tool.run("key", "new", "three.example", "-c", site.settings, "--keys", os.path.relpath(folder))
    assert status == 0 and f'keys = "{folder.resolve()}/three.example"' in output.decode(), (output, complaints)
    assert "cannot be read: No such file" in site.key("list", "--keys", str(folder / "missing"), status=66)
    assert "assay key new none.example" in site.key("list", "none.example")
    site.keys = site.lab.path("one.example")
    site.publish({})
    site.key("new", "one.example")
    assert len(list(site.keys.glob("*.pem"))) == 2, list(site.keys.iterdir())
    entries = "sign: ( " + ", ".join(f'{{ domain = "{name}"; sign_as = "one.example"; keys = "{site.keys}"; }}'
                                     for name in ("one.example", "*.one.example")) + " );\n"
    both = site.lab.write("places-both.conf", entries)
    assert tool.run("key", "list", "-c", both)[1].count(b"signs") == 2, "the keys of two entries are listed once"
    one_file = next(site.keys.glob("*r.pem"))
    site.keys = one_file
    site.publish({})
    assert list(site.states()) == [one_file.stem]
    assert "one key file" in site.key("new", "one.example", status=78)
    status, output, complaints = tool.run("check", "-c", site.settings, "--json", "--auth", "joe",
                                          given=b"From: joe@one.example\n\nHello.\n")
    assert status == 0, complaints
    signed = json.loads(output)["sign"]
    assert signed == {"count": 1, "reason": None, "long_lines": "none", "signatures": [
        {"domain": "one.example", "selector": one_file.stem, "algorithm": "rsa-sha256"}]}, signed
    status, output, complaints = tool.run("check", "-c", site.settings, "--auth", "joe",
                                          given=b"From: joe@other.example\n\nHello.\n")
    assert b"Signing  unsigned  no key for other.example" in output, output


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def links(tool):
    """Root does not write through a link in a folder of the daemon's user, nor read through one of another user."""
    if os.geteuid() != 0:
        raise tap.Skip("it takes root")
    nobody = pwd.getpwnam("nobody")
    site = Site(tool, "links")
    site.keys.mkdir()
    target = site.lab.path("links-target")
    target.mkdir()
    (target / "below").mkdir()
    for number, aim in enumerate((target, target / "below", "../links-target", target / "missing", "/etc", "relay.example")):
        domain = f"d{number}.example"
        (site.keys / "relay.example").unlink(missing_ok=True)
        (site.keys / "relay.example").symlink_to(target)
        for owner in (0, nobody.pw_uid):
            link = site.keys / domain
            link.unlink(missing_ok=True)
            link.symlink_to(aim)
            os.lchown(link, owner, owner)
            os.chown(site.keys, owner, owner)
            told = site.key("new", domain, "--keys", str(site.keys), status=73)
            assert "symbolic link" in told, told
            assert tree(target) == ["below"] and not list(pathlib.Path("/etc").glob("*.pem")), tree(target)
    assert target.stat().st_uid == 0, "the folder was given away"

    # in folders above: a link of root is followed, one of another user is not
    for owner, status in ((0, 0), (nobody.pw_uid, 73)):
        above = site.lab.path(f"links-above{owner}")
        above.mkdir()
        kept = above / "kept"
        kept.mkdir()
        (above / "keys").symlink_to("kept")
        os.lchown(above / "keys", owner, owner)
        told = site.key("new", "up.example", "--keys", str(above / "keys"), status=status)
        assert bool(tree(kept)) == (status == 0), (told, tree(kept))

    # a key: a link of root is followed, one of another user to a key of root is not
    own = site.lab.path("links-own")
    site.key("new", "own.example", "--keys", str(own))
    secret = next((own / "own.example").glob("*r.pem"))
    os.chown(secret, 0, 0)
    for owner, status, words in ((0, 0, "signs"), (nobody.pw_uid, 66, "symbolic link")):
        linked = site.lab.path(f"links-linked{owner}", "own.example")
        linked.mkdir(parents=True)
        (linked / "s1.pem").symlink_to(secret)
        os.lchown(linked / "s1.pem", owner, owner)
        told = site.key("list", "own.example", "--keys", str(linked.parent), status=status)
        assert words in told, told


def swapped(tool):
    """The folder becomes a link between two steps of a rotation: its target does not change."""
    if os.geteuid() != 0:
        raise tap.Skip("it takes root")
    site = Site(tool, "swapped")
    site.key("new", "example.org")
    site.key("new", "example.org")
    folder, moved = site.keys / "example.org", site.keys / "moved"
    folder.rename(moved)
    folder.symlink_to(moved)
    before = tree(moved)
    told = site.key("retire", "example.org", "--without-dns", status=73)
    assert tree(moved) == before and "symbolic link" in told, told


MISUSES = [(["key"], "key needs one of: new, dns, check, list, retire"), (["key", "make"], "key needs one of"),
           (["key", "new"], "key new needs a domain"), (["key", "new", "a..b"], '"a..b" is not a domain name'),
           (["key", "new", "example.org", "--bits", "512"], '"512" is not a value for --bits: of the RSA key: 1024, 2048 (default), 3072 or 4096'),
           (["key", "new", "example.org", "--selector", "a b"], '"a b" is not a selector'),
           (["key", "list", "example.org", "more"], 'unexpected argument "more"'),
           (["key", "check", "--frobnicate"], 'key has no option "--frobnicate"')]

CASES = (new_keys, full_disk, rotation, faults, places, links, swapped)
