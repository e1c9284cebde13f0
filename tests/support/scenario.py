"""scenario.py - reads the scenarios of tests/messages: folders and tables. Their README.md describes the format."""
import codecs
import pathlib
import re
import subprocess
import time

import yaml

import sealing

DEFAULTS = {"ip": "192.0.2.10", "helo": "mail.example.org", "from": "anna@example.org", "to": ["reader@example.net"],
            "author": "Anna <anna@example.org>", "body": "Hello.\n"}
FIELDS_TO_SIGN = ["from", "to", "subject", "date", "message-id"]
KNOWN = {"name", "about", "ip", "helo", "from", "to", "auth", "author", "above", "fields", "body", "footer", "raw", "sign",
         "arc", "edit", "zone", "settings", "expect", "message_bytes"}
STANDARD_SETTINGS = {"authserv_id": "mx.example.net", "log": {"target": "stderr", "level": "error"},
                     "reports": {"store": ""}, "networks": {"ours": []}}


def fill_in(text, keys=None):
    """%KEY:name% is the DNS record of a key, %P:name% its p= alone (%PKCS1:name% in the other form), %NOW-60% a minute
    ago in seconds, %REPEAT:count:text% the text that often, %KEYFILE:name% the path of the private key."""
    text = re.sub(r"%KEYFILE:([\w-]+)%", lambda found: keys.file(found.group(1)), text)
    text = re.sub(r"%KEY:([\w-]+)%", lambda found: keys.record(found.group(1)), text)
    text = re.sub(r"%P:([\w-]+)%", lambda found: keys.public(found.group(1)), text)
    text = re.sub(r"%PKCS1:([\w-]+)%", lambda found: keys.public_pkcs1(found.group(1)), text)
    text = re.sub(r"%NOW([+-]\d+)%", lambda found: str(int(time.time()) + int(found.group(1))), text)
    return re.sub(r"%REPEAT:(\d+):([^%]*)%", lambda found: found.group(2) * int(found.group(1)), text)


def filled(value, keys):
    """The same in all texts of a value."""
    if isinstance(value, str):
        return fill_in(value, keys)
    if isinstance(value, list):
        return [filled(one, keys) for one in value]
    if isinstance(value, dict):
        return {name: filled(one, keys) for name, one in value.items()}
    return value


def merged(base, more):
    """`more` over `base`, groups inside groups."""
    result = dict(base)
    for name, value in (more or {}).items():
        inner = isinstance(value, dict) and isinstance(result.get(name), dict)
        result[name] = merged(result[name], value) if inner else value
    return result


def in_libconfig(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{ " + " ".join(f"{name} = {in_libconfig(inner)};" for name, inner in value.items()) + " }"
    if isinstance(value, list):
        opening, closing = "()" if value and isinstance(value[0], dict) else "[]"
        return f"{opening} " + ", ".join(map(in_libconfig, value)) + f" {closing}"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def unescaped(text):
    """Octets of a text with Python's escapes; other characters are UTF-8."""
    return codecs.escape_decode(text.encode("utf-8"))[0]


def with_crlf(octets):
    return re.sub(rb"\r?\n", b"\r\n", octets)


class Scenario:
    """One message with what surrounds it. Those of one group share a DNS server: its zone, and what each adds."""

    def __init__(self, name, values, group, group_zone=""):
        unknown = set(values) - KNOWN
        if unknown or "expect" not in values:
            raise ValueError(f"{name}: {', '.join(sorted(unknown)) or 'nothing expected'}")
        self.name = name
        self.group = group
        self.group_zone = group_zone
        self.values = merged(DEFAULTS, values)
        self.zone = values.get("zone", "").rstrip("\n") + "\n"
        self.expect = values["expect"]

    def arguments(self):
        """The envelope for `assay check`."""
        recipients = self.values["to"]
        words = ["--ip", self.values["ip"], "--helo", fill_in(self.values["helo"]), "--from", fill_in(self.values["from"])]
        for recipient in [recipients] if isinstance(recipients, str) else recipients:
            words += ["--to", recipient]
        return words + (["--auth", self.values["auth"]] if self.values.get("auth") else [])

    def settings_text(self, dns_port, keys):
        resolver = {"servers": [f"127.0.0.1@{dns_port}"], "dnssec": False}
        settings = merged(merged(STANDARD_SETTINGS, {"resolver": resolver}), self.values.get("settings"))
        return fill_in("".join(f"{name} = {in_libconfig(value)};\n" for name, value in settings.items()), keys)

    def message(self, keys):
        """The octets: built, signed, then changed on its way."""
        values = self.values
        if "message_bytes" in values:
            octets = values["message_bytes"]
        elif "raw" in values:
            octets = unescaped(fill_in(values["raw"], keys))
        else:
            octets = self.built(keys)
        for signature in values.get("sign", []):
            octets = self.signed(octets, signature, keys)
        octets = sealing.seal(keys, octets, filled(values.get("arc", []), keys), int(time.time()))
        for before, after in values.get("edit", []):
            before, after = unescaped(before), unescaped(fill_in(after, keys))
            if before not in octets:
                raise ValueError(f"nothing to edit: {before!r}")
            octets = octets.replace(before, after, 1)
        for line in reversed(values.get("above", [])):
            octets = with_crlf(unescaped(fill_in(line, keys)).rstrip(b"\n") + b"\n") + octets
        return octets + with_crlf(values.get("footer", "").encode())

    def built(self, keys):
        values = self.values
        fields = [f"From: {values['author']}"] if values["author"] is not None else []
        fields += ["To: reader@example.net", f"Subject: {self.name}", "Date: Sun, 01 Nov 2026 12:00:00 +0000",
                   "Message-ID: <scenario@example.org>", *values.get("fields", [])]
        text = "".join(field.rstrip("\n") + "\n" for field in fields) + "\n" + values["body"]
        return with_crlf(unescaped(fill_in(text, keys)))

    @staticmethod
    def signed(octets, how, keys):
        domain, selector, key = how.get("d", "example.org"), how.get("s", "s1"), how.get("key", "rsa2048")
        if "tags" not in how:
            return keys.sign(octets, key, domain, selector, identity=how.get("i"), canonicalize=how.get("c", "relaxed/relaxed"),
                             headers=how.get("h"), length=how.get("l", False))
        headers = how.get("h", FIELDS_TO_SIGN)
        algorithm = "ed25519-sha256" if key.startswith("ed25519") else "rsa-sha256"
        tags = {"v": "1", "a": algorithm, "c": how.get("c", "relaxed/relaxed"), "d": domain, "s": selector,
                "h": ":".join(headers)} | {name: fill_in(str(value), keys) for name, value in how["tags"].items() if value is not None}
        for name, value in how["tags"].items():
            if value is None:
                del tags[name]
        return keys.sign_tags(octets, key, tags, headers)


def with_own_domain(value, domain):
    """%D% is a domain that no other case of the table has."""
    if isinstance(value, str):
        return value.replace("%D%", domain)
    if isinstance(value, list):
        return [with_own_domain(one, domain) for one in value]
    if isinstance(value, dict):
        return {name: with_own_domain(one, domain) for name, one in value.items()}
    return value


def from_table(path):
    """All cases of a table; what stands beside `cases` is the default of each, zones add up."""
    table = yaml.safe_load(path.read_text(encoding="utf-8"))
    common = {name: value for name, value in table.items() if name not in ("cases", "about", "zone")}
    for number, case in enumerate(table["cases"], 1):
        values = with_own_domain(merged(common, case), f"case{number}.example")
        yield Scenario(f"{path.stem}: {case['name']}", values, path.stem, table.get("zone", ""))


def from_folder(path):
    """message.eml or message.py, envelope, dns.zone, settings, expected."""
    values = {}
    for name in ("envelope", "settings", "expected"):
        if (path / name).exists():
            read = yaml.safe_load((path / name).read_text(encoding="utf-8"))
            values.update(read if name == "envelope" else {"expect" if name == "expected" else name: read})
    values["zone"] = (path / "dns.zone").read_text(encoding="utf-8") if (path / "dns.zone").exists() else ""
    if (path / "message.py").exists():
        values["message_bytes"] = subprocess.run(["/usr/bin/python3", "-B", str(path / "message.py")], check=True,
                                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    else:
        values["message_bytes"] = with_crlf((path / "message.eml").read_bytes())
    return Scenario(path.name, values, path.name)


def load(folder):
    """All scenarios below a folder, in the order of their names."""
    for path in sorted(pathlib.Path(folder).iterdir()):
        if path.suffix == ".yaml":
            yield from from_table(path)
        elif path.is_dir() and (path / "expected").exists():
            yield from_folder(path)
