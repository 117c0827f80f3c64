"""One Postfix instance: its directories, its configuration, its master process, its log."""

import os
import pwd
import re
import signal
import time

from . import namespace, proc

DAEMONS = "/usr/lib/postfix/sbin"

_OLD = 1  # the time stamp of files that we wrote

_QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved",
           "trace")

_COMMON_MAIN = {
    "compatibility_level": "3.6",
    "inet_protocols": "all",
    "mydestination": "",
    "alias_maps": "",
    "alias_database": "",
    "local_recipient_maps": "",
    "append_dot_mydomain": "no",
    "mynetworks": "127.0.0.0/8",
    "smtpd_peername_lookup": "no",
    "strict_smtputf8": "no",
}

# What its programs get of the environment beside the clock: what Postfix 3.7 has by default.
_IMPORTED = "MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG TZ XAUTHORITY DISPLAY LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME"

_COMMON_MASTER = """
postlog   unix-dgram n - n - 1 postlogd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 300 1 qmgr
tlsmgr    unix - - n 1000? 1 tlsmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
showq     unix n - n - - showq
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
local     unix - n n - - local
virtual   unix - n n - - virtual
lmtp      unix - - n - - lmtp
smtp      unix - - n - - smtp
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
"""


class Postfix:
    """`state` holds all; `root` is another tree to run the programs of (a Debian 13, say), or None. `clock` is what all of
    it goes by, or None."""

    def __init__(self, state, root=None, clock=None):
        self._clock = clock.environment if clock else {}
        self.state = state
        self.root = root
        self.log_file = os.path.join(state, "maillog")
        self.config_directory = os.path.join(state, "conf")
        self.queue_directory = os.path.join(state, "queue")
        self._process = None
        self._output = os.path.join(state, "master.out")
        self._require()
        self._make_directories()
        if root:
            namespace.join_tree(root)

    def configure(self, main, services):
        """Writes main.cf and master.cf; `services` are master.cf lines beside the common ones."""
        settings = {
            **_COMMON_MAIN,
            "queue_directory": self.queue_directory,
            "data_directory": self.state + "/data",
            "maillog_file": self.log_file,
            "maillog_file_prefixes": self.state,
            **({"import_environment": " ".join((_IMPORTED, *self._clock))} if self._clock else {}),
            **main,
        }
        self._write("main.cf", "".join(f"{name} = {value}\n" for name, value in settings.items()))
        self._write("master.cf", _COMMON_MASTER + "\n".join(services) + "\n")

    def start(self, address, port):
        """On return, somebody listens there."""
        command = self.command(DAEMONS + "/master", "-c", self.config_directory, "-d")
        # The master ends its children by their process group, so it must lead one.
        self._process = proc.start(command, self._output, start_new_session=True,
                                   env={**os.environ, **self._clock})
        proc.wait_for("postfix", lambda: proc.port_open(address, port), self._process, self._output)

    def stop(self):
        proc.stop_group(self._process)
        self._process = None

    def wait_reloaded(self):
        """Waits until the master has read its configuration again, and the idle children of before are gone."""
        said = f"postfix/master[{self._process.pid}]: reload -- version"
        proc.wait_for("postfix reload", lambda: said in self.log(), self._process, self.log_file)
        self._settle("main.cf")
        time.sleep(0.3)

    def version(self):
        return self.postconf("mail_version")

    def postconf(self, name):
        return proc.run(*self.command("/usr/sbin/postconf", "-c", self.config_directory, "-h", name)).strip()

    def command(self, *argv):
        return ["chroot", self.root, *argv] if self.root else list(argv)

    def run(self, program, *arguments):
        return proc.run(*self.command("/usr/sbin/" + program, "-c", self.config_directory, *arguments),
                        env={**os.environ, **self._clock})

    def log(self, offset=0):
        """The mail log from a byte offset on."""
        return proc.text_of(self.log_file, offset)

    def rotate_log(self):
        """As logrotate does it: another name for the log, then a reload, after which the next line is in a new file.
        Returns the other name."""
        old = self.log_file + ".1"
        os.rename(self.log_file, old)
        os.kill(self._process.pid, signal.SIGHUP)
        said = f"postfix/master[{self._process.pid}]: reload -- version"
        proc.wait_for("postfix reload", lambda: said in proc.text_of(old) + self.log(), self._process, old)
        return old

    def _require(self):
        if not os.path.exists((self.root or "") + DAEMONS + "/master"):
            raise namespace.Unavailable(f"Postfix is not installed in {self.root or 'this system'}")
        reason = namespace.missing_user("postfix") if not self.root else None
        if reason:
            raise namespace.Unavailable("Postfix: " + reason)

    def _user(self):
        """Numbers of user and groups, which differ from tree to tree."""
        found = {}
        for name in ("passwd", "group"):
            with open(f"{self.root or ''}/etc/{name}", encoding="utf-8") as f:
                rows = re.findall(r"^(postfix|postdrop):[^:]*:(\d+):", f.read(), re.MULTILINE)
            found.update({(name, who): int(number) for who, number in rows})
        return found["passwd", "postfix"], found["group", "postdrop"]

    def _make_directories(self):
        uid, postdrop = self._user()
        for path in ("", "conf", "queue", "queue/pid", "data"):
            os.mkdir(os.path.join(self.state, path))
        for name in _QUEUES:
            self._owned("queue/" + name, uid, -1, 0o700)
        self._owned("queue/maildrop", uid, postdrop, 0o730)
        self._owned("queue/public", uid, postdrop, 0o710)
        os.chown(self.state + "/data", uid, -1)

    def _owned(self, name, uid, gid, mode):
        path = os.path.join(self.state, name)
        os.makedirs(path, exist_ok=True)
        os.chmod(path, mode)
        os.chown(path, uid, gid)

    def _write(self, name, text):
        with open(os.path.join(self.config_directory, name), "w", encoding="utf-8") as f:
            f.write(text)
        self._settle(name)

    def _settle(self, name):
        """Postfix waits seconds before it reads a file that was changed just now: make it look old."""
        os.utime(os.path.join(self.config_directory, name), (_OLD, _OLD))

    def edited(self):
        """True when somebody else has changed main.cf."""
        return os.path.getmtime(os.path.join(self.config_directory, "main.cf")) != _OLD


def nobody():
    """User that owns delivered mail."""
    return pwd.getpwnam("nobody")
