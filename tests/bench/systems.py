"""systems.py - the filters that tests/bench/run compares, each started in the lab with settings of the same meaning.

All of them resolve through 127.0.0.1, port 53, of the benchmark's own network namespace; all verify, judge, insert
Authentication-Results and refuse nothing; none writes a log. Where a filter can keep data for aggregate reports, it
does.
"""
import os
import pathlib
import shutil
import time

import lab as lab_module

TICKS = os.sysconf("SC_CLK_TCK")
HOST = "mx.example.net"

ASSAY = """\
authserv_id = "{host}";
listen = "{socket}";
user = "{user}";
socket: {{ mode = "0666"; group = ""; }};
log: {{ target = "stderr"; level = "error"; }};
resolver: {{ servers = [ "127.0.0.1" ]; dnssec = false; }};
reports: {{ store = "{folder}/reports.db"; organization = "Bench"; email = "dmarc-reports@example.net"; }};
networks: {{ ours = [ ]; }};
dmarc: {{ enforce = "monitor"; }};
metrics: {{ listen = "unix:{folder}/metrics.sock"; }};
limits: {{ messages = 1000; }};
"""

OPENDKIM = """\
Syslog no
Mode v
Socket local:{socket}
UMask 000
UserID {user}
AuthservID {host}
InternalHosts {nobody}
ExternalIgnoreList {nobody}
PeerList {nobody}
Nameservers 127.0.0.1
AlwaysAddARHeader yes
"""

OPENDMARC = """\
AuthservID {host}
TrustedAuthservIDs {host}
Socket local:{socket}
UMask 000
UserID {user}
Syslog false
RejectFailures false
SPFSelfValidate true
SPFIgnoreResults true
IgnoreHosts {nobody}
HistoryFile {folder}/history
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
"""

RSPAMD_KEPT = ("spf", "dkim", "dmarc", "milter_headers")
RSPAMD = {
    "options.inc": 'filters = "dkim";\ndns {{ nameserver = ["127.0.0.1"]; }}\nlocal_addrs = [];\n'
                   'control_socket = "{folder}/control.sock mode=0600";\ntempdir = "{folder}";\n',
    "logging.inc": 'type = "file";\nfilename = "/dev/null";\nlevel = "error";\n',
    "worker-normal.inc": "enabled = false;\ncount = 0;\n",
    "worker-controller.inc": "enabled = false;\ncount = 0;\n",
    "worker-proxy.inc": 'bind_socket = "{socket} mode=0666";\nmilter = yes;\ncount = {workers};\ntimeout = 120s;\n'
                        'upstream "local" {{ default = yes; self_scan = yes; }}\n',
    "actions.conf": "reject = null;\nadd_header = null;\ngreylist = null;\n",
    "milter_headers.conf": 'use = ["authentication-results"];\nskip_local = false;\nskip_authenticated = false;\n',
    "spf.conf": "", "dkim.conf": "", "dmarc.conf": "",
}


def processes():
    """{pid: parent} of all that run."""
    parents = {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
    return parents


def with_children(pids):
    parents, found = processes(), set(pids)
    while True:
        more = {pid for pid, parent in parents.items() if parent in found} - found
        if not more:
            return found
        found |= more


def cpu_seconds(pids):
    """Processor time, user and system, of these processes and their children."""
    total = 0
    for pid in with_children(pids):
        try:
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / TICKS


def resident_mb(pids):
    """Resident memory: of the largest process all of it, of the others what they do not share with anyone."""
    found = []
    for pid in with_children(pids):
        try:
            lines = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
        except OSError:
            continue
        values = {name: int(value.split()[0]) for name, value in (line.split(":") for line in lines)}
        found.append((values["Rss"], values["Private_Clean"] + values["Private_Dirty"]))
    found.sort()
    return (found[-1][0] + sum(private for _, private in found[:-1])) / 1024


class System:
    """One or several filters in a row."""

    def __init__(self, name):
        self.name = name
        self.processes = []
        self.sockets = []

    def pids(self):
        return [process.pid for process in self.processes]

    def cpu(self):
        return cpu_seconds(self.pids())

    def memory(self):
        return resident_mb(self.pids())

    def milters(self):
        return [f"unix:{socket}" for socket in self.sockets]

    def stop(self):
        for process in self.processes:
            process.stop()

    def _run(self, lab, name, command, socket, **more):
        process = lab.run(name, command, **more)
        self.processes.append(process)
        self.sockets.append(socket)
        lab_module.wait_until(lambda: pathlib.Path(socket).exists() or not process.running(), 60, f"{name}'s socket")
        if not process.running():
            raise lab_module.LabError(f"{name} does not start:\n{process.text()}")


def folder_for(lab, name, number):
    folder = lab.path(f"{name}-{number}")
    folder.mkdir()
    folder.chmod(0o777)
    return folder


def assay(lab, number, build, name="assay"):
    system = System("assay")
    folder = folder_for(lab, name, number)
    program = folder / "assayd"
    shutil.copy(build / "assayd", program)
    socket = folder / "socket"
    settings = lab.write(f"{folder.name}/assay.conf", ASSAY.format(host=HOST, socket=f"unix:{socket}", folder=folder,
                                                                    user="nobody"))
    system._run(lab, folder.name, [program, "-f", "-c", settings], socket)
    return system


def add_opendkim(system, lab, number):
    folder = folder_for(lab, "opendkim", number)
    socket = folder / "socket"
    nobody = lab.write(f"{folder.name}/nobody", "203.0.113.254\n")
    settings = lab.write(f"{folder.name}/opendkim.conf", OPENDKIM.format(host=HOST, socket=socket, nobody=nobody,
                                                                          user="opendkim"))
    system._run(lab, folder.name, ["/usr/sbin/opendkim", "-f", "-x", settings], socket)


def add_opendmarc(system, lab, number):
    folder = folder_for(lab, "opendmarc", number)
    socket = folder / "socket"
    nobody = lab.write(f"{folder.name}/nobody", "203.0.113.254\n")
    settings = lab.write(f"{folder.name}/opendmarc.conf", OPENDMARC.format(host=HOST, socket=socket, nobody=nobody,
                                                                            folder=folder, user="opendmarc"))
    system._run(lab, folder.name, ["/usr/sbin/opendmarc", "-f", "-c", settings], socket)


def opendkim_opendmarc(lab, number, _build):
    system = System("opendkim + opendmarc")
    add_opendkim(system, lab, number)
    add_opendmarc(system, lab, number)
    return system


def rspamd(lab, number, _build):
    system = System("rspamd")
    folder = folder_for(lab, "rspamd", number)
    socket = folder / "socket"
    values = {"folder": folder, "socket": socket, "workers": os.cpu_count()}
    for module in pathlib.Path("/etc/rspamd/modules.d").iterdir():
        if module.stem not in RSPAMD_KEPT:
            lab.write(f"{folder.name}/local.d/{module.name}", "enabled = false;\n")
    for name, text in RSPAMD.items():
        lab.write(f"{folder.name}/local.d/{name}", text.format(**values))
    command = ["/usr/bin/rspamd", "-f", "-u", "_rspamd", "-g", "_rspamd", "-c", "/etc/rspamd/rspamd.conf",
               *(f"--var={name}={folder}" for name in ("LOCAL_CONFDIR", "DBDIR", "RUNDIR", "LOGDIR"))]
    system._run(lab, folder.name, command, socket)
    time.sleep(2)   # its workers listen before they have loaded their rules
    return system


def libmilter_alone(lab, number, build):
    """A filter that takes every step and inserts one field: the floor of all filters on libmilter."""
    system = System("libmilter alone")
    folder = folder_for(lab, "empty", number)
    program = folder / "empty_filter"
    shutil.copy(build / "tests/bench/empty_filter", program)
    socket = folder / "socket"
    system._run(lab, folder.name, ["/bin/sh", "-c", 'umask 000; exec "$@"', "sh", program, f"unix:{socket}"], socket)
    return system


SYSTEMS = {"assay": assay, "libmilter alone": libmilter_alone, "opendkim + opendmarc": opendkim_opendmarc, "rspamd": rspamd}
