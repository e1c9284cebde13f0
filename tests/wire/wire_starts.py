"""wire_starts.py - how the daemon starts: settings, background, pid file, socket, privileges."""
import grp
import os
import pathlib
import pwd
import re
import signal
import socket
import stat
import subprocess

from bench import BAD, case, equal, good_one, holds, is_root, plain, started
import assayd
import lab as lab_module
import tap

EX_USAGE, EX_NOUSER, EX_UNAVAILABLE, EX_CONFIG = 64, 67, 69, 78


class Files:
    """A folder and settings for a daemon that this file starts by itself."""

    def __init__(self, bench, more="", listen=None):
        self.bench = bench
        self.folder = bench.lab.path(f"start{next(bench.numbers)}")
        self.folder.mkdir()
        if is_root():
            os.chown(self.folder, pwd.getpwnam("nobody").pw_uid, 0)
        self.socket = self.folder / "assay.sock"
        self.address = str(self.socket)
        self.pid_file = self.folder / "assayd.pid"
        self.configuration = self.folder / "assay.conf"
        self.configuration.write_text(assayd.settings_text(
            more.replace("@FOLDER@", str(self.folder)), listen=listen or f"unix:{self.socket}", user="nobody", group="nogroup" if is_root() else "",
            level="info", dns_port=bench.dns.port, store=self.folder / "reports.db"))

    def start(self, **environment):
        """assayd in the foreground, serving or at its end."""
        program = self.bench.lab.run(self.folder.name, [self.bench.build / "assayd", "-f", "-c", self.configuration],
                                     environment=lab_module.system_environment() | environment)
        lab_module.wait_until(lambda: "judges mail" in program.text() or not program.running(), what="assayd")
        return program

    def run(self, *options):
        """Runs assayd to its end, or to that of its parent: (status, what it said)."""
        log = self.folder / "output"
        with open(log, "wb") as output:
            done = subprocess.run([self.bench.build / "assayd", *options, "-c", self.configuration], stdout=output,
                                  stderr=output, stdin=subprocess.DEVNULL, env=lab_module.system_environment(),
                                  timeout=120, check=False)
        return done.returncode, log.read_text(errors="replace")


@case("starts", "bad settings: status 78 and one sentence with file and line, in front and behind")
def bad_settings(bench):
    files = Files(bench, 'dmarc: { enforce = "sometimes"; };')
    line = files.configuration.read_text().splitlines().index('dmarc: { enforce = "sometimes"; };') + 1
    for options in ((), ("-f",), ("-t",)):
        status, said = files.run(*options)
        equal(status, EX_CONFIG, f"the status with {options}")
        holds(said, f"assay.conf:{line}", "dmarc.enforce", "sometimes")
        equal(said.count("\n"), 1, f"the number of lines of {said!r}")


@case("starts", "a missing file is named; -t says that sound settings are sound; usage is 64")
def other_settings(bench):
    files = Files(bench)
    equal(files.run("-t")[0], 0, "the status of -t")
    holds(files.run("-t")[1], "syntax OK")
    equal(files.run("--no-such-option")[0], EX_USAGE, "the status with a wrong option")
    files.configuration.unlink()
    status, said = files.run("-f")
    equal(status, EX_CONFIG, "the status without a file")
    holds(said, str(files.configuration))


@case("starts", "in the background: the command returns when the daemon serves, and the pid file names it")
def background(bench):
    files = Files(bench, 'log: { target = "syslog"; };\npid_file = "@FOLDER@/assayd.pid";')
    status, said = files.run()
    equal((status, said), (0, ""), "what the command returned")
    pid = int(files.pid_file.read_text())
    bench.lab.guard(pid)
    with started(files) as client:
        good_one(client)
    equal(os.getsid(pid), pid, "the session")
    os.kill(pid, signal.SIGTERM)
    lab_module.wait_until(lambda: not lab_module.alive(pid), what="the daemon to stop")
    assert not files.pid_file.exists(), "the pid file is still there"
    assert not files.socket.exists(), "the socket is still there"


@case("starts", "as root, in a folder of root's: the pid file is empty after the end, and no link is followed", root=True)
def pid_file_of_root(bench):
    files = Files(bench)
    folder = files.bench.lab.path(f"run{next(bench.numbers)}")
    folder.mkdir(mode=0o755)
    pid_file = folder / "assayd.pid"
    with bench.daemon(f'pid_file = "{pid_file}";') as daemon:
        with started(daemon) as client:
            good_one(client)
        equal(int(pid_file.read_text()), daemon.process.child.pid, "the pid file")
    equal(pid_file.read_text(), "", "the pid file after the end")
    precious = folder / "precious"
    precious.write_text("keep")
    pid_file.unlink()
    pid_file.symlink_to(precious)
    files.configuration.write_text(files.configuration.read_text() + f'pid_file = "{pid_file}";\n')
    status, said = files.run("-f")
    assert status != 0, "a link was followed"
    holds(said, "pid_file")
    equal(precious.read_text(), "keep", "what the link leads to")


IN_BACKGROUND = 'log: { target = "syslog"; };\npid_file = "@FOLDER@/assayd.pid";\ndmarc: { enforce = "published"; };'


def verdict_of(files):
    with started(files, BAD) as client:
        return client.deliver(plain()).word


@case("starts", "in the background: a settings file named from where it was started is read again too")
def background_relative(bench):
    files = Files(bench, IN_BACKGROUND)
    subprocess.run([bench.build / "assayd", "-c", files.configuration.name], cwd=files.folder, stdin=subprocess.DEVNULL,
                   env=lab_module.system_environment(), timeout=120, check=True)
    pid = int(files.pid_file.read_text())
    bench.lab.guard(pid)
    equal(verdict_of(files), "reject", "the answer before")
    files.configuration.write_text(files.configuration.read_text().replace("published", "monitor"))
    os.kill(pid, signal.SIGUSR1)
    lab_module.wait_until(lambda: verdict_of(files) == "continue", what="the new settings")
    os.kill(pid, signal.SIGTERM)
    lab_module.wait_until(lambda: not lab_module.alive(pid), what="the daemon to stop")


def metrics_of(path):
    """The text of the metrics that are served on a UNIX socket."""
    with socket.socket(socket.AF_UNIX) as asked:
        asked.connect(str(path))
        asked.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        with asked.makefile("rb") as answer:
            return answer.read().decode()


@case("starts", "in the background: a reload that sends the log to standard error, which nobody reads, is refused")
def background_log(bench):
    files = Files(bench, IN_BACKGROUND + '\nmetrics: { listen = "unix:@FOLDER@/metrics.sock"; };')
    equal(files.run()[0], 0, "the status")
    pid = int(files.pid_file.read_text())
    bench.lab.guard(pid)
    holds(metrics_of(files.folder / "metrics.sock"), "assay_settings_failed_timestamp_seconds 0")
    files.configuration.write_text(files.configuration.read_text().replace("published", "monitor").replace('"syslog"', '"stderr"'))
    os.kill(pid, signal.SIGUSR1)
    lab_module.wait_until(lambda: "assay_settings_failed_timestamp_seconds 0" not in metrics_of(files.folder / "metrics.sock"),
                          what="the reload to be refused")
    equal(verdict_of(files), "reject", "the answer after it")
    os.kill(pid, signal.SIGTERM)
    lab_module.wait_until(lambda: not lab_module.alive(pid), what="the daemon to stop")


@case("starts", "a start that fails late leaves neither socket nor pid file")
def late_failure(bench):
    files = Files(bench, 'pid_file = "@FOLDER@/assayd.pid";\nreports: { store = "/dev/null/reports.db"; };')
    status, said = files.run("-f")
    equal(status, EX_UNAVAILABLE, "the status")
    holds(said, "/dev/null/reports.db")
    assert not files.pid_file.exists(), "the pid file is still there"
    assert not files.socket.exists(), "the socket is still there"


@case("starts", "in the background: what goes wrong later is a status and a sentence too")
def background_fails(bench):
    files = Files(bench, 'log: { target = "syslog"; };', listen="unix:/dev/null/assay.sock")
    status, said = files.run()
    assert status != 0, "the status is 0"
    holds(said, "/dev/null")


@case("starts", "a second daemon on the same socket is refused, the first goes on")
def second(bench):
    with bench.daemon() as daemon:
        files = Files(bench, listen=daemon.listen)
        status, said = files.run("-f")
        equal(status, EX_UNAVAILABLE, "the status")
        holds(said, "another program listens")
        with started(daemon) as client:
            good_one(client)


@case("starts", "a socket that a killed daemon left is no obstacle; another file is")
def left_over(bench):
    with bench.daemon() as daemon:
        daemon.process.child.kill()
        daemon.process.child.wait()
        assert daemon.socket.exists(), "nothing is left over"
        daemon.start()
        with started(daemon) as client:
            good_one(client)
    files = Files(bench)
    files.socket.write_text("mine")
    status, said = files.run("-f")
    equal(status, EX_UNAVAILABLE, "the status")
    holds(said, "not a socket")
    equal(files.socket.read_text(), "mine", "the file")


@case("starts", "a TCP socket")
def tcp(bench):
    with bench.daemon(port=lab_module.free_port()) as daemon, started(daemon) as client:
        good_one(client)


def ids(pid, name):
    """The numbers of one line of /proc/PID/task/*/status, of all threads."""
    return {tuple(re.search(rf"^{name}:\s*(.*)$", path.read_text(), re.MULTILINE).group(1).split())
            for path in pathlib.Path(f"/proc/{pid}/task").glob("*/status")}


@case("starts", "as root: socket mode and group, and no thread keeps a privilege", root=True)
def privileges(bench):
    with bench.daemon('socket: { mode = "0620"; group = "mail"; };') as daemon:
        nobody = pwd.getpwnam("nobody")
        found = daemon.socket.stat()
        equal(oct(stat.S_IMODE(found.st_mode)), "0o620", "the mode of the socket")
        equal((found.st_uid, found.st_gid), (nobody.pw_uid, grp.getgrnam("mail").gr_gid), "the owners of the socket")
        with started(daemon) as client:
            good_one(client)
            equal(ids(daemon.process.pid, "Uid"), {(str(nobody.pw_uid),) * 4}, "the user ids")
            equal(ids(daemon.process.pid, "Gid"), {(str(nobody.pw_gid),) * 4}, "the group ids")
            assert not any("0" in groups for groups in ids(daemon.process.pid, "Groups")), "root's group is left"
            for kind in ("CapEff", "CapPrm", "CapAmb"):
                equal({int(value[0], 16) for value in ids(daemon.process.pid, kind)}, {0}, kind)
        daemon.stop()
        equal(daemon.store.stat().st_uid, nobody.pw_uid, "the owner of the store")


def exchanger(bench):
    """The library that exchanges the socket, or Skip where programs with sanitizers could not load it."""
    if b"__asan" in (bench.build / "assayd").read_bytes() or b"__tsan" in (bench.build / "assayd").read_bytes():
        raise tap.Skip("a sanitizer has to be loaded first")
    library = bench.lab.path("exchange.so")
    source = pathlib.Path(__file__).resolve().parents[1] / "support/exchange.c"
    if not library.exists():
        subprocess.run(["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", library, source], check=True)
    return str(library)


@case("starts", "as root: who exchanges the socket for another file gains nothing", root=True)
def exchanged(bench):
    library = exchanger(bench)
    for by in ("symbolic", "hard"):
        for more in ("", 'socket: { mode = "0666"; };', 'socket: { group = "mail"; };'):
            for folder_mode in (0o700, 0o2770, 0o777):
                files = Files(bench, more)
                files.folder.chmod(folder_mode)
                if folder_mode == 0o777:
                    os.chown(files.folder, 0, 0)
                secret = bench.lab.write(f"secret{files.folder.name}", "root's\n")
                secret.chmod(0o600)
                before = secret.stat()
                files.start(LD_PRELOAD=library, EXCHANGE_FOR=str(secret), EXCHANGE_BY=by).stop()
                after = secret.stat()
                assert os.path.lexists(files.address + ".aside"), "nothing was exchanged"
                equal((after.st_uid, after.st_gid, oct(after.st_mode)), (before.st_uid, before.st_gid, oct(before.st_mode)),
                      f"the other file, by a {by} link, folder {folder_mode:o}, {more!r}")


@case("starts", "as root: a pid file is no link to something else", root=True)
def linked_pid_file(bench):
    for link in (os.link, os.symlink):
        files = Files(bench, 'pid_file = "@FOLDER@/assayd.pid";')
        secret = bench.lab.write(f"kept{files.folder.name}", "root's\n")
        link(secret, files.pid_file)
        status, said = files.run("-f")
        assert status != 0 and "pid file" in said, (status, said)
        equal(secret.read_text(), "root's\n", "the other file")
        assert os.path.lexists(files.pid_file), "what was refused as a pid file was removed"


@case("starts", "as root: in each kind of folder the socket has its mode, owner and group", root=True)
def socket_folders(bench):
    nobody, mail = pwd.getpwnam("nobody"), grp.getgrnam("mail").gr_gid
    for owner, group, folder_mode in ((0, 0, 0o755), (nobody.pw_uid, 0, 0o700), (nobody.pw_uid, mail, 0o2750), (0, 0, 0o1777)):
        files = Files(bench, 'socket: { mode = "0640"; group = "nogroup"; };')
        os.chown(files.folder, owner, group)
        files.folder.chmod(folder_mode)
        program = files.start()
        found = files.socket.stat()
        equal((found.st_uid, found.st_gid, oct(stat.S_IMODE(found.st_mode))), (nobody.pw_uid, nobody.pw_gid, "0o640"), f"the socket in a folder {folder_mode:o}")
        program.stop()


@case("starts", "as root: a user or group that does not exist is named", root=True)
def no_such_user(bench):
    status, said = Files(bench, 'user = "nobody-of-that-name";').run("-f")
    equal(status, EX_NOUSER, "the status")
    holds(said, "nobody-of-that-name", "adduser")
    status, said = Files(bench, 'socket: { group = "nogroup-of-that-name"; };').run("-f")
    equal(status, EX_NOUSER, "the status")
    holds(said, "nogroup-of-that-name")
