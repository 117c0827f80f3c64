"""Fixtures of the end-to-end tests. What cannot run here is skipped with the reason, never passed."""

import contextlib
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, ROOT)

from lab import Lab, Unavailable, namespace  # noqa: E402
from lab.waxwingd import PORT, Waxwingd, built  # noqa: E402

BUILD = os.environ.get("WAXWING_BUILD", os.path.join(ROOT, "build"))


def _claimed(modules):
    """The modules that no other lab has taken, taken one by one, those with many tests first."""
    for name in sorted(modules, key=lambda name: -len(modules[name])):
        with contextlib.suppress(FileExistsError):
            os.mkdir(os.path.join(os.environ["E2E_QUEUE"], os.path.basename(name)))
            yield from modules[name]


def pytest_runtestloop(session):
    """With other labs beside this one (run --labs): the modules are shared out as they go."""
    if "E2E_QUEUE" not in os.environ or session.testsfailed or session.config.option.collectonly:
        return None
    modules = {}
    for item in session.items:
        modules.setdefault(str(item.path), []).append(item)
    queue = _claimed(modules)
    item = next(queue, None)
    while item is not None:
        following = next(queue, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


def _or_skip(make):
    try:
        return make()
    except Unavailable as reason:
        return pytest.skip(str(reason))


@pytest.fixture(scope="session")
def lab():
    """The running lab."""
    if not namespace.inside():
        pytest.skip(os.environ.get("LAB_IMPOSSIBLE", "not inside the lab: start with tests/e2e/run"))
    with contextlib.ExitStack() as stack:
        yield _or_skip(lambda: stack.enter_context(Lab(os.environ.get("LAB_KEEP"))))


@pytest.fixture(autouse=True)
def quiet_attacker(request):
    """No attack outlives its test."""
    yield
    if "lab" in request.fixturenames:
        request.getfixturevalue("lab").attacker.all_off()


@pytest.fixture(scope="session")
def _postfix(lab):
    return _or_skip(lab.sender)


@pytest.fixture
def sender(_postfix):
    """This system's Postfix, without a policy server until `sender.use(…)`; its queue is emptied after the test."""
    yield _postfix
    _postfix.clear()
    _postfix.use(None)


def _tree(name):
    """The tree with a mail server that this system does not run itself."""
    tree = os.path.join(os.environ.get("WAXWING_TREES", os.path.join(ROOT, "var")), name)
    if not os.path.isdir(tree):
        pytest.skip(f"no tree {tree}: make one with lab/mta-tree {name} {tree}")
    if os.geteuid() != 0:
        pytest.skip("running a tree of another Debian needs root")
    return tree


@pytest.fixture(scope="session")
def _postfix13(lab):
    return _or_skip(lambda: lab.sender(root=_tree("postfix13")))


@pytest.fixture
def sender13(_postfix13):
    """Debian 13's Postfix, otherwise like `sender`."""
    yield _postfix13
    _postfix13.clear()
    _postfix13.use(None)


@pytest.fixture(scope="session")
def _exim(lab):
    return _or_skip(lambda: lab.exim(_tree("exim")))


@pytest.fixture
def exim(_exim):
    """Debian's Exim, which asks whom `exim.use(…)` says; its queue is emptied after the test."""
    yield _exim
    _exim.clear()


@pytest.fixture(scope="session")
def _sendmail(lab):
    return _or_skip(lambda: lab.sendmail(_tree("sendmail")))


@pytest.fixture
def sendmail(_sendmail):
    """Debian's Sendmail, without Waxwing until `sendmail.use(…)`; its queue is emptied after the test."""
    yield _sendmail
    _sendmail.clear()
    _sendmail.use(None)


@pytest.fixture(params=["sender", "sender13"])
def each_sender(request):
    """One after the other."""
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="session")
def build():
    """The build directory, with waxwingd in it."""
    _or_skip(lambda: built(BUILD))
    return BUILD


@pytest.fixture(scope="module")
def waxwingd(lab, build, request):
    """A running waxwingd on the usual port, shared by the tests of a module, with an empty store at its start, and
    with the module's SETTINGS."""
    settings = getattr(request.module, "SETTINGS", {})
    daemon = Waxwingd(lab, build, name="waxwing-" + request.module.__name__, port=PORT, settings=settings)
    daemon.start()
    yield daemon
    daemon.stop()


@pytest.fixture
def new_waxwingd(lab, build, request):
    """Makes further waxwingd's for one test: new_waxwingd(start=True, clock=None, **settings of waxwing.conf)."""
    made = []

    def make(start=True, clock=None, **settings):
        name = f"waxwing-{request.node.name}-{len(made)}".translate(str.maketrans("[]/ ", "----"))
        made.append(Waxwingd(lab, build, name=name, port=PORT + 1 + len(made), settings=settings,
                             clock=clock))
        if start:
            made[-1].start()
        return made[-1]

    yield make
    for daemon in made:
        daemon.stop()
