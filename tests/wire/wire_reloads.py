"""wire_reloads.py - settings read again while connections are open."""
import os
import signal

from bench import BAD, case, equal, good_one, plain, refused, started, taken
import lab as lab_module

ENFORCED = 'dmarc: { enforce = "published"; };'
WATCHED = 'dmarc: { enforce = "monitor"; };'


@case("reloads", "SIGUSR1 and SIGHUP: old connections keep their settings, new ones get the new")
def reload(bench):
    with bench.daemon(ENFORCED) as daemon, started(daemon, BAD) as before:
        refused(before.deliver(plain()), "550")
        daemon.change(ENFORCED, WATCHED, signal.SIGUSR1)
        refused(before.deliver(plain()), "550")
        with started(daemon, BAD) as between:
            taken(between.deliver(plain()), "dmarc=fail")
            daemon.change(WATCHED, ENFORCED, signal.SIGHUP)
            taken(between.deliver(plain()), "dmarc=fail")
            with started(daemon, BAD) as after:
                refused(after.deliver(plain()), "550")
        refused(before.deliver(plain()), "550")


@case("reloads", "settings that are wrong or gone change nothing, and the log names the line")
def bad_settings(bench):
    with bench.daemon(WATCHED) as daemon:
        daemon.change(WATCHED, 'dmarc: { enforse = "strict"; };', signal.SIGUSR1, "were not reloaded")
        daemon.wait_for_log("assay.conf:")
        daemon.wait_for_log("enforce")
        with started(daemon, BAD) as client:
            taken(client.deliver(plain()), "dmarc=fail")
        daemon.configuration.unlink()
        daemon.reload()
        lab_module.wait_until(lambda: daemon.log_text().count("were not reloaded") > 1, what="the second refusal")
        with started(daemon, BAD) as client:
            taken(client.deliver(plain()), "dmarc=fail")


@case("reloads", "what needs a restart is named")
def restart_needed(bench):
    with bench.daemon() as daemon, started(daemon) as client:
        daemon.change("reports.db", "other.db", signal.SIGUSR1, "restart assayd")
        good_one(client)


@case("reloads", "signals in quick succession: none reaches libmilter, which would stop")
def volley(bench):
    for _ in range(5):
        with bench.daemon() as daemon:
            for _ in range(200):
                os.kill(daemon.process.pid, signal.SIGUSR1)
                os.kill(daemon.process.pid, signal.SIGHUP)
            with started(daemon) as client:
                good_one(client)


@case("reloads", "many reloads while mail flows")
def many(bench):
    with bench.daemon(ENFORCED) as daemon:
        for number in range(40 if bench.slow else 200):
            daemon.reload()
            with started(daemon) as client:
                good_one(client, f"4MANY{number:04}")


@case("reloads", "a stop removes the socket and the pid file of the start, not those that a reload named")
def stop_after_reload(bench):
    with bench.daemon() as daemon:
        daemon.stop()
        pid_file, other = daemon.folder / "assayd.pid", daemon.folder / "other"
        daemon.write_settings(daemon.configuration.read_text() + f'pid_file = "{pid_file}";\n')
        daemon.start()
        other.write_text("mine")
        text = daemon.configuration.read_text()
        daemon.write_settings(text.replace(str(daemon.socket), str(other)).replace(str(pid_file), str(other)))
        daemon.reload()
        daemon.wait_for_log('setting "pid_file" changed')
        daemon.wait_for_log("settings read again")
        daemon.stop()
        assert not daemon.socket.exists(), "the socket is still there"
        assert not pid_file.exists(), "the pid file is still there"
        equal(other.read_text(), "mine", "the file of others")


@case("reloads", "every setting that needs a restart is named")
def all_that_need_a_restart(bench):
    with bench.daemon() as daemon:
        daemon.change("dnssec = false;", 'dnssec = false; trust_anchor = "/missing";', signal.SIGUSR1, '"resolver" changed')
        daemon.change("automatic = false;", "automatic = false; waiting = 12345;", signal.SIGUSR1,
                    'setting "reports.waiting" changed')
