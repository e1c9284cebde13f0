"""wire_troubles.py - a report store that cannot be used: mail flows, and rows come later."""
import contextlib
import os
import pathlib
import shutil
import sqlite3

from bench import case, equal, good_one, holds, plain, started
import lab as lab_module
import namespaces
import small_disk
import store
from wire_starts import Files
import zone_server

COUNT = 30


def deliver(daemon, count=COUNT):
    """Each is answered while the trouble lasts: a store that were waited for would never let them through."""
    with started(daemon) as client:
        for _ in range(count):
            good_one(client)


def deliver_first(daemon):
    """One message, and its row in the store: both are there from now on."""
    deliver(daemon, 1)
    lab_module.wait_until(lambda: daemon.store.exists() and store.total(daemon.store) == 1, 60, "the first row")


def rows_come(daemon, count, seconds=90):
    lab_module.wait_until(lambda: store.total(daemon.store) == count, seconds, f"{count} messages in the report")


@case("troubles", "the store is locked by another program: mail flows, rows come when it is free")
def locked(bench):
    with bench.daemon() as daemon:
        deliver_first(daemon)
        with contextlib.closing(sqlite3.connect(daemon.store, isolation_level=None)) as other:
            other.execute("BEGIN EXCLUSIVE")
            deliver(daemon)
            equal(store.total(daemon.store), 1, "what is in the store")
            other.execute("ROLLBACK")
        rows_come(daemon, COUNT + 1)


@case("troubles", "the store is still locked at the stop: the next start brings the rows in")
def locked_at_stop(bench):
    with bench.daemon() as daemon:
        deliver_first(daemon)
        with contextlib.closing(sqlite3.connect(daemon.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            deliver(daemon)
            equal(daemon.stop(seconds=60), 0, "the status")
            other.execute("ROLLBACK")
        daemon.start()
        rows_come(daemon, COUNT + 1)


@case("troubles", "the store is deleted: mail flows, a new one gets what comes")
def deleted(bench):
    with bench.daemon() as daemon:
        deliver_first(daemon)
        for path in daemon.folder.glob("reports.db*"):
            if not path.is_dir():
                path.unlink()
        deliver(daemon)
        # the first row may still be in the journal, and comes again
        lab_module.wait_until(lambda: store.total(daemon.store) >= COUNT, 90, "the rows in a new store")
        assert store.total(daemon.store) <= COUNT + 1, "rows were counted twice"


@case("troubles", "the store is no database: mail flows, the log says what to do")
def no_database(bench):
    with bench.daemon() as daemon:
        daemon.stop()
        for path in daemon.folder.glob("reports.db-*"):
            path.unlink()
        daemon.store.write_bytes(b"This is a letter to my aunt. " * 200)
        daemon.start()
        deliver(daemon)
        daemon.wait_for_log("reports.db")
        daemon.stop()
        daemon.store.unlink()
        daemon.start()
        lab_module.wait_until(daemon.store.exists, 90, "a new store")
        rows_come(daemon, COUNT)


@case("troubles", "the store may not be written: mail flows, the log says what to do, rows come later", root=True)
def read_only(bench):
    with bench.daemon() as daemon:
        daemon.stop()
        owner = daemon.store.stat()
        os.chown(daemon.store, 0, 0)
        daemon.store.chmod(0o644)
        daemon.start()
        deliver(daemon)
        daemon.wait_for_log("rows wait")
        os.chown(daemon.store, owner.st_uid, owner.st_gid)
        rows_come(daemon, COUNT)


@case("troubles", "a folder that may not be written: the start says which", root=True)
def closed_folder(bench):
    files = Files(bench, f'listen = "unix:{bench.lab.path("closed.sock")}";')
    os.chown(files.folder, 0, 0)
    status, said = files.run("-f")
    assert status != 0, "the status is 0"
    holds(said, str(files.folder))


@case("troubles", "the disk is full: mail flows, rows wait in memory and come when there is room", root=True)
def full_disk(bench):
    disk = bench.lab.path("disk")
    disk.mkdir()
    shutil.chown(disk, "nobody")
    with small_disk.mounted(bench.lab, disk, 2 << 20), \
            bench.daemon(f'reports: {{ store = "{disk}/reports.db"; email = "reports@example.net"; automatic = false; }};') as daemon:
        daemon.store = pathlib.Path(f"{disk}/reports.db")
        deliver_first(daemon)
        filler = small_disk.fill(disk)
        deliver(daemon)
        daemon.wait_for_log("make room")
        filler.unlink()
        rows_come(daemon, COUNT + 1)
        daemon.stop()


OWN_RESOLV_CONF = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
NAME_SERVER = "127.0.53.7"


def deliver_anything(client, domain="example.org"):
    """What our field says, whatever became of the message."""
    return client.deliver(plain(domain), sender=f"a@{domain}").results()


@case("troubles", "/etc/resolv.conf names a server only after the start, later another one: both are used at once", root=True)
def resolv_conf_changes(bench):
    server = zone_server.ZoneServer(bench.lab, bench.zone, name="dns-later", port=53, options=("--address", NAME_SERVER))
    file = bench.lab.write("resolv.conf", "# nobody knows yet\n")
    file.chmod(0o644)
    with bench.daemon("resolver: { servers = [ ]; timeout_ms = 2000; dnssec = false; };",
                      prefix=[*namespaces.command(), "sh", "-c", OWN_RESOLV_CONF, file]) as daemon:
        with started(daemon) as client:
            deliver_anything(client)
            file.write_text(f"nameserver {NAME_SERVER}\n")
            lab_module.wait_until(lambda: "spf=pass" in deliver_anything(client), 30, "an SPF pass by the new server")
            server.process.stop()
            file.write_text("nameserver 127.0.53.8\n")
            zone_server.ZoneServer(bench.lab, bench.zone + "next.example TXT v=spf1 -all\n", name="dns-next", port=53,
                                   options=("--address", "127.0.53.8"))
            lab_module.wait_until(lambda: "spf=fail" in deliver_anything(client, "next.example"), 30, "the second change")
        equal(daemon.log_text().count("/etc/resolv.conf changed: its name servers are in use from now on"), 2, "changes")
