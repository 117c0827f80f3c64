"""docs/test-site.md, made of checks.toml: `lab/lab site > docs/test-site.md`."""

from . import fixtures

_HEAD = """# A test site of broken domains

Each domain here has one fault, and `waxwing check` finds just that. It is for those who write a checker of MTA-STS, DANE and
TLSRPT, or want to see what a finding looks like. The lab serves it, with real name servers, web servers and mail servers, on
one machine and without a way out; [The lab](lab.md#the-test-site) says how it is made, and how to add to it.

```sh
lab/lab up --checks -- sh       # as root, or as a user that has subordinate user ids; then, in there:
dig _mta-sts.sts-id.{parent} TXT
curl --cacert $LAB_CA https://mta-sts.policy-bom.{parent}/.well-known/mta-sts.txt
openssl s_client -connect mx.mx-expired.{parent}:25 -starttls smtp -CAfile $LAB_CA
cat > check.conf <<END
user = "nobody"
dns {{ root_hints = "$LAB_ROOT_HINTS" trust_anchor = "$LAB_TRUST_ANCHOR" }}
fetch {{ ca_file = "$LAB_CA" allow_addresses = {{"198.18.0.0/15", "2001:2::/48"}} }}
END
build/src/cli/waxwing check --config check.conf mx-expired.{parent}
```

Any other tool runs there as well. It has to take the addresses of the site for public ones (they are those set aside for
benchmarks), the resolver in `/etc/resolv.conf`, which validates, and the authority in `$LAB_CA`. All that the domains of
this table do not say is as at `{good}`, which has no fault: a signed zone with two name servers that agree, a record, a
policy of mode enforce, reports that find a mail host, an MX host with a good certificate, modern TLS and TLSA records for this
key and the next, all on IPv4 and IPv6.

`tests/e2e/test_check_fixtures.py` looks at all of them, and [All checks](checks.md) explains each id. The domains are in
`lab/checks.toml`, and this page is made of that: `lab/lab site > docs/test-site.md`.

| domain | fault | what is found |
|---|---|---|
"""

_BEFORE = " With what was seen of it before."


def text():
    """The whole page."""
    rows = [d for d in fixtures.load().values() if d.raises is not None]
    return _HEAD.format(parent=fixtures.PARENT, good=fixtures.GOOD) + "".join(_row(d) for d in rows)


def _row(d):
    found = ", ".join(f"`{one}`" for one in d.raises) or "nothing"
    says = d.says + (_BEFORE if d.earlier else "")
    return f"| `{d.name}` | {says} | {found} |\n"
