/*
 * DNS: the record at _mta-sts, the zones and name servers behind it. Included by check_table.h.
 *
 * A missing policy is one finding: record-without-policy where the name of the policy host does not exist
 * (ww_names_has_no_host), else what the policy host's own checks find. A missing record is one as well: what
 * stands in its place or at another name, the policy without it, or that there is nothing.
 */

WW_CHECK(RECORD_NO_DOMAIN, "record-no-domain", ERROR, ERROR, "The domain does not exist in DNS",
         "Nobody can send mail to a domain that does not exist.",
         "Check how the name is spelt; if it is right, register the domain or renew its delegation.",
         "RFC 1034 section 4.3.1")
WW_CHECK(RECORD_LOOKUP_FAILED, "record-lookup-failed", WARNING, WARNING,
         "The MTA-STS record cannot be looked up",
         "Senders that have no policy in their cache take a failed look-up for no policy, and deliver "
         "without protection.",
         "See that every name server of the zone is up, reachable, and answers TXT questions for the name.",
         "RFC 8461 section 3.1")
WW_CHECK(RECORD_DNSSEC_BOGUS, "record-dnssec-bogus", ERROR, ERROR, "DNSSEC of a zone is broken",
         "Validating resolvers give no answer at all for names in this zone: neither records nor mail hosts.",
         "Compare the DS records at the parent with the zone's keys, and see that the signatures have not "
         "expired.",
         "RFC 4035 section 5.5")
WW_CHECK(RECORD_DNSSEC_ABSENT, "record-dnssec-absent", INFO, INFO, "A zone is not signed with DNSSEC",
         "Without DNSSEC the first look-up of a sender can be forged, and DANE is not to be had.",
         "Sign the zone and publish its DS record at the parent. MTA-STS works without it.",
         "RFC 8461 section 10.1")

WW_CHECK_RULE(STS_NONE, INFO, INFO, "Without a record no sender looks for a policy: TLS is not demanded.",
              "If MTA-STS is wanted, publish the policy first, and then a TXT record such as "
              "\"v=STSv1; id=20261129;\" at _mta-sts.")
WW_CHECK(RECORD_NO_TXT, "record-no-txt", INFO, INFO,
         "The name of the MTA-STS record exists, but holds no TXT record",
         "Something stands at the name or below it, but no sender finds a record: TLS is not demanded.",
         "If MTA-STS is wanted, publish a TXT record at this name, after the policy.", "RFC 8461 section 3.1")
WW_CHECK(RECORD_ALIAS_DANGLING, "record-alias-dangling", ERROR, ERROR,
         "The MTA-STS record is an alias of a name that does not exist",
         "Senders find no record; and whoever gets hold of that name can publish one in its place.",
         "Remove the CNAME record, or have the name that it leads to published.", "RFC 8461 section 3.1")
WW_CHECK(POLICY_WITHOUT_RECORD, "policy-without-record", WARNING, WARNING,
         "A policy is published, but no MTA-STS record says so",
         "Senders look at the policy only where there is a record: the policy counts for nothing.",
         "Publish a TXT record such as \"v=STSv1; id=20261129;\" at _mta-sts, or remove the policy.",
         "RFC 8461 section 3.1")
WW_CHECK(
    RECORD_WITHOUT_POLICY, "record-without-policy", ERROR, ERROR,
    "There is an MTA-STS record, but the policy host does not exist",
    "Senders find no policy; those that have one cached go on with it until it expires.",
    "Publish the policy at https://mta-sts.<domain>/.well-known/mta-sts.txt; to give MTA-STS up, serve a "
    "policy of mode none until the old one has expired everywhere, and remove the record then.",
    "RFC 8461 section 3.3")
WW_CHECK(RECORD_AT_APEX, "record-at-apex", ERROR, ERROR, "The MTA-STS record stands at the domain itself",
         "Senders look for it at _mta-sts below the domain only: it counts for nothing.",
         "Move the TXT record to _mta-sts.", "RFC 8461 section 3.1")
WW_CHECK(RECORD_WRONG_LABEL, "record-wrong-label", ERROR, ERROR,
         "The MTA-STS record stands at a misspelt name",
         "Senders look for it at _mta-sts below the domain only: it counts for nothing.",
         "Move the TXT record to _mta-sts, with an underscore before and a hyphen inside.",
         "RFC 8461 section 3.1")
WW_CHECK(RECORD_STRAY, "record-stray", INFO, INFO, "A second MTA-STS record stands at another name",
         "Nobody looks at it, and whoever changes the id there changes nothing.", "Remove it.",
         "RFC 8461 section 3.1")
WW_CHECK(
    RECORD_WILDCARD, "record-wildcard", WARNING, WARNING, "A wildcard answers at the name of the record",
    "What comes for the MTA-STS record comes for every name of the domain: it is hardly meant, and "
    "stands for one at the names of all other records, too.",
    "Publish a TXT record of its own at _mta-sts, which a wildcard leaves alone, or remove the wildcard.",
    "RFC 8461 section 3.1")
WW_CHECK_RULE(STS_UNRELATED, WARNING, WARNING, "A sender has to pass it over, and not every sender does so.",
              "Remove it: an SPF or other record belongs to the domain itself.")
WW_CHECK(RECORD_TOO_MANY, "record-too-many", ERROR, ERROR,
         "There are more TXT records at the name than senders look at", "No sender has to read them all.",
         "Leave one TXT record there.", "RFC 8461 section 3.1")

WW_CHECK_RULE(STS_MULTIPLE, ERROR, ERROR,
              "With more than one record a sender has to assume that there is none.",
              "Leave one record, with a new id.")
WW_CHECK_RULE(STS_VERSION, ERROR, ERROR, "Senders do not take it for an MTA-STS record.",
              "Begin the record with v=STSv1; exactly so, in these letters.")
WW_CHECK_RULE(STS_DROPPED, WARNING, WARNING,
              "It looks as if it were meant, but counts for nothing beside another TXT record.",
              "Remove it, or write it right and remove the other one.")
WW_CHECK_RULE(STS_DELIMITER_SPACE, WARNING, INFO,
              "It works only as long as no other TXT record stands at the name.",
              "Write v=STSv1; without white space before the semicolon.")
WW_CHECK_RULE(STS_ID_MISSING, ERROR, ERROR, "A record without an id is no record: senders find no policy.",
              "Add an id of 1 to 32 letters and digits, such as id=20261129;")
WW_CHECK_RULE(STS_ID, ERROR, ERROR, "A record with such an id is no record: senders find no policy.",
              "Give it an id of 1 to 32 letters and digits, without hyphens, dots or quotes.")
WW_CHECK_RULE(STS_DELIMITER, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Put a semicolon between the fields.")
WW_CHECK_RULE(STS_SPACE_END, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Remove the white space at the end, or put a semicolon before it.")
WW_CHECK_RULE(STS_OCTET, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Write the record anew in plain ASCII, not by copy and paste from a formatted page.")
WW_CHECK_RULE(STS_FIELD_EMPTY, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Leave one semicolon between two fields.")
WW_CHECK_RULE(STS_FIELD_NAME, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Rename or remove the field; v and id are all that is needed.")
WW_CHECK_RULE(STS_FIELD_EQUALS, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Write the field as name=value, or remove it.")
WW_CHECK_RULE(STS_FIELD_VALUE, ERROR, ERROR, "The record breaks the grammar: senders find no policy.",
              "Give the field a value without white space or equals signs, or remove it.")
WW_CHECK_RULE(STS_DUPLICATE, WARNING, WARNING, "Whoever edits the second one changes nothing.",
              "Leave one field of each name.")
WW_CHECK_RULE(STS_CASE, WARNING, WARNING, "It is taken for an extension that nobody knows.",
              "Write field names in lower case.")
WW_CHECK_RULE(STS_EXTENSION, INFO, INFO,
              "Extensions are allowed, but none is defined: it is perhaps misspelt.",
              "Remove the field unless it is meant.")

WW_CHECK(RECORD_ALIAS_DEPTH, "record-alias-depth", WARNING, INFO, "The MTA-STS record is behind many aliases",
         "Resolvers follow only so many CNAME records, and each of them is one more that can fail.",
         "Let the CNAME record at _mta-sts lead to the record directly.", "RFC 1034 section 3.6.2")
WW_CHECK(RECORD_TTL_LONG, "record-ttl-long", WARNING, INFO,
         "The MTA-STS record may be cached for more than a day",
         "After a change of the policy senders see the old id for so long, and stick to the old policy.",
         "Lower the TTL of the record to an hour or less.", "RFC 8461 section 3.1")
WW_CHECK(RECORD_HALF_DELEGATED, "record-half-delegated", ERROR, ERROR,
         "Only one of _mta-sts and mta-sts is delegated, and the other half is missing",
         "A record without its policy, or a policy without its record, protects nobody.",
         "Delegate both names to whoever runs MTA-STS for the domain, or neither.", "RFC 8461 section 3.1")
WW_CHECK(RECORD_SPLIT_DELEGATION, "record-split-delegation", WARNING, INFO,
         "Record and policy host are in different hands: the one is delegated, the other is not",
         "A change of the policy wants a new id in the record: two parties have to act together.",
         "Delegate both _mta-sts and mta-sts, or neither.", "RFC 8461 section 3.1")
WW_CHECK(RECORD_SERVERS_DISAGREE, "record-servers-disagree", WARNING, WARNING,
         "The name servers of the zone do not agree on the MTA-STS record",
         "Which policy a sender believes to be current depends on the server that it happens to ask.",
         "See that all servers have loaded the same version of the zone; transfers may have failed.",
         "RFC 8461 section 3.1")
WW_CHECK(RECORD_SERVER_SILENT, "record-server-silent", WARNING, INFO,
         "A name server of the record's zone does not answer for it",
         "Look-ups are slow, and fail altogether when the other servers fail.",
         "Mend the server, or take it out of the zone's NS records here and at the parent.",
         "RFC 1034 section 4.2.2")
