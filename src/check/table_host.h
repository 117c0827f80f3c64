/* The policy host: its addresses, TLS, certificate, HTTP. Included by check_table.h. */

#define FETCH "RFC 8461 section 3.3"
#define NO_POLICY "Senders get no policy from there: who has none in memory is not protected."

/* Name and addresses. */
WW_CHECK(HOST_UNRESOLVED, "host-unresolved", ERROR, ERROR, "The policy host does not resolve",
         "Senders cannot fetch the policy: who has none in memory is not protected.",
         "Publish A and AAAA records, or an alias, for mta-sts below the domain.", FETCH)
WW_CHECK(HOST_DANGLING_ALIAS, "host-dangling-alias", ERROR, ERROR,
         "The policy host is an alias of a name that does not exist",
         "Senders cannot fetch the policy; and who registers the missing name serves one of his own.",
         "Point the alias to where the policy is served, or take it out together with the MTA-STS record.",
         "RFC 8461 section 10.2")
WW_CHECK(HOST_SPECIAL_ADDRESS, "host-special-address", ERROR, ERROR,
         "The policy host has an address that is not of the public Internet",
         "Senders outside cannot reach it, and careful ones do not try.",
         "Publish public addresses alone; keep internal ones to the internal view of DNS.", "RFC 6890")
WW_CHECK(HOST_IPV6_ONLY, "host-ipv6-only", WARNING, WARNING, "The policy host has IPv6 addresses alone",
         "Many mail servers have no IPv6, and get no policy.", "Publish an A record for it as well.", FETCH)
WW_CHECK(HOST_NO_ROUTE, "our-host-no-route", INFO, INFO,
         "An address of the policy host was not tested: this machine has no way to it",
         "Senders with IPv4 and IPv6 may meet what was not seen from here.",
         "Check from a machine that has both IPv4 and IPv6.", "")

/* Connections. */
WW_CHECK(HOST_UNREACHABLE, "host-unreachable", ERROR, ERROR, "Nothing can be connected to at port 443",
         NO_POLICY, "Start the web server, open the firewall, or take the address out of DNS.", FETCH)
WW_CHECK(HOST_TIMEOUT, "host-timeout", ERROR, ERROR, "The policy host does not answer in time",
         "Senders wait a minute at most, and go on without a policy.",
         "Look into the firewall and into what the web server waits for.", FETCH)
WW_CHECK(HOST_BROKEN_OFF, "host-broken-off", ERROR, ERROR,
         "The policy host breaks the connection off without an answer", NO_POLICY,
         "Look into the web server's log, and for a firewall or a filter in front of it.", FETCH)

/* TLS. */
WW_CHECK(HOST_TLS_VERSION, "host-tls-version", ERROR, ERROR,
         "The policy host does not speak TLS 1.2 or later",
         "Senders must not use older versions, and get no policy.", "Turn TLS 1.2 and 1.3 on.",
         "RFC 8461 section 7.2")
WW_CHECK(HOST_TLS_FAILED, "host-tls-failed", ERROR, ERROR, "The TLS handshake with the policy host fails",
         NO_POLICY,
         "Configure the web server for this name: TLS at port 443, with a certificate and common ciphers.",
         FETCH)

/* The certificate. */
WW_CHECK(HOST_CERT_EXPIRED, "host-cert-expired", ERROR, ERROR,
         "The certificate of the policy host has expired", NO_POLICY,
         "Renew the certificate, reload the web server, and look why the renewal did not happen by itself.",
         FETCH)
WW_CHECK(HOST_CERT_SOON, "host-cert-expires-soon", WARNING, WARNING,
         "The certificate of the policy host expires soon",
         "When it has, senders get no policy any more, and in mode enforce nobody notices.",
         "Renew the certificate now, and look why the renewal did not happen by itself.", FETCH)
WW_CHECK(HOST_CERT_EARLY, "host-cert-not-yet-valid", ERROR, ERROR,
         "The certificate of the policy host is not yet valid", NO_POLICY,
         "Serve the certificate that is valid today, and look at the clock of who issued it.", FETCH)
WW_CHECK(HOST_CERT_SELF_SIGNED, "host-cert-self-signed", ERROR, ERROR,
         "The policy host signed its certificate itself", NO_POLICY,
         "Get a certificate from a public authority, for instance by ACME.", FETCH)
WW_CHECK(HOST_CERT_UNTRUSTED, "host-cert-untrusted", ERROR, ERROR,
         "The certificate of the policy host comes from an authority that is not trusted", NO_POLICY,
         "Get a certificate from a public authority, for instance by ACME.", FETCH)
WW_CHECK(HOST_CERT_CHAIN, "host-cert-incomplete-chain", WARNING, WARNING,
         "The policy host does not send the intermediate certificate of its authority",
         "A few senders know that certificate, or fetch it; strict ones, Waxwing among them, get no policy.",
         "Configure the file with the full chain, such as fullchain.pem, in the web server.",
         "RFC 8446 section 4.4.2")
WW_CHECK(HOST_CERT_NAME, "host-cert-name", ERROR, ERROR,
         "The certificate of the policy host is for another name", NO_POLICY,
         "Get a certificate with the DNS name of the policy host.", FETCH)
WW_CHECK(HOST_CERT_NO_SAN, "host-cert-no-san", ERROR, ERROR,
         "The certificate of the policy host has no DNS name, and its common name does not count", NO_POLICY,
         "Get a certificate with the policy host's name as a subjectAltName.", FETCH)
WW_CHECK(HOST_CERT_INVALID, "host-cert-invalid", ERROR, ERROR,
         "The certificate of the policy host is not valid", NO_POLICY,
         "Get a certificate for a server from a public authority.", FETCH)
WW_CHECK(HOST_CERT_DIFFERS, "host-cert-differs", INFO, INFO,
         "Addresses of the policy host show different certificates",
         "They may well all be good; but each has to be renewed, and one is easily forgotten.",
         "Nothing has to be done where all of them are renewed by themselves.", "")

/* HTTP. */
WW_CHECK(HOST_NOT_HTTP, "host-not-http", ERROR, ERROR, "The policy host does not speak HTTP/1.1", NO_POLICY,
         "Put a web server at port 443.", "RFC 9112")
WW_CHECK(HOST_HEADERS, "host-headers-too-large", ERROR, ERROR,
         "The headers of the policy host's answer are larger than a sender reads", NO_POLICY,
         "Take headers out of the web server's configuration for this name.", "")
WW_CHECK(HOST_CUT, "host-answer-cut", ERROR, ERROR,
         "The answer of the policy host ends before all of it is there",
         "A policy of which the end may be missing must not be used.",
         "Serve the policy as a plain file, with a Content-Length.", "RFC 9112 section 8")
WW_CHECK(HOST_CODING, "host-content-coding", ERROR, ERROR,
         "The policy is served in a content coding that nobody asked for",
         "Senders do not unpack it, and find no policy.", "Turn compression off for the policy.",
         "RFC 9110 section 12.5.3")
WW_CHECK(HOST_NOT_FOUND, "host-not-found", ERROR, ERROR, "The policy is not there: status 404", NO_POLICY,
         "Serve the policy as /.well-known/mta-sts.txt of the policy host.", FETCH)
WW_CHECK(HOST_STATUS, "host-status", ERROR, ERROR, "The policy host answers with a status that is not 200",
         NO_POLICY, "Look into the web server's log: the policy has to come with status 200.", FETCH)
WW_CHECK(HOST_REDIRECT, "host-redirect", ERROR, ERROR, "The policy host redirects",
         "Senders must not follow, and get no policy.",
         "Serve the policy itself at this address, with status 200.", FETCH)
WW_CHECK(HOST_BLOCKED, "host-blocked", ERROR, ERROR,
         "The policy host turns mail servers away, and serves the policy to web browsers",
         "Senders are programs, and do not pass for browsers: they get no policy.",
         "Let /.well-known/mta-sts.txt pass the web application firewall or bot filter.", FETCH)
WW_CHECK(HOST_TYPE, "host-content-type", WARNING, WARNING, "The policy is not served as text/plain",
         "Some senders overlook it; strict ones, Waxwing among them, take it for no policy.",
         "Serve it with `Content-Type: text/plain`.", "RFC 8461 section 3.2")
WW_CHECK(HOST_CACHED, "host-cached", INFO, INFO, "The policy is served to be cached by others for long",
         "Caches on the way hand out the old policy for so long after a change.",
         "Serve it with `Cache-Control: no-cache`, or a max-age of minutes.", FETCH)
WW_CHECK(HOST_BODY_DIFFERS, "host-body-differs", ERROR, ERROR,
         "Addresses of the policy host serve different policies",
         "It is a matter of chance which one a sender gets.",
         "Bring the same file to all servers of the policy host, and empty their caches.", FETCH)

#undef FETCH
#undef NO_POLICY
