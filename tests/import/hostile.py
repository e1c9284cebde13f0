"""hostile.py - files that nobody should import: each gets one clear sentence, and the import ends."""
import json
import os
import pathlib
import pwd
import random

import tap


def refused(bench, path, words, statuses=(65,), option="--opendkim"):
    status, _, err = bench.import_files(option, path)
    lines = [line for line in err.splitlines() if line.startswith("assay: ")]
    assert status in statuses, f"status {status}: {err[:500]}"
    assert len(lines) == 1 and words in lines[0] and len(lines[0]) < 1200, err[:500]


def taken(bench, path, words=""):
    status, out, err = bench.import_files("--opendkim", path)
    assert status == 0, f"status {status}: {err[:500]}"
    assert words in err, err[:1000]
    assert all(byte >= " " or byte in "\n\t" for byte in out + err), "control characters get through"


def folder(bench):
    path = bench.lab.path(f"hostile-{next(bench.numbers)}")
    path.mkdir()
    return path


def no_files(bench):
    here = folder(bench)
    refused(bench, here, "is a folder; name a file")
    refused(bench, here / "nothing", "No such file or directory")
    os.mkfifo(here / "pipe")
    refused(bench, here / "pipe", "is a device or a pipe")
    refused(bench, "/dev/zero", "is a device or a pipe")
    (here / "loop").symlink_to(here / "loop")
    refused(bench, here / "loop", "a symbolic link" if bench.is_root else "Too many levels")


def large(bench):
    here = folder(bench)
    with open(here / "large", "wb") as file:
        file.truncate(100 << 20)
    refused(bench, here / "large", "is larger than")
    (here / "many").write_text("LogWhy yes\n" * 20000)
    refused(bench, here / "many", "more than 10000 options")
    (here / "long").write_text("Domain " + "a" * 900000 + "\n")
    taken(bench, here / "long")
    (here / "lines").write_text("\n" * 1000000)
    taken(bench, here / "lines")


def nul(bench):
    here = folder(bench)
    (here / "nul").write_bytes(b"Domain example.com\0\nSelector x\n")
    refused(bench, here / "nul", "holds a NUL byte")
    (here / "garbage").write_bytes(bytes(byte or 1 for byte in random.Random(7).randbytes(200000)))
    taken(bench, here / "garbage")
    (here / "words").write_text("\x1b[2J\x07 yes\n\x1b]0;title\x07\nDomain \x1b[31m\n")
    taken(bench, here / "words", "has no such option")


def names(bench):
    """Paths and values appear in comments, messages and JSON without control characters and line ends."""
    here = folder(bench)
    odd = b"k\x1b]0;t\x07\x0b\xff\xc2\x9b2J\xe2\x80\xae"
    (here / "keys").write_bytes(b"a a.example:s:" + bytes(here) + b"/" + odd + b"\n")
    (here / "signing").write_bytes(b"a.example a\n")
    (here / "more\nlisten = \"inet:1@0.0.0.0\";").write_bytes(b"SoftwareHeader \xff\x85\xc3\n")
    (here / "conf").write_bytes(b"KeyTable " + bytes(here / "keys") + b"\nSigningTable " + bytes(here / "signing") + b"\n")
    for path in (here / "conf", here / "more\nlisten = \"inet:1@0.0.0.0\";"):
        status, out, err = bench.import_files("--opendkim", path)
        assert status == 0 and "\nlisten" not in out + err, err
        assert all(byte >= " " and not "\x7f" <= byte < "\xa0" and byte != "\u202e" or byte in "\n\t" for byte in out + err), out + err
        status, out, err = bench.import_files("--json", "--output", here / f"out{len(str(path))}", "--opendkim", path)
        assert status == 0 and json.loads(out.encode())["left"], err
    (here / "signing").write_text("*@" + "a" * 2000 + ".a.example a\n*@b\x07*.a.example a\n*@b.example b\n")
    (here / "conf").write_text(f"KeyTable {here}/good\nSigningTable refile:{here}/signing\n")
    (here / "good").write_text(f"a a.example:s:{here}/key\nb b\x07.example:\x0bs:{here}/key\n")
    taken(bench, here / "conf", "sign.authors cannot be")
    (here / "lost").write_bytes(b"Include /nowhere/" + odd + b"\n")
    status, _, err = bench.import_files("--opendkim", here / "lost")
    assert status == 65 and err.rstrip("\n").isprintable(), err


def includes(bench):
    here = folder(bench)
    (here / "self").write_text(f"Include {here}/self\n")
    refused(bench, here / "self", "nested too deep or too many")
    (here / "wide").write_text(f"Include {here}/leaf\n" * 200)
    (here / "leaf").write_text("LogWhy yes\n")
    refused(bench, here / "wide", "nested too deep or too many")
    (here / "lost").write_text(f"LogWhy yes\nInclude {here}/nowhere\n")
    refused(bench, here / "lost", "lost:2: ")
    (here / "odd").write_text("Include /dev/zero\n")
    refused(bench, here / "odd", "is a device or a pipe")


def tables(bench):
    here = folder(bench)
    (here / "conf").write_text(f"KeyTable {here}/keys\nSigningTable refile:{here}/signing\nInternalHosts {here}/hosts\n"
                               f"PeerList /dev/zero\nExemptDomains {here}\n")
    (here / "keys").write_text("".join(f"k{number} d{number}.example:s:/nonexistent\n" for number in range(20000)))
    (here / "signing").write_text("".join(f"*@d{number}.example k{number}\n" for number in range(20000)))
    (here / "hosts").write_text("::/0\n" + "".join(f"!2001:db8::{number:x}\n" for number in range(1000)))
    taken(bench, here / "conf", "too many exceptions with !")
    (here / "hosts").write_text("".join(f"10.{number >> 8}.{number & 255}.7\n" for number in range(5000)))
    taken(bench, here / "conf", "the first 4096 are in networks.ours")
    (here / "hosts").write_text("".join(f"10.{number >> 8}.{number & 255}.7\n" for number in range(4096)))
    assert "too many" not in bench.import_files("--opendkim", here / "conf")[2]
    (here / "conf2").write_text(f"KeyTable refile:{here}/keys\nSigningTable refile:{here}/signing\nInternalHosts /dev/zero\n")
    taken(bench, here / "conf2", "is a device or a pipe")
    (here / "signing").write_text("".join(f"*@*a{number}*b.example %\n" for number in range(20000)))
    taken(bench, here / "conf", "the tables are too large")
    (here / "patterns").write_text("".join(f"*k{number}*x*y* d{number}.example:s:/nonexistent\n" for number in range(4999)))
    (here / "signing").write_text("".join(f"*@d{number}.example {'k' * 25}{number}xxxxxz\n" for number in range(30000)))
    (here / "conf3").write_text(f"KeyTable refile:{here}/patterns\nSigningTable refile:{here}/signing\n")
    taken(bench, here / "conf3", "the tables are too large")
    (here / "signing").write_text("*" * 900 + "a@example.com k1\n" + "[[[ k1\n@ k1\n@@@ k1\n k1\n*@ k1\n")
    taken(bench, here / "conf")


def stranger(bench):
    here = folder(bench)
    (here / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    status, _, err = bench.import_files(here / "passwd")
    names = "opendkim.conf, dkimpy-milter.conf, opendmarc.conf or policyd-spf.conf"
    assert status == 65 and f"does not look like {names}" in err, err
    (here / "x").write_text("RejectFailures true\nSocket inet:1@localhost\n")
    status, out, err = bench.import_files(here / "x")
    assert status == 0 and 'enforce = "strict"' in out, err
    (here / "y").write_text("HELO_reject = Fail\nTestOnly = 1\n")
    status, out, err = bench.import_files(here / "y")
    assert status == 0 and 'fail = "reject"' in out, err


SECRETS = [("--opendkim", line) for line in (
    "SigningTable file:@", "SigningTable refile:@", "SigningTable @", "KeyTable file:@", "Include @", "InternalHosts @", "InternalHosts refile:@",
    "ExternalIgnoreList @", "PeerList file:@", "ExemptDomains file:@", "Domain file:@", "OversignHeaders file:@", "SignHeaders file:@",
    "MTA file:@", "ResignMailTo file:@", "DontSignMailTo file:@")] + \
    [("--opendmarc", line) for line in ("IgnoreHosts @", "IgnoreMailFrom @", "PublicSuffixList @")]
READ = [("--opendkim", line) for line in ("KeyTable file:@\nSigningTable file:@", "KeyTable @\nSigningTable refile:@", "Include @", "InternalHosts @",
                                          "InternalHosts refile:@")] + [("--opendmarc", "IgnoreHosts @")]


def output_of(here, bench, option, line, mode, group=0):
    """(mode of the output, its text, standard error) for a line that names a file of that mode."""
    secret, conf, out = here / "secret", here / "conf", here / "out"
    for path in (secret, out):
        path.unlink(missing_ok=True)
    secret.write_text("LogWhy root:$6$hash:19000\n10.77.0.1 anna@secret.example\n")
    if bench.is_root:
        os.chown(secret, 0, group)
    secret.chmod(mode)
    conf.write_text(line.replace("@", str(secret)) + "\nSyslog yes\n")
    conf.chmod(0o644)
    status, _, err = bench.import_files("--output", out, option, conf)
    assert status in (0, 78), err
    return out.stat().st_mode & 0o777, out.read_text(), err


def closed(bench):
    """The output is never readable for more users than each file that any option names."""
    here = folder(bench)
    for option, line in SECRETS + READ:
        for mode in (0o600, 0o640, 0o400, 0o660, 0o644):
            found, text, err = output_of(here, bench, option, line, mode, 42)
            assert found in (0o600, 0o640), f"{line}: the output has mode {found:o}"
            read = "hash" in text or "10.77.0.1" in text or "secret.example" in text
            assert not read or mode & 0o044 == 0o044 or found == 0o600, f"{line}, mode {mode:o}: {found:o}: {text}"
            assert (found == 0o640) == ("for its owner alone" not in err), err
    for option, line in READ:
        assert output_of(here, bench, option, line, 0o640, 42)[0] == 0o600, line
    (here / "out").unlink()
    for aim in (here / "elsewhere", here / "conf"):
        (here / "out").symlink_to(aim)
        status, _, err = bench.import_files("--output", here / "out", "--opendkim", here / "conf")
        assert status == 73 and not (here / "elsewhere").exists(), err
        (here / "out").unlink()


def foreign_links(bench):
    """The folder of keys belongs to another user: root does not follow its links to a key or a table."""
    if not bench.is_root:
        raise tap.Skip("it takes root")
    here = folder(bench)
    (here / "secret.pem").write_bytes(pathlib.Path(bench.keys.file("rsa2048")).read_bytes())
    (here / "secret.pem").chmod(0o600)
    (here / "table").write_text("@anna.example\n")
    owner = pwd.getpwnam("nobody").pw_uid
    for name, aim in (("key", "secret.pem"), ("linked", "table")):
        (here / name).symlink_to(aim)
        os.lchown(here / name, owner, owner)
    conf = here / "conf"
    conf.write_text(f"Domain a.example\nSelector s\nKeyFile {here}/key\n")
    for more in ((), ("--user", "nobody", "--keys", here / "copies")):
        status, _, err = bench.import_files(*more, "--opendkim", conf)
        assert status in (0, 78) and "symbolic link" in err, err
        assert not list(here.glob("copies/*/*.pem")), "a key was copied through the link"
    conf.write_text(f"InternalHosts refile:{here}/linked\nOmitHeaders file:{here}/linked\n")
    status, out, err = bench.import_files("--opendkim", conf)
    assert "anna.example" not in out and "symbolic link" in err and "does not sign these either" not in out + err, out + err
    (here / "mine").symlink_to("table")
    conf.write_text(f"InternalHosts refile:{here}/mine\n")
    assert "symbolic link" not in bench.import_files("--opendkim", conf)[2]


def cases():
    yield "hostile: links of other users, to keys and tables", foreign_links
    yield "hostile: files that not everybody may read", closed
    yield "hostile: folders, pipes, devices, loops", no_files
    yield "hostile: 100 MB, too many lines, long lines", large
    yield "hostile: NUL, garbage, escape sequences", nul
    yield "hostile: names of files and keys with control characters", names
    yield "hostile: includes without end", includes
    yield "hostile: tables", tables
    yield "a file is known by what stands in it", stranger
