/* The MX hosts: SMTP, STARTTLS, TLS, certificates; and our own way to them. Included by check_table.h. */

WW_CHECK_RULE(MX_NO_ADDRESS, WARNING, WARNING,
              "Senders skip this host, and lose time over it; if all are like that, they take the domain for "
              "broken.",
              "Give the host an A or AAAA record, or take it out of the MX records.")
WW_CHECK_RULE(MX_ADDRESS_REFUSED, WARNING, WARNING,
              "Nobody outside can deliver to a private or special address, and many senders refuse to try.",
              "Give the host public addresses, or take it out of the MX records.")
WW_CHECK(MX_UNREACHABLE, "mx-unreachable", INFO, INFO, "An MX host does not answer at port 25",
         "Senders go on to the next address or host, and wait for this one first.",
         "See whether the host is up, and whether port 25 is open to the world at this address.",
         "RFC 5321 section 5.1")
WW_CHECK(MX_REFUSED, "mx-refused", WARNING, WARNING, "An MX host does not want to talk",
         "It refuses the conversation before any mail, or says something that is not SMTP: senders may fare "
         "alike.",
         "Look at the log of the MX host for this time and address.", "RFC 5321 section 3.1")

WW_CHECK(
    MX_NO_STARTTLS, "mx-no-starttls", ERROR, ERROR, "An MX host does not offer STARTTLS",
    "Mail to it goes in plain text, and under an enforced policy it does not go at all.",
    "Configure a certificate and switch TLS on in the mail server; look for a firewall that takes the offer "
    "out of the answer to EHLO.",
    "RFC 8461 section 4.2")
WW_CHECK(MX_STARTTLS_REFUSED, "mx-starttls-refused", ERROR, ERROR,
         "An MX host offers STARTTLS and then refuses it",
         "To senders this is as if there were no TLS; under an enforced policy they keep the mail.",
         "Look at the log of the mail server: mostly it cannot read its certificate or key.",
         "RFC 3207 section 4")
WW_CHECK(
    MX_PLAIN_TEXT, "mx-plain-text", ERROR, ERROR, "Plain text comes where TLS has to begin",
    "What is said before the handshake may come from anybody on the way; careful senders break off.",
    "Update the mail server; if it is sound, something between it and the world changes the conversation.",
    "RFC 3207 section 4.2")
WW_CHECK(MX_HANDSHAKE_FAILS, "mx-handshake-fails", ERROR, ERROR, "The TLS handshake with an MX host fails",
         "Senders that demand TLS keep the mail; others send it in plain text.",
         "Look at the log of the mail server, and try `openssl s_client -starttls smtp -connect HOST:25`.",
         "RFC 8461 section 4.2")
WW_CHECK(MX_STARTTLS_INJECTION, "mx-starttls-injection", ERROR, ERROR,
         "An MX host takes commands into TLS that came before it",
         "Somebody on the way can put commands in front of the sender's and have mail sent elsewhere.",
         "Update the mail server: it has to forget what came in before the handshake.", "CVE-2011-0411")

WW_CHECK(MX_TLS_VERSION, "mx-tls-version", ERROR, ERROR, "An MX host speaks no TLS 1.2 or later",
         "MTA-STS demands at least TLS 1.2, and senders no longer speak less.",
         "Allow TLS 1.2 and 1.3 in the mail server, or update it.", "RFC 8461 section 7.2")
WW_CHECK(MX_OLD_TLS, "mx-old-tls", WARNING, WARNING, "An MX host takes TLS 1.0 or 1.1 as well",
         "These versions are broken and were withdrawn; whoever can keep the better ones from being used may "
         "read along.",
         "Allow TLS 1.2 and later alone: with Postfix smtpd_tls_protocols = >=TLSv1.2.", "RFC 8996")
WW_CHECK(MX_SSL3, "mx-ssl3", WARNING, WARNING, "An MX host takes SSL 3", "SSL 3 is broken beyond repair.",
         "Allow TLS 1.2 and later alone.", "RFC 7568")
WW_CHECK(MX_WEAK_CIPHER, "mx-weak-cipher", WARNING, WARNING, "An MX host takes a broken cipher",
         "Ciphers without encryption, of export strength, with DES, 3DES or RC4 can be read by others.",
         "Take these ciphers out of the list: with Postfix smtpd_tls_ciphers = medium, on a current OpenSSL.",
         "RFC 9325 section 4.1")
WW_CHECK(MX_NO_FORWARD_SECRECY, "mx-no-forward-secrecy", WARNING, WARNING,
         "TLS with an MX host has no forward secrecy",
         "Whoever records the mail of today can read it when the key of the server is stolen later.",
         "Let the mail server prefer ECDHE, or TLS 1.3 which always has it.", "RFC 9325 section 4.1")
WW_CHECK(MX_RSA_KEY_EXCHANGE, "mx-rsa-key-exchange", INFO, INFO,
         "An MX host takes ciphers without forward secrecy as well",
         "Only a sender that offers nothing better gets one, so that little is lost by it.",
         "Exclude kRSA once no sender needs it: with Postfix smtpd_tls_exclude_ciphers = kRSA.",
         "RFC 9325 section 4.1")

WW_CHECK(MX_SELF_SIGNED, "mx-self-signed", ERROR, WARNING,
         "The certificate of an MX host is signed by itself",
         "Anybody can make one like it; under an enforced policy senders keep the mail.",
         "Get a certificate for the name of the host from a public authority.", "RFC 8461 section 4.2")
WW_CHECK(MX_UNTRUSTED, "mx-untrusted", ERROR, WARNING,
         "The certificate of an MX host comes from no trusted authority",
         "Senders cannot verify it; under an enforced policy they keep the mail.",
         "Get a certificate for the name of the host from a public authority.", "RFC 8461 section 4.2")
WW_CHECK(
    MX_INCOMPLETE_CHAIN, "mx-incomplete-chain", ERROR, WARNING,
    "An MX host does not send the intermediate certificate",
    "Some senders know it from elsewhere, others cannot verify the host and keep the mail.",
    "Put the intermediate certificates behind the host's own in its file: mostly it is called fullchain.",
    "RFC 5246 section 7.4.2")
WW_CHECK(MX_EXPIRED, "mx-expired", ERROR, WARNING, "The certificate of an MX host has expired",
         "Senders that verify it take it for worthless; under an enforced policy they keep the mail.",
         "Renew it, have the mail server read it anew, and find out why that did not happen by itself.",
         "RFC 8461 section 4.2")
WW_CHECK(MX_NOT_YET_VALID, "mx-not-yet-valid", ERROR, WARNING,
         "The certificate of an MX host is not valid yet",
         "Senders that verify it take it for worthless; under an enforced policy they keep the mail.",
         "Use the certificate from its first day on; look at the clock of whoever made it.",
         "RFC 8461 section 4.2")
WW_CHECK(MX_EXPIRES_SOON, "mx-expires-soon", WARNING, INFO,
         "The certificate of an MX host expires within 14 days",
         "When it has, senders that verify it keep the mail.",
         "Renew it; where that happens by itself, find out why it has not happened yet.",
         "RFC 8461 section 4.2")
WW_CHECK(
    MX_NAME_MISMATCH, "mx-name-mismatch", ERROR, WARNING, "The certificate of an MX host is for another name",
    "The name in the MX record has to be among its DNS names; else senders keep the mail under an enforced "
    "policy.",
    "Get a certificate that has the name of the MX record, or let the MX record name what it has.",
    "RFC 8461 section 4.2")
WW_CHECK(MX_KEY_USAGE, "mx-key-usage", ERROR, WARNING, "The certificate of an MX host is not one for servers",
         "Its key usages do not let it be a TLS server's, so that senders take it for worthless.",
         "Get a certificate with the extended key usage serverAuth.", "RFC 5280 section 4.2.1.12")
WW_CHECK(MX_REVOKED, "mx-revoked", WARNING, WARNING, "The certificate of an MX host was revoked",
         "Its authority has withdrawn it, mostly since the key was stolen; whoever asks, refuses it.",
         "Find out why it was revoked, make a new key, and get a new certificate.", "RFC 5280 section 5")
WW_CHECK(MX_WEAK_KEY, "mx-weak-key", WARNING, WARNING, "The key of an MX host is too short",
         "It can be broken, and many TLS libraries refuse it.",
         "Make a new key, of RSA with 2048 bits or more or EC with 256, and get a new certificate.",
         "RFC 9325 section 4.5")
WW_CHECK(MX_WEAK_SIGNATURE, "mx-weak-signature", WARNING, WARNING,
         "The certificate of an MX host is signed over MD5 or SHA-1",
         "Such signatures can be forged, and many TLS libraries refuse them.",
         "Get a new certificate, and a new intermediate one where it is that; today all are over SHA-256.",
         "RFC 9155")
WW_CHECK(MX_CERTIFICATES_DIFFER, "mx-certificates-differ", WARNING, WARNING,
         "The addresses of an MX host show different certificates",
         "One of them is easily forgotten when the others are renewed, and mail then fails now and then.",
         "Let all addresses have one certificate, or watch each of them.", "")
WW_CHECK(MX_SNI_DIFFERS, "mx-sni-differs", WARNING, WARNING,
         "An MX host shows another certificate to who sends no name",
         "Many senders send no name by SNI, and judge the host by what they are shown then.",
         "Make the certificate of the MX host the one that the mail server shows by default.",
         "RFC 7672 section 8.1")
WW_CHECK(MX_DANE_ONLY, "mx-certificate-dane-only", INFO, INFO,
         "The certificate of an MX host is good for DANE alone",
         "Senders that know DANE authenticate the host by its TLSA records. Others could not.",
         "Nothing, as long as no MTA-STS policy names this host; before one does, get a certificate from a "
         "public authority.",
         "RFC 7672 section 3.1.1")

WW_CHECK(
    OUR_PORT_25, "our-port-25", WARNING, WARNING, "No MX host can be reached at port 25 from here",
    "This looks like something on our side: many providers close port 25 outwards. Nothing is known of the "
    "MX hosts then.",
    "Run `waxwing doctor` on this machine, or check from another network.", "")
WW_CHECK(
    OUR_ADDRESS_LISTED, "our-address-listed", WARNING, WARNING,
    "An MX host refuses this machine by a block list",
    "It says that our address has a bad name, so that it cannot be looked at from here. Other senders are "
    "not concerned.",
    "Check from a machine whose address sends mail, or have the address taken off the list.", "")
WW_CHECK(OUR_NO_ROUTE, "our-no-route", INFO, INFO, "This machine has no way to some addresses",
         "What stands there was not looked at, mostly because this machine has no IPv6.",
         "Check from a machine that has both IPv4 and IPv6.", "")
