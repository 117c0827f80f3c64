"""The packet rules of the namespace: what is dropped, and what is led astray to the attacker.

The whole table is written anew at each change, in one transaction. Rules that rewrite addresses exist only
while an attack needs them, so that a quiet lab pays nothing for connection tracking."""

import subprocess

from . import proc, zones

RELAY_PORT = 2525
DNS_PORT = 53
HTTPS_PORT = 443
PARENT_PORT = 5353


class Firewall:
    """`drops` and `detours` are sets of (address, port) and (address, port, port of the attacker)."""

    def __init__(self):
        proc.require("nft")
        self.drops = set()
        self.detours = set()

    def apply(self):
        # Dropped on arrival, not on departure: there the sending program would be told.
        drops = [f"{_family(a)} daddr {a} {_protocols()} th dport {port} drop" for a, port in sorted(self.drops)]
        detours = [_detour(*detour) for detour in sorted(self.detours)]
        rules = ["table inet lab", "delete table inet lab", "table inet lab {"]
        rules += ["chain arriving { type filter hook input priority 0;", *drops, "}"]
        if detours:
            rules += ["chain leaving { type nat hook output priority -100;", *detours, "}"]
        rules.append("}")
        done = subprocess.run(["nft", "-f", "-"], input="\n".join(rules) + "\n", capture_output=True, text=True,
                              check=False)
        if done.returncode != 0:
            raise proc.StartError("nft: " + done.stderr.strip())


def _family(address):
    return "ip6" if ":" in address else "ip"


def _protocols():
    return "meta l4proto { tcp, udp }"


def _detour(address, port, attacker_port):
    """Leads all but the attacker's own traffic to the attacker."""
    if ":" in address:
        return (f"ip6 saddr != {zones.ATTACKER6} ip6 daddr {address} {_protocols()} th dport {port} "
                f"dnat ip6 to [{zones.ATTACKER6}]:{attacker_port}")
    return (f"ip saddr != {zones.ATTACKER4} ip daddr {address} {_protocols()} th dport {port} "
            f"dnat ip to {zones.ATTACKER4}:{attacker_port}")
