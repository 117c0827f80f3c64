/* Rows of the rules: WW_RULE(name, result type, source, what was found). Included by rule.h and rule.c; no
 * guard. */

/* No MTA-STS policy is in force. */
WW_RULE(NO_RECORD, NONE, "RFC 8461 section 3.1", "the domain has no MTA-STS record")
WW_RULE(SEVERAL_RECORDS, NONE, "RFC 8461 section 3.1",
        "the domain has several MTA-STS records, so no policy counts")
WW_RULE(NO_POLICY, NONE, "RFC 8461 section 3.3", "no MTA-STS policy was fetched, and none is cached")
WW_RULE(CACHE_EXPIRED, NONE, "RFC 8461 section 5.1",
        "the cached MTA-STS policy has expired, and there is no new one")
WW_RULE(MODE_NONE, NONE, "RFC 8461 section 5",
        "the MTA-STS policy has mode none, so there is nothing to obey")

/* MTA-STS, in the order in which a sender looks (RFC 8461 appendix B). */
WW_RULE(STS_MX, VALIDATION_FAILURE, "RFC 8461 section 4.1", "no mx pattern of the policy matches the MX host")
WW_RULE(STS_STARTTLS, STARTTLS_NOT_SUPPORTED, "RFC 8461 section 5", "the MX host does not offer STARTTLS")
WW_RULE(STS_HANDSHAKE, VALIDATION_FAILURE, "RFC 8461 section 4", "the TLS handshake fails")
WW_RULE(STS_VERSION, VALIDATION_FAILURE, "RFC 8461 section 7.2", "the MX host has no TLS 1.2 or later")
WW_RULE(STS_NO_CERTIFICATE, VALIDATION_FAILURE, "RFC 8461 section 4", "the MX host presents no certificate")
WW_RULE(STS_EXPIRED, CERTIFICATE_EXPIRED, "RFC 8461 section 4.2", "the certificate has expired")
WW_RULE(STS_UNTRUSTED, CERTIFICATE_NOT_TRUSTED, "RFC 8461 section 4.2",
        "the certificate comes from no authority that is trusted")
WW_RULE(STS_SELF_SIGNED, CERTIFICATE_NOT_TRUSTED, "RFC 8461 section 4.2",
        "the certificate is self-signed, so no authority vouches for it")
WW_RULE(STS_NAME, CERTIFICATE_HOST_MISMATCH, "RFC 8461 section 4.2",
        "no DNS name of the certificate is that of the MX host (its common name never counts)")
WW_RULE(STS_HOLDS, NONE, "RFC 8461 section 4",
        "the MX host, its TLS and its certificate are as the policy says")

/* DANE. */
WW_RULE(DANE_ABSENT, NONE, "RFC 7672 section 2.2", "the MX host has no TLSA record that DNSSEC vouches for")
WW_RULE(DANE_BOGUS, DNSSEC_INVALID, "RFC 7672 section 2.1.2",
        "the answer about TLSA records does not stand up to DNSSEC, so the MX host counts as unreachable")
WW_RULE(DANE_LOOKUP, DNSSEC_INVALID, "RFC 7672 section 2.1.2",
        "the look-up of TLSA records failed, so the MX host counts as unreachable")
WW_RULE(
    DANE_REQUIRED, DANE_REQUIRED, "RFC 7672 section 6",
    "DANE is mandatory for this domain, and the MX host has no usable TLSA record that DNSSEC vouches for")
WW_RULE(DANE_STARTTLS, STARTTLS_NOT_SUPPORTED, "RFC 7672 section 2.2",
        "the MX host has TLSA records, which promise TLS, and does not offer STARTTLS")
WW_RULE(DANE_HANDSHAKE, VALIDATION_FAILURE, "RFC 7672 section 2.2",
        "the MX host has TLSA records, which promise TLS, and the TLS handshake fails")
WW_RULE(DANE_NO_MATCH, TLSA_INVALID, "RFC 7672 section 3.2", "no usable TLSA record matches the certificate")
WW_RULE(DANE_TA_EXPIRED, CERTIFICATE_EXPIRED, "RFC 6698 section 2.1.1",
        "a DANE-TA(2) record matches, and below it dates count: the certificate has expired")
WW_RULE(DANE_TA_NAME, CERTIFICATE_HOST_MISMATCH, "RFC 7672 section 3.2.2",
        "a DANE-TA(2) record matches, and below it names count: the certificate is for another name")
WW_RULE(DANE_TA_HOLDS, NONE, "RFC 7672 section 3.2.2",
        "a DANE-TA(2) record matches, and the certificate has the right name")
WW_RULE(DANE_EE_HOLDS, NONE, "RFC 7672 section 3.1.1",
        "a DANE-EE(3) record matches the certificate, whatever its names and dates")
WW_RULE(DANE_ENCRYPTED, NONE, "RFC 7672 section 2.2",
        "none of the TLSA records is usable: TLS is a must, authentication is not")

/* A domain as a whole: what the MTA is told. Those that hold mail stand in a log line beside the domain. */
WW_RULE(DOMAIN_ORDERED, NONE, "RFC 7435 section 3",
        "an override says what a delivery must have, and explicit local policy goes first")
WW_RULE(DOMAIN_ENFORCED, NONE, "RFC 8461 section 5", "the MTA-STS policy is enforced")
WW_RULE(DOMAIN_TESTING, NONE, "RFC 8461 section 5", "the MTA-STS policy is in testing mode")
WW_RULE(DOMAIN_NO_MX, NONE, "RFC 8461 section 3.2", "the enforced MTA-STS policy lists no MX host")
WW_RULE(DOMAIN_LISTED, NONE, "RFC 8461 section 10.2",
        "the preload list says what MX hosts the domain has, and no MTA-STS policy is in force")
WW_RULE(DOMAIN_LISTED_TESTING, NONE, "RFC 8461 section 10.2",
        "the preload list has the domain in testing mode, and no MTA-STS policy is in force")
WW_RULE(DOMAIN_MX_BOGUS, NONE, "RFC 7672 section 2.1.2",
        "the answer about its MX hosts does not stand up to DNSSEC")
WW_RULE(DOMAIN_UNKNOWN, NONE, "RFC 7672 section 2.1.2",
        "it is not known whether DANE holds for the MX hosts, and nothing takes its place")
WW_RULE(DOMAIN_ALL_USABLE, NONE, "RFC 7672 section 2.2", "every MX host has usable TLSA records")
WW_RULE(DOMAIN_ALL_UNUSABLE, NONE, "RFC 7672 section 2.2",
        "every MX host has TLSA records, none of them usable: TLS is a must, authentication is not")
WW_RULE(DOMAIN_EACH_HOST, NONE, "RFC 7672 section 2.2.1",
        "the MX hosts differ in their TLSA records, and each is held to its own")
WW_RULE(DOMAIN_FAILING, NONE, "RFC 7672 section 2.1.2",
        "TLSA look-ups fail: those MX hosts are skipped alone, and nothing takes the place of DANE")
WW_RULE(DOMAIN_DANE_FIRST, NONE, "RFC 8461 section 2",
        "neither MTA-STS nor a preload list may override DANE, which not all MX hosts have; the others wait")
WW_RULE(DOMAIN_STS_AMONG, NONE, "RFC 8461 section 2",
        "MTA-STS or a preload list decides at the MX hosts that DANE leaves to it, and at no other")
WW_RULE(DOMAIN_CONFLICT, NONE, "RFC 8461 section 5",
        "DANE has none of the MX hosts that the enforced MTA-STS policy names")
WW_RULE(DOMAIN_LISTED_CONFLICT, NONE, "RFC 8461 section 5",
        "DANE has none of the MX hosts that the preload list names")
WW_RULE(DOMAIN_BLIND, NONE, "RFC 7672 section 2.2",
        "no MX host is free of TLSA records: the MTA, which cannot validate them, is held to TLS")
WW_RULE(DOMAIN_LEFT, NONE, "RFC 7672 section 2.2", "DANE is left to the MTA's own default level")
