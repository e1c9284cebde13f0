"""island.py - a network of the test's own: real addresses, port 25, DNS on port 53, and nobody else can be reached.

A test calls enter() first: it starts itself again in network, mount and host name namespaces of its own, where the
loopback interface bears the addresses of all parties. furnish() then lets the resolver libraries of every program
there ask the test's name server, and makes /run an empty folder. Needs root; may() says why not where it cannot work.
"""
import os
import pathlib
import socket
import subprocess
import sys

import namespaces

MARK = "ASSAY_TEST_ISLAND"
DNS_PORT = 53


def may():
    """"" or why such a network cannot be had here."""
    if os.environ.get(MARK):
        return ""
    if os.geteuid() != 0:
        return "needs root"
    done = subprocess.run([*namespaces.command("-n", "-u"), "ip", "link", "set", "lo", "up"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    return "" if done.returncode == 0 else f"no namespaces here: {done.stdout.strip()}"


def enter(host, addresses, *more):
    """Returns inside, with this host name and these IPv4 or IPv6 addresses; `more` are further options of unshare."""
    if not os.environ.get(MARK):
        sys.stdout.flush()
        os.execvpe("unshare", [*namespaces.command("-n", "-u", *more), sys.executable, "-B", *sys.argv],
                   {**os.environ, MARK: "1"})
    socket.sethostname(host)
    _command("ip", "link", "set", "lo", "up")
    for address in addresses:
        bits, more = ("128", ["nodad"]) if ":" in address else ("32", [])
        _command("ip", "address", "add", f"{address}/{bits}", "dev", "lo", *more)


def furnish(lab, host, address):
    """Inside: names are looked up in /etc/hosts (this host only), then at the name server on 127.0.0.1."""
    texts = {"resolv.conf": "nameserver 127.0.0.1\n",
             "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\nservices: files\nprotocols: files\n",
             "hosts": f"127.0.0.1 localhost\n{address} {host}\n"}
    for name, text in texts.items():
        show(lab.write(f"island/{name}", text), pathlib.Path("/etc") / name)
    _command("mount", "-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/run")


def show(path, place):
    """Inside: what is at path is found at place too; a folder's place is made."""
    if path.is_dir():
        place.mkdir()
    _command("mount", "--bind", path, place)


def _command(*words):
    subprocess.run([str(word) for word in words], stdin=subprocess.DEVNULL, check=True)
