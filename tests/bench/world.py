"""world.py - what surrounds the filters in a benchmark: the DNS and the messages.

All of it runs on an island (island.py): every filter finds the resolver at 127.0.0.1, port 53, and in
/etc/resolv.conf, since libspf2 and opendmarc look nowhere else, and nothing leaves the machine.
"""
import os
import pathlib
import subprocess

import lab as lab_module
import zone_server

DOMAIN = "example.org"
CLIENT, CLIENT_NAME = "192.0.2.10", "mail.example.org"
SENDER, RECIPIENT = "anna@example.org", "reader@example.net"
SELECTOR = "s1"
SIZES = {"2 kB": 2_000, "30 kB": 30_000, "1 MB": 1_000_000}
HOST = "mx.example.net"

UNBOUND = """\
server:
	interface: 127.0.0.1
	port: 53
	access-control: 127.0.0.0/8 allow
	do-not-query-localhost: no
	module-config: "iterator"
	username: ""
	chroot: ""
	directory: "{folder}"
	pidfile: "{folder}/unbound.pid"
	use-syslog: no
	verbosity: 0
	do-daemonize: no
	num-threads: 1
	msg-cache-size: 16m
	rrset-cache-size: 32m
remote-control:
	control-enable: no
forward-zone:
	name: "."
	forward-addr: 127.0.0.1@{port}
"""


def records(keys):
    """(name, type, value): SPF with three includes, of which the third has the client; DMARC; the key; the client."""
    blocks = [" ".join(f"ip4:198.18.{block}.{part}/28" for part in range(0, 128, 16)) for block in range(3)]
    return [
        (DOMAIN, "TXT", "v=spf1 " + " ".join(f"include:_spf{number}.{DOMAIN}" for number in (1, 2, 3)) + " -all"),
        (f"_spf1.{DOMAIN}", "TXT", f"v=spf1 {blocks[0]} ~all"),
        (f"_spf2.{DOMAIN}", "TXT", f"v=spf1 {blocks[1]} ~all"),
        (f"_spf3.{DOMAIN}", "TXT", f"v=spf1 {blocks[2]} ip4:192.0.2.0/24 ip4:127.0.0.0/8 ~all"),
        (f"_dmarc.{DOMAIN}", "TXT", f"v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN}"),
        (f"{SELECTOR}._domainkey.{DOMAIN}", "TXT", keys.record("rsa2048")),
        (DOMAIN, "MX", f"10 {CLIENT_NAME}."),
        (CLIENT_NAME, "A", CLIENT),
        (CLIENT_NAME, "TXT", "v=spf1 a ip4:127.0.0.0/8 -all"),
    ]


class CachedDns:
    """Unbound, as a cache in front of a name server."""

    def __init__(self, lab, server):
        settings = lab.write("unbound/unbound.conf", UNBOUND.format(folder=lab.path("unbound"), port=server.port))
        self.process = lab.run("unbound", ["/usr/sbin/unbound", "-d", "-c", settings])
        lab_module.wait_until(lambda: lab_module.connects(53), what="Unbound to answer")

    def stop(self):
        self.process.stop()


class DelayedDns(zone_server.ZoneServer):
    """Every answer late, none to be kept."""

    def __init__(self, lab, keys, delay_ms):
        super().__init__(lab, "".join(f"{name} {kind} {value.rstrip('.')}\n" for name, kind, value in records(keys)), "delayed",
                         delay_ms, ttl=0, port=53, options=["--negative-ttl", "0"])

    def stop(self):
        self.process.stop()


HEAD = """\
Received: from desk.example.org (desk.example.org [192.0.2.77])
	(using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits))
	by mail.example.org (Postfix) with ESMTPSA id 4XkQb52Vw0z9sSK
	for <reader@example.net>; Sun,  1 Nov 2026 12:00:00 +0000 (UTC)
Message-ID: <5f0f6c9c-8a41-4f0e-9d0c-2f6a6c1b7e11@example.org>
Date: Sun, 1 Nov 2026 13:00:00 +0100
MIME-Version: 1.0
User-Agent: Mozilla Thunderbird
Content-Language: en-GB
To: A Reader <reader@example.net>
From: Anna Example <anna@example.org>
Subject: The minutes of last week's meeting, and what follows from them
Content-Type: text/plain; charset=UTF-8; format=flowed
Content-Transfer-Encoding: 8bit

"""
SIGNED = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding"]
WORDS = ("the meeting of the board took place on Thursday as planned and most of its members were there in person while "
         "two of them joined by telephone from abroad and one had sent an apology in writing beforehand").split()


def text_lines(length):
    """Lines of about 72 octets, none like another."""
    lines, total, number = [], 0, 0
    while total < length:
        line = f"{number:06d}"
        at = number * 7
        while len(line) < 64:
            line += " " + WORDS[at % len(WORDS)]
            at += 1
        lines.append(line)
        total += len(line) + 2
        number += 1
    return "\r\n".join(lines) + "\r\n"


def messages(lab, keys):
    """{size: file} of signed messages."""
    made = {}
    for name, size in SIZES.items():
        head = HEAD.replace("\n", "\r\n")
        body = text_lines(max(size - len(head) - 500, 100))
        signed = keys.sign((head + body).encode(), "rsa2048", DOMAIN, SELECTOR, headers=SIGNED)
        path = lab.path(f"message-{size}.eml")
        path.write_bytes(signed)
        made[name] = path
    return made


def machine():
    """Its shape in a line."""
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "?")
    memory = int(pathlib.Path("/proc/meminfo").read_text().split()[1]) // 1024 // 1024
    kernel = subprocess.run(["uname", "-r"], stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    return f"{os.cpu_count()} x {model}, {memory} GB, Linux {kernel}"
