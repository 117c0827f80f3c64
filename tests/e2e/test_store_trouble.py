"""Whatever happens to the store: look-ups go on, the operator is told once, and what was found is stored when it is
over."""

import contextlib
import glob
import os
import sqlite3
import stat
import subprocess
import sys
import time

import pytest

from lab import proc
from waiting import stored, wait_stored, wait_until

CACHED, NEW = "good.example", "wildcard.example"
RETRY = 5  # seconds between two tries of a store in trouble
MANY = 30_000  # more than SQLite has in its memory


def said(daemon, event):
    return [line for line in daemon.log().splitlines() if f" {event} " in line]


def wait_said(daemon, error):
    """Waits until the operator was told of the trouble; there must be words on what to do, and where."""
    wait_until(daemon, lambda: [line for line in said(daemon, "store-failed") if f" error={error} " in line])
    line = said(daemon, "store-failed")[-1]
    assert f" store={daemon.store} " in line and ' advice="' in line, line
    return line


def goes_on(daemon, cached="OK secure match="):
    """What is cached and what is new is answered as ever."""
    assert daemon.lookup(CACHED).startswith(cached)
    assert daemon.lookup(NEW).startswith("OK secure match=")


def over(daemon, *troubles):
    """The store is well again, and has what was found meanwhile; each trouble was told of once, and its end."""
    wait_stored(daemon, NEW, 2 * RETRY + 15)
    wait_until(daemon, lambda: said(daemon, "store-recovered"))
    assert len(said(daemon, "store-recovered")) == 1
    told = [line.split(" error=")[1].split()[0] for line in said(daemon, "store-failed")]
    assert sorted(told) == sorted(troubles)
    wait_stored(daemon, CACHED)


def primed(new_waxwingd, running=True):
    """A daemon with one policy in its store."""
    daemon = new_waxwingd(start=False)
    prime(daemon, running)
    return daemon


def prime(daemon, running):
    daemon.start()
    assert daemon.lookup(CACHED).startswith("OK secure")
    wait_stored(daemon, CACHED)
    if not running:
        daemon.stop()


@contextlib.contextmanager
def disk(daemon, size="1m"):
    """The directory of the store on a file system of its own."""
    folder = os.path.dirname(daemon.store)
    owner = os.stat(folder)
    proc.run("mount", "-t", "tmpfs", "-o", f"size={size},mode=750", "disk", folder)
    os.chown(folder, owner.st_uid, owner.st_gid)
    try:
        yield folder
    finally:
        daemon.stop()
        proc.run("umount", folder)


@contextlib.contextmanager
def filled(folder):
    with open(folder + "/filler", "wb", buffering=0) as f:
        with contextlib.suppress(OSError):
            while True:
                f.write(b"x" * 4096)
    yield
    os.unlink(folder + "/filler")


@contextlib.contextmanager
def locked(daemon):
    """Another process holds the lock."""
    script = ("import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
              "db.execute('BEGIN EXCLUSIVE')\nprint('locked', flush=True)\nsys.stdin.read()\n")
    with subprocess.Popen([sys.executable, "-c", script, daemon.store], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as rival:
        assert rival.stdout.readline() == "locked\n"
        yield


def kept_aside(daemon):
    return [name for name in glob.glob(daemon.store + ".corrupt-*") if not name.endswith(("-wal", "-shm"))]


def overwrite(daemon, offset, octets):
    with open(daemon.store, "r+b") as f:
        f.seek(offset)
        f.write(octets)


def test_full_disk(new_waxwingd):
    daemon = new_waxwingd(start=False)
    with disk(daemon) as folder:
        prime(daemon, running=True)
        with filled(folder):
            goes_on(daemon)
            wait_said(daemon, "store-full")
            daemon.lookup("extension.example")
            time.sleep(RETRY + 1)
            goes_on(daemon)
            assert NEW not in stored(daemon)
        over(daemon, "store-full")
        wait_stored(daemon, "extension.example")


def test_full_disk_at_start(lab, new_waxwingd):
    """What is in the store protects, even though nothing can be written or fetched: DANE is left open."""
    daemon = new_waxwingd(start=False)
    with disk(daemon) as folder:
        prime(daemon, running=False)
        with filled(folder), lab.attack("block-dns", CACHED):
            daemon.start()
            goes_on(daemon, "OK dane-only")
            wait_said(daemon, "store-full")
            goes_on(daemon, "OK dane-only")
        over(daemon, "store-full")


def test_read_only_file_system(new_waxwingd):
    daemon = new_waxwingd(start=False)
    with disk(daemon) as folder:
        prime(daemon, running=False)
        proc.run("mount", "-o", "remount,ro", folder)
        daemon.start()
        goes_on(daemon)
        wait_said(daemon, "store-read-only")
        time.sleep(RETRY + 1)
        proc.run("mount", "-o", "remount,rw", folder)
        over(daemon, "store-read-only")


def test_read_only_file(new_waxwingd):
    """A keeper that is started again meets it, while the front has all in memory."""
    daemon = primed(new_waxwingd)
    if daemon.user is None:
        pytest.skip("the roles run as root here, who may write to any file")
    os.chmod(daemon.store, 0o400)
    daemon.wait_role("keeper", daemon.kill_role("keeper"))
    assert "belongs to user id" in wait_said(daemon, "store-read-only")
    goes_on(daemon)
    time.sleep(RETRY + 1)
    os.chmod(daemon.store, 0o600)
    over(daemon, "store-read-only")


def test_locked(new_waxwingd):
    daemon = primed(new_waxwingd)
    with locked(daemon):
        goes_on(daemon)
        wait_said(daemon, "store-busy")
        time.sleep(RETRY + 1)
        goes_on(daemon)
    over(daemon, "store-busy")


def test_locked_at_start(lab, new_waxwingd):
    """Who holds the lock keeps nobody from reading."""
    daemon = primed(new_waxwingd, running=False)
    with locked(daemon), lab.attack("block-dns", CACHED):
        daemon.start()
        goes_on(daemon, "OK dane-only")
        wait_said(daemon, "store-busy")
    over(daemon, "store-busy")


def zero_first_page(daemon):
    overwrite(daemon, 0, bytes(4096))


def garble_tree(daemon):
    overwrite(daemon, 4096, os.urandom(os.path.getsize(daemon.store) - 4096))


def cut(daemon):
    os.truncate(daemon.store, 4096 + 100)


@pytest.mark.parametrize("damage", (zero_first_page, garble_tree, cut))
def test_damaged_before_start(new_waxwingd, damage):
    daemon = primed(new_waxwingd, running=False)
    damage(daemon)
    with open(daemon.store, "rb") as f:
        damaged = f.read()
    daemon.start()
    line = wait_said(daemon, "store-corrupt")
    goes_on(daemon)
    over(daemon, "store-corrupt")
    assert [f" kept={name} " in line for name in kept_aside(daemon)] == [True]
    with open(kept_aside(daemon)[0], "rb") as f:
        assert f.read() == damaged
    assert stat.S_IMODE(os.stat(daemon.store).st_mode) == 0o600


def insert_many(daemon):
    body = b"version: STSv1\nmode: enforce\nmx: mail.example.com\nmax_age: 604800\n"
    now = int(time.time())
    with sqlite3.connect(daemon.store) as db:
        db.executemany("INSERT INTO policy VALUES (?, '1', ?, 2, ?, ?, ?)",
                       ((f"z{i}.example.net", body, now, now + 604800, now) for i in range(MANY)))
    db.close()


def test_damaged_while_running(new_waxwingd):
    """All that the front knows is in the new store in the end."""
    daemon = primed(new_waxwingd, running=False)
    insert_many(daemon)
    daemon.start()
    overwrite(daemon, 4096, b"\x5a" * (os.path.getsize(daemon.store) - 4096))
    goes_on(daemon)
    wait_said(daemon, "store-corrupt")
    goes_on(daemon)
    over(daemon, "store-corrupt")
    assert len(kept_aside(daemon)) == 1
    wait_until(daemon, lambda: len(stored(daemon)) >= MANY + 2, 60)
    daemon.restart()
    assert daemon.lookup("z0.example.net").startswith("OK secure match=mail.example.com")


def test_damaged_again_and_again(new_waxwingd):
    """Only some files are kept; then it goes on without a store until somebody has looked."""
    daemon = primed(new_waxwingd, running=False)
    for i in range(3):
        with open(f"{daemon.store}.corrupt-2026010{i}T000000Z", "w", encoding="ascii"):
            pass
    zero_first_page(daemon)
    daemon.start()
    assert "3 damaged stores are kept already" in wait_said(daemon, "store-aside")
    goes_on(daemon)
    time.sleep(RETRY + 1)
    assert len(kept_aside(daemon)) == 3
    os.unlink(kept_aside(daemon)[0])
    over(daemon, "store-aside", "store-corrupt")
    assert len(kept_aside(daemon)) == 3


def test_deleted_while_running(new_waxwingd):
    daemon = primed(new_waxwingd)
    os.unlink(daemon.store)
    goes_on(daemon)
    over(daemon, "store-moved")


def refused(daemon, error):
    """Somebody else's file is left alone; look-ups go on, and the store is made once the file has gone."""
    with open(daemon.store, "rb") as f:
        before = f.read()
    daemon.start()
    goes_on(daemon)
    wait_said(daemon, error)
    with open(daemon.store, "rb") as f:
        assert f.read() == before
    assert not kept_aside(daemon)
    os.rename(daemon.store, daemon.store + ".away")
    over(daemon, error)


def test_database_of_another_program(new_waxwingd):
    daemon = new_waxwingd(start=False)
    with sqlite3.connect(daemon.store) as db:
        db.execute("CREATE TABLE theirs (x)")
    db.close()
    os.chown(daemon.store, os.stat(os.path.dirname(daemon.store)).st_uid, -1)
    refused(daemon, "store-foreign")


def test_newer_store(new_waxwingd):
    daemon = primed(new_waxwingd, running=False)
    with sqlite3.connect(daemon.store) as db:
        db.execute("PRAGMA journal_mode = DELETE")
        db.execute("PRAGMA user_version = 999")
    db.close()
    refused(daemon, "store-newer")


def test_directory_at_the_path(new_waxwingd):
    daemon = new_waxwingd(start=False)
    os.mkdir(daemon.store)
    daemon.start()
    goes_on(daemon)
    assert "the path of a file" in wait_said(daemon, "store-no-file")
    os.rmdir(daemon.store)
    over(daemon, "store-no-file")


def test_directory_of_another_user(new_waxwingd):
    daemon = new_waxwingd(start=False)
    if daemon.user is None:
        pytest.skip("the roles run as root here, who may write anywhere")
    folder = os.path.dirname(daemon.store)
    owner = os.stat(folder).st_uid
    os.chown(folder, 0, 0)
    daemon.start()
    goes_on(daemon)
    assert "the directory belongs to user id 0" in wait_said(daemon, "store-denied")
    os.chown(folder, owner, -1)
    over(daemon, "store-denied")


def test_file_in_the_place_of_the_directory(new_waxwingd):
    daemon = new_waxwingd(start=False)
    folder = os.path.dirname(daemon.store)
    os.rmdir(folder)
    with open(folder, "w", encoding="ascii"):
        pass
    done = subprocess.run([daemon.program, "-c", daemon.conf], capture_output=True, text=True, check=False, timeout=20)
    assert done.returncode == 1
    assert f"store-folder-failed path={folder} " in done.stderr and "Not a directory" in done.stderr
