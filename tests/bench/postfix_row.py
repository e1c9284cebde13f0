"""postfix_row.py - a private Postfix with one port for each filter and one without any, and how fast each takes mail.

smtp-source, which comes with Postfix, sends from 127.0.0.1; the SPF record of the benchmark's domain lists that. What
arrives is discarded.
"""
import subprocess
import time

import lab as lab_module
import postfix as postfix_module
import world

SESSIONS = 8
MORE = """\
virtual_transport = discard:
in_flow_delay = 0
default_process_limit = 200
smtpd_error_sleep_time = 0
"""
NONE = "no filter"


class Rows:
    def __init__(self, lab, systems, message):
        self.message = lab.path("source.eml")
        self.message.write_bytes(message.read_bytes().replace(b"\r\n", b"\n"))
        self.postfix = postfix_module.Postfix(lab, "", world.RECIPIENT.split("@")[1], world.HOST, MORE)
        self.ports = {NONE: self.postfix.port}
        lines = []
        for system in systems:
            self.ports[system.name] = lab_module.free_port()
            milters = ",".join(system.milters())
            lines.append(f"127.0.0.1:{self.ports[system.name]} inet n - n - - smtpd -o smtpd_milters={milters}\n")
        with open(self.postfix.config / "master.cf", "a", encoding="utf-8") as master:
            master.writelines(lines)
        subprocess.run(["postfix", "-c", str(self.postfix.config), "reload"], env=self.postfix.environment,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
        for name, port in self.ports.items():
            lab_module.wait_until(lambda port=port: lab_module.connects(port), what=f"Postfix for {name}")
            self.rate(name, 50)

    def names(self):
        return list(self.ports)

    def rate(self, name, count):
        """Messages/s."""
        began = time.monotonic()
        lab_module.command_output(["/usr/sbin/smtp-source", "-s", SESSIONS, "-m", count, "-M", world.CLIENT_NAME, "-f",
                                   world.SENDER, "-t", world.RECIPIENT, "-F", self.message,
                                   f"inet:127.0.0.1:{self.ports[name]}"])
        return count / (time.monotonic() - began)

    def stop(self):
        self.postfix.stop()
