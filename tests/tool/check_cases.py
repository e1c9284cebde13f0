"""check_cases.py - what `assay check` takes for a message, and whose it takes it for; called by run.py of this folder."""
import bz2
import gzip
import lzma
import subprocess


def plain(domain):
    return f"From: A Person <a@{domain}>\nTo: b@example.net\nSubject: x\n\nHello.\n".encode()


MESSAGE = b"From: A Person <a@soft.example>\nSubject: x\n\nHello.\n"
POSTCAT = (b"*** ENVELOPE RECORDS deferred/0/0ABC ***\nmessage_size: 12 34\nsender: a@soft.example\n*** MESSAGE CONTENTS "
           b"deferred/0/0ABC ***\n" + MESSAGE + b"*** HEADER EXTRACTED deferred/0/0ABC ***\nnamed_attribute: x=y\n")
NO_MESSAGES = {
    "empty": b"", "gz": gzip.compress(MESSAGE), "bz2": bz2.compress(MESSAGE), "xz": lzma.compress(MESSAGE),
    "zip": b"PK\x03\x04\x14\x00", "utf16": MESSAGE.decode().encode("utf-16"), "utf16be": b"\xfe\xff" + b"\x00F\x00r",
    "msg": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "pdf": b"%PDF-1.7\n"}


def no_message(tool):
    """What is not a message gets no verdict, and the sentence says what it is."""
    for name, content in NO_MESSAGES.items():
        path = tool.lab.path(f"no-message-{name}")
        path.write_bytes(content)
        status, output, complaints = tool.run("check", "-c", tool.settings, path)
        assert (status, output) == (65, b"") and "is not a message: it " in complaints, (name, status, complaints)
    assert "gunzip" in tool.run("check", "-c", tool.settings, tool.lab.folder / "no-message-gz")[2]


def wrapped_message(tool):
    """The message inside a file of Apple Mail, the output of postcat, a mailbox, behind a byte order mark."""
    plist = b'<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"></plist>\n'
    length = str(len(MESSAGE)).encode()
    reference = tool.check(MESSAGE, "--ip", "203.0.113.1")
    for content in (length + b"\n" + MESSAGE + plist, length + b"        \n" + MESSAGE + plist, POSTCAT,
                    b"From a@soft.example Sat Nov 28 10:00:00 2026\n" + MESSAGE + b"\nFrom a b\nFrom: x@y.example\n\nx\n",
                    b"\xef\xbb\xbf" + MESSAGE):
        result = tool.check(content, "--ip", "203.0.113.1")
        for key in ("dmarc", "author", "verdict", "headers_added"):
            assert result[key] == reference[key], (content[:40], key, result[key])


BEFORE = """\
Return-Path: <a@good.example>
Received: from mx.example.net (localhost [127.0.0.1])
\tby mx.example.net (Dovecot) with LMTP id 1; Sat, 28 Nov 2026 10:00:01 +0000
"""
RECEIVED = """\
Received: from mail.good.example (mail.good.example [192.0.2.7])
\t(using TLSv1.3 by somebody else) by mx.example.net (Postfix) with ESMTPS id 4ABC
\tfor <b@example.net>; Sat, 28 Nov 2026 10:00:00 +0000
"""


def received(tool):
    """Mail saved from a mailbox: the client is the one that the mail server of this host names."""
    saved = plain("good.example").decode()
    forged = "Received: from x (x [192.0.2.8]) by other.example.net (Postfix) with ESMTP id 2; x\n"
    v6 = RECEIVED.replace("[192.0.2.7]", "[IPv6:2001:db8::7]")
    for fields, words, client in ((BEFORE + RECEIVED, (), "192.0.2.7"), (RECEIVED + forged, (), "192.0.2.7"),
                                  (v6, (), "2001:db8::7"), (BEFORE, (), None), (forged + RECEIVED, (), None),
                                  (RECEIVED, ("--ip", "192.0.2.9"), "192.0.2.9"),
                                  (RECEIVED.replace("by mx", "by xmx"), (), None), ("", (), None)):
        found = tool.check((fields + saved).encode(), *words)
        assert found["envelope"]["ip"] == client, (fields, found["envelope"])
    assert "192.0.2.7 (by the field Received of this host)" in tool.text((RECEIVED + saved).encode())
    found = tool.check((RECEIVED + saved).encode(), "--from", "a@good.example")
    assert found["envelope"]["helo"] == "mail.good.example" and found["dmarc"]["result"] == "pass", found["dmarc"]


WITHOUT_KEYS = "exec setpriv --reuid=65534 --regid=65534 --clear-groups -- \"$0\" \"$@\""


def without_keys(tool):
    """Who may not read the keys can judge mail from outside and look at the settings, and hears what is missing."""
    folder = tool.lab.path("closed-keys")
    folder.mkdir()
    (folder / "k1.pem").write_bytes(b"nobody may read this")
    (folder / "k1.pem").chmod(0o600)
    settings = tool.lab.write("closed-keys.conf", tool.settings.read_text() +
                              f'sign: ( {{ domain = "good.example"; keys = "{folder}"; }} );\n')
    message = tool.lab.write("closed-keys.eml", plain("strict.example").decode())

    def run(*words):
        done = subprocess.run(["sh", "-c", WITHOUT_KEYS, tool.program, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    status, output, complaints = run("check", "-c", settings, "--ip", "203.0.113.1", message)
    assert status == 11 and output.startswith("Verdict  reject") and "without the signing keys" in complaints, (status, complaints)
    for words in (["--auth", "joe"], ["--ip", "198.51.100.7"]):
        status, output, complaints = run("check", "-c", settings, *words, message)
        assert status == 78 and output == "" and "run this as root" in complaints, (status, complaints)
    status, output, complaints = run("config", "-c", settings)
    assert status == 0 and 'domain = "good.example"' in output and "without the signing keys" in complaints, (status, complaints)


CASES = (received, without_keys, no_message, wrapped_message)
