"""The command `lab/lab`."""

import argparse
import os
import subprocess
import sys

from . import attacker, control, internet, namespace, proc, resolver, site_page, table


def _parser():
    parser = argparse.ArgumentParser(prog="lab", description="A mini-Internet in a network namespace.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    up = commands.add_parser("up", help="run a command inside a running lab")
    up.add_argument("--keep", metavar="DIR", help="copy configuration and logs there when the lab ends")
    up.add_argument("--checks", action="store_true", help="with the test site, one domain for each check")
    up.add_argument("argv", nargs="+", metavar="COMMAND", help="after --, the command and its arguments")
    shell = commands.add_parser("shell", help="a shell inside a running lab")
    shell.add_argument("--keep", metavar="DIR", help="copy configuration and logs there when the lab ends")
    shell.add_argument("--checks", action="store_true", help="with the test site, one domain for each check")
    commands.add_parser("domains", help="print the table of domains")
    commands.add_parser("site", help="print docs/test-site.md, the domains of the test site")
    attack = commands.add_parser("attack", help="inside a lab: switch an attack, or list them")
    attack.add_argument("name", nargs="?", choices=sorted(attacker.ATTACKS), metavar="NAME")
    attack.add_argument("domain", nargs="?")
    attack.add_argument("switch", nargs="?", choices=("on", "off"))
    send = commands.add_parser("send", help="inside a lab: send a message by Postfix and tell its fate")
    send.add_argument("--waxwing", action="store_true", help="let waxwingd on its usual port say the TLS policy")
    send.add_argument("recipient")
    mail = commands.add_parser("mail", help="inside a lab: list what the MX hosts received")
    mail.add_argument("domain", nargs="?")
    return parser


def main(argv=None):
    options = _parser().parse_args(argv)
    try:
        return _COMMANDS[options.command](options)
    except (namespace.Unavailable, proc.StartError, RuntimeError) as error:
        print(f"lab: {error}", file=sys.stderr)
        return 75 if isinstance(error, namespace.Unavailable) else 1
    except KeyboardInterrupt:
        return 130


def _up(options):
    return _run(options.argv, options, quiet=True)


def _shell(options):
    return _run([os.environ.get("SHELL", "/bin/sh")], options, quiet=False)


def _run(argv, options, quiet):
    if not namespace.inside():
        reason = namespace.possible()
        if reason:
            raise namespace.Unavailable(reason)
        return namespace.enter([sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]])
    namespace.exit_on_signals()
    with internet.Lab(options.keep) as lab:
        if options.checks:
            lab.site()
        for part, reason in lab.unavailable.items():
            print(f"lab: skipped: {part}: {reason}", file=sys.stderr)
        server = control.Control(lab)
        if not quiet:
            print(f"The lab is up, with {len(lab.domains)} domains and the resolver {resolver.ADDRESS}. Try: dig, "
                  "curl, lab/lab domains, lab/lab attack, lab/lab send.")
        try:
            return _command(argv, lab)
        finally:
            server.stop()


def _command(argv, lab):
    try:
        status = subprocess.call(argv, env={**os.environ, **lab.environment()})
    except OSError as error:
        raise RuntimeError(f"{argv[0]}: {error.strerror}") from error
    return status if status >= 0 else 128 - status


def _domains(_options):
    table.show()
    return 0


def _site(_options):
    print(site_page.text(), end="")
    return 0


def _attack(options):
    if options.name is None:
        active = {}
        for name, domain in control.ask("attacks"):
            active.setdefault(name, []).append(domain)
        for name, what in attacker.ATTACKS.items():
            print(f"{name:15} {what}" + "".join(f"\n{'':15} ON for {d}" for d in active.get(name, [])))
        return 0
    if not options.domain or not options.switch:
        raise RuntimeError("say: lab attack NAME DOMAIN on|off")
    control.ask("attack_" + options.switch, options.name, options.domain)
    return 0


def _send(options):
    fate = control.ask("send", options.recipient, options.waxwing)
    print(f"{fate['status']}: {fate['relay']}, TLS {fate['tls'] or 'none'}: {fate['reason']}")
    return 0 if fate["status"] == "sent" else 1


def _mail(options):
    for m in control.ask("mail", options.domain):
        print(f"{m['recipient']}  at {m['host']}  {'with' if m['tls'] else 'WITHOUT'} TLS")
    return 0


_COMMANDS = {"up": _up, "shell": _shell, "domains": _domains, "site": _site, "attack": _attack, "send": _send, "mail": _mail}
