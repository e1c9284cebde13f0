"""config_cases.py - `assay config --changed` and `assay config set`; called by run.py of this folder."""
import os

BEFORE = """\
// a comment that stays
user = "nobody"; dmarc: { enforce = "monitor"; temperror = "auto"; };
networks: { ours = [ "127.0.0.0/8", "::1/128" ]; };
rules: ( { when = { from_domain = "lists.example.org"; }; dmarc = "ignore"; why = "our } own; list" " server"; } );
# spf: { fail = "reject"; };
spf: { /* a } */ fail = "continue"; // b
};
"""


def changed(tool):
    """Only what differs from the defaults, and it reads back to the same."""
    path = tool.lab.write("changed.conf", BEFORE)
    status, output, _ = tool.run("config", "-c", path, "--changed")
    assert status == 0
    text = output.decode()
    for word in ("user", "enforce", "rules", "from_domain", "why"):
        assert word in text, text
    for word in ("temperror", "ours", "spf", "keys that sign", "listen"):
        assert word not in text, text
    again = tool.lab.write("changed-again.conf", text)
    assert tool.run("config", "-c", again)[1] == tool.run("config", "-c", path)[1]
    empty = tool.lab.write("changed-nothing.conf", "")
    assert tool.run("config", "-c", empty, "--changed")[:2] == (0, b"")


def set_values(tool):
    """One value is another, every other octet is the same; a value that is not valid changes nothing."""
    path = tool.lab.write("set.conf", BEFORE)
    path.chmod(0o640)
    os.chown(path, 65534, 65534) if os.geteuid() == 0 else None
    wanted = BEFORE
    for name, value, old, new in (
            ("dmarc.enforce", "strict", 'enforce = "monitor"', 'enforce = "strict"'),
            ("spf.fail", "reject", '*/ fail = "continue"', '*/ fail = "reject"'),
            ("spf.fail", '"continue"', '*/ fail = "reject"', '*/ fail = "continue"'),
            ("networks.ours", "10.0.0.0/8, 192.0.2.1", '[ "127.0.0.0/8", "::1/128" ]', '[ "10.0.0.0/8", "192.0.2.1" ]'),
            ("networks.ours", "[ ]", '[ "10.0.0.0/8", "192.0.2.1" ]', "[ ]"),
            ("dmarc.discovery", "psl", "dmarc: { ", 'dmarc: {\n\tdiscovery = "psl"; '),
            ("limits.messages", "100", None, "limits: {\n\tmessages = 100;\n};\n"),
            ("limits.header_bytes", "100000", "limits: {", "limits: {\n\theader_bytes = 100000;"),
            ("authserv_id", "mx.example.net", None, 'authserv_id = "mx.example.net";\n')):
        status, _, complaints = tool.run("config", "-c", path, "set", name, value)
        wanted = wanted + new if old is None else wanted.replace(old, new)
        assert status == 0 and path.read_text() == wanted, (name, complaints, path.read_text())
    assert path.stat().st_mode & 0o777 == 0o640
    assert os.geteuid() != 0 or path.stat().st_uid == 65534
    for words, status, expected in (
            (("dmarc.enforce", "harsh"), 78, "nothing was changed"), (("dmarc.enforced", "strict"), 64, 'did you mean "dmarc.enforce"'),
            (("resolver.timeout_ms", "5s"), 78, "set.conf:"), (("rules.why", "x"), 64, "with an editor"),
            (("rules", "x"), 64, "with an editor"), (("dmarc.enforce",), 64, "takes a name and a value"),
            (("user", "a\nb"), 64, "one line"), (("user", '"a"; listen = "x"'), 64, "is not one value"),
            (("limits.messages", "5; header_bytes = 10000"), 64, "is not one value"), (("limits.messages", ""), 78, "nothing was changed")):
        got, output, complaints = tool.run("config", "-c", path, "set", *words)
        assert (got, output) == (status, b"") and expected in complaints, (words, got, complaints)
        assert path.read_text() == wanted, words
    assert not list(path.parent.glob("set.conf.*"))
    outer = tool.lab.write("set-outer.conf", f'@include "{path}"\n')
    got, _, complaints = tool.run("config", "-c", outer, "set", "dmarc.enforce", "strict")
    assert got == 64 and "change it there" in complaints, complaints
    link = tool.lab.path("set-link.conf")
    link.symlink_to(path)
    assert tool.run("config", "-c", link, "set", "dmarc.enforce", "monitor")[0] == 66 and path.read_text() == wanted


CASES = (changed, set_values)
