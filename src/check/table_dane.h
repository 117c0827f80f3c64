/* DNSSEC and TLSA records of the MX hosts. Included by check_table.h. */

WW_CHECK(
    DANE_DNSSEC_ABSENT, "dane-dnssec-absent", INFO, INFO,
    "The domain's MX records are not signed with DNSSEC",
    "Without DNSSEC there is no DANE for the domain, and nothing vouches for its list of MX hosts but an "
    "MTA-STS policy.",
    "Sign the zone and have its parent publish the DS record; then add TLSA records for the MX hosts.",
    "RFC 7672 section 2.2.1")
WW_CHECK(DANE_DNSSEC_BOGUS, "dane-dnssec-bogus", ERROR, ERROR,
         "The domain's MX records do not stand up to DNSSEC",
         "A sender that validates takes the answer for forged, and delivers no mail to the domain.",
         "Look for signatures that have expired, or a DS record in the parent zone that fits no key of the "
         "zone; sign anew, or have the DS record corrected.",
         "RFC 7672 section 2.1.2")
WW_CHECK(
    DANE_HOST_UNSIGNED, "dane-host-unsigned", INFO, INFO,
    "The addresses of an MX host are not signed with DNSSEC",
    "There can be no DANE for this host: senders look for TLSA records only where the zone of the host is "
    "signed.",
    "Sign the zone of the MX host, or ask whoever runs it to.", "RFC 7672 section 2.2.2")
WW_CHECK(
    DANE_HOST_BOGUS, "dane-host-bogus", ERROR, ERROR, "The addresses of an MX host do not stand up to DNSSEC",
    "A sender that validates cannot learn the address, and delivers nothing to this host.",
    "Look for expired signatures or a wrong DS record in the zone of the MX host; sign anew, or have the "
    "DS record corrected.",
    "RFC 7672 section 2.1.2")
WW_CHECK(
    DANE_TLSA_MISSING, "dane-tlsa-missing", INFO, INFO,
    "An MX host has no TLSA records, though its zone is signed",
    "All that DANE needs but the records is there. With them senders would authenticate the host without "
    "any certificate authority.",
    "Publish a TLSA record of the form 3 1 1 for the key in use, and one for the next key.",
    "RFC 7672 section 2.2")
WW_CHECK(DANE_TLSA_UNSIGNED, "dane-tlsa-unsigned", ERROR, ERROR,
         "An MX host has TLSA records that DNSSEC does not vouch for",
         "No sender uses them: unsigned TLSA records protect nothing, whatever somebody expects of them.",
         "Sign the zone of the MX host with DNSSEC, and have its parent publish the DS record; or remove the "
         "records.",
         "RFC 7672 section 2.2")
WW_CHECK(
    DANE_TLSA_BOGUS, "dane-tlsa-bogus", ERROR, ERROR,
    "The TLSA records of an MX host do not stand up to DNSSEC",
    "A sender takes that for an attack, and delivers nothing to this host. MTA-STS does not make up for it.",
    "Look for signatures of the TLSA records that are missing or have expired, and sign the zone anew.",
    "RFC 7672 section 2.1.2")
WW_CHECK(DANE_DENIAL_BOGUS, "dane-denial-bogus", ERROR, ERROR,
         "The proof that an MX host has no TLSA records does not stand up to DNSSEC",
         "A sender takes that for records that somebody withholds, and delivers nothing to this host. Some "
         "name servers do that to every name that does not exist.",
         "Repair the NSEC or NSEC3 records of the zone: sign it anew, or bring the name server up to date.",
         "RFC 7672 section 2.1.2")
WW_CHECK(
    DANE_TLSA_FAILED, "dane-tlsa-failed", ERROR, ERROR,
    "Name servers fail on the TLSA question of an MX host",
    "The host's addresses are signed, so that a sender has to know whether there are TLSA records. Where "
    "the look-up fails, it delivers nothing to this host.",
    "Have the name servers of the zone answer questions for types that they do not know; a firewall that "
    "drops TLSA questions has the same effect.",
    "RFC 7672 section 2.1.2")
WW_CHECK(
    DANE_NO_MATCH, "dane-no-match", ERROR, ERROR,
    "No TLSA record of an MX host matches the certificate that it serves",
    "Senders that do DANE deliver nothing to this address.",
    "Publish a TLSA record of the key in use at once. Next time publish the record of the new key first, "
    "wait for twice the TTL, and change the certificate then.",
    "RFC 7672 section 2.2")
WW_CHECK(
    DANE_FAILS_STS_HOLDS, "dane-fails-sts-holds", ERROR, ERROR,
    "DANE fails at an MX host where MTA-STS would pass",
    "Half of the senders deliver and half do not, which is hard to see from within: DANE goes first, and "
    "a valid certificate under the MTA-STS policy does not make up for TLSA records that do not match.",
    "Publish a TLSA record of the key in use at once, or remove the records until that is in place.",
    "RFC 8461 section 2")
WW_CHECK(DANE_DIGESTS, "dane-digests", WARNING, WARNING,
         "TLSA records of one kind do not have the same digests for each key",
         "Senders use the strongest digest they find of a usage and a selector, and pass over the others: a "
         "key that only has a weaker one counts as not published.",
         "Publish each key with the same matching types; SHA-256 alone is enough.", "RFC 7671 section 9")
WW_CHECK(DANE_USAGE, "dane-usage", WARNING, WARNING, "A TLSA record has certificate usage 0 or 1",
         "These usages mean nothing on port 25: senders ignore the record.",
         "Publish it as usage 3 (the host's own key) or 2 (its authority's), or remove it.",
         "RFC 7672 section 3.1.3")
WW_CHECK(DANE_RECORD, "dane-record", WARNING, WARNING, "A TLSA record cannot be used",
         "Senders ignore a record with a field that they do not know or with data of the wrong length.",
         "Make the record anew from the certificate, for instance with `ldns-dane create`.",
         "RFC 6698 section 4.1")
WW_CHECK(
    DANE_NONE_USABLE, "dane-none-usable", ERROR, ERROR, "None of an MX host's TLSA records can be used",
    "Senders encrypt, and authenticate nobody: the host is as open to whoever stands between as it would "
    "be without the records.",
    "Publish a TLSA record of the form 3 1 1 for the key in use.", "RFC 7672 section 2.2")
WW_CHECK(
    DANE_NO_ROLLOVER, "dane-no-rollover", INFO, INFO,
    "An MX host's TLSA records leave no room for its next key",
    "They stand for what is served now alone. When the certificate is replaced by one with another key, "
    "mail stops until the new record has reached every cache.",
    "Publish a second 3 1 1 record for the next key before it is used; or one of usage 2 for the authority "
    "beside that of the key.",
    "RFC 7671 section 8.1")
WW_CHECK(DANE_STALE_PIN, "dane-stale-pin", WARNING, WARNING,
         "A TLSA record names an authority that is not in the chain served",
         "The record of the host's own key is all that holds. The authority was to stand in when that key "
         "changes, and it will not: certificates come from another one now.",
         "Replace the record by one for the authority that issues now, and have the server send its "
         "certificate; public authorities change their intermediates without notice.",
         "RFC 7671 section 5.2.2")
WW_CHECK(DANE_INCONSISTENT, "dane-inconsistent", WARNING, WARNING,
         "Some MX hosts have TLSA records, and others have none",
         "Whoever blocks the way to the hosts with DANE has mail delivered to those without it.",
         "Publish TLSA records for every MX host, the backup ones too.", "RFC 7672 section 2.2.1")
