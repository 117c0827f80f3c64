/*
 * The TLSRPT record and where its reports go. Included by check_table.h.
 *
 * What follows from another finding is not found again: a wildcard in place of the record is that of
 * record-wildcard, a domain whose DNS fails is that of record-lookup-failed.
 */

WW_CHECK(TLSRPT_LOOKUP_FAILED, "tlsrpt-lookup-failed", WARNING, INFO, "The TLSRPT record cannot be looked up",
         "Senders know no place to send reports to, and you do not learn of failures.",
         "See that every name server of the zone is up, reachable, and answers TXT questions for the name.",
         "RFC 8460 section 3")
WW_CHECK_RULE(
    TLSRPT_NONE, WARNING, WARNING,
    "Without reports you do not learn that senders cannot deliver, or deliver without protection.",
    "Publish a TXT record such as \"v=TLSRPTv1; rua=mailto:tls-reports@example.com\" at _smtp._tls.")
WW_CHECK(TLSRPT_WRONG_LABEL, "tlsrpt-wrong-label", ERROR, ERROR,
         "The TLSRPT record stands at a misspelt name",
         "Senders look for it at _smtp._tls below the domain only: no report will come.",
         "Move the TXT record to _smtp._tls: two labels, each with an underscore.", "RFC 8460 section 3")
WW_CHECK(TLSRPT_STRAY, "tlsrpt-stray", INFO, INFO, "A second TLSRPT record stands at another name",
         "Nobody looks at it, and whoever changes the destination there changes nothing.", "Remove it.",
         "RFC 8460 section 3")
WW_CHECK_RULE(TLSRPT_UNRELATED, WARNING, WARNING,
              "A sender has to pass it over, and not every sender does so.",
              "Remove it: an SPF or other record belongs to the domain itself.")
WW_CHECK(TLSRPT_TOO_MANY, "tlsrpt-too-many", ERROR, ERROR,
         "There are more TXT records at the name of the TLSRPT record than senders look at",
         "No sender has to read them all.", "Leave one TXT record there.", "RFC 8460 section 3")

WW_CHECK_RULE(TLSRPT_MULTIPLE, ERROR, ERROR,
              "With more than one record a sender has to assume that there is none.",
              "Leave one record; a list of URIs in it may have several destinations.")
WW_CHECK_RULE(TLSRPT_VERSION, ERROR, ERROR,
              "Senders do not take it for a TLSRPT record: no report will come.",
              "Begin the record with v=TLSRPTv1; exactly so, in these letters.")
WW_CHECK_RULE(TLSRPT_DROPPED, WARNING, WARNING,
              "It looks as if it were meant, but counts for nothing beside another TXT record.",
              "Remove it, or write it right and remove the other one.")
WW_CHECK_RULE(TLSRPT_DELIMITER_SPACE, WARNING, INFO,
              "It works only as long as no other TXT record stands at the name.",
              "Write v=TLSRPTv1; without white space before the semicolon.")
WW_CHECK_RULE(TLSRPT_RUA_MISSING, ERROR, ERROR,
              "A record without a destination is no record: no report will come.",
              "Add rua= with a mailto: or https: URI.")
WW_CHECK_RULE(TLSRPT_RUA_EMPTY, ERROR, ERROR, "Senders may refuse the whole record: no report will come.",
              "Write one comma between two URIs, and none at the end.")
WW_CHECK_RULE(TLSRPT_RUA_ENCODE, ERROR, ERROR, "Senders may refuse the whole record: no report will come.",
              "Write an exclamation point in a URI as %21, and a comma as %2C.")
WW_CHECK_RULE(URI_SCHEME, ERROR, ERROR,
              "A destination without mailto: or https: before it is no URI: no report will come.",
              "Write mailto: before a mail address; a comma inside a URI is written %2C.")
WW_CHECK_RULE(URI_CHARACTER, ERROR, ERROR,
              "A destination that is no URI breaks the record: no report will come.",
              "Percent-encode the character, or correct the URI.")
WW_CHECK_RULE(URI_PERCENT, ERROR, ERROR,
              "A destination that is no URI breaks the record: no report will come.",
              "Write a percent sign of the destination itself as %25.")
WW_CHECK_RULE(URI_HOST, ERROR, ERROR, "A destination that is no URI breaks the record: no report will come.",
              "Correct the address in the brackets, or use a host name.")
WW_CHECK_RULE(URI_PORT, ERROR, ERROR, "A destination that is no URI breaks the record: no report will come.",
              "Correct the port, or leave it out.")
WW_CHECK_RULE(TLSRPT_DELIMITER, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Put a semicolon between the fields.")
WW_CHECK_RULE(TLSRPT_SPACE_END, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Remove the white space at the end, or put a semicolon before it.")
WW_CHECK_RULE(TLSRPT_OCTET, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Write the record anew in plain ASCII, not by copy and paste from a formatted page.")
WW_CHECK_RULE(TLSRPT_FIELD_EMPTY, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Leave one semicolon between two fields.")
WW_CHECK_RULE(TLSRPT_FIELD_NAME, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Rename or remove the field; v and rua are all that is needed.")
WW_CHECK_RULE(TLSRPT_FIELD_EQUALS, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Write the field as name=value, or remove it.")
WW_CHECK_RULE(TLSRPT_FIELD_VALUE, ERROR, ERROR, "The record breaks the grammar: no report will come.",
              "Give the field a value without white space or equals signs, or remove it.")
WW_CHECK_RULE(TLSRPT_DUPLICATE, WARNING, INFO, "Whoever edits the second one changes nothing.",
              "Leave one field of each name; several destinations stand in one rua, with commas between.")
WW_CHECK_RULE(TLSRPT_CASE, WARNING, WARNING, "It is taken for an extension that nobody knows.",
              "Write field names in lower case.")
WW_CHECK_RULE(TLSRPT_EXTENSION, INFO, INFO,
              "Extensions are allowed, but none is defined: it is perhaps misspelt.",
              "Remove the field unless it is meant.")
WW_CHECK_RULE(TLSRPT_RUA_SEVERAL, INFO, INFO, "A sender may take all of them or one.",
              "Nothing, if each destination may miss some reports.")
WW_CHECK(TLSRPT_RUA_TWICE, "tlsrpt-rua-twice", INFO, INFO, "A destination of TLS reports is listed twice",
         "Senders may send each report to it twice.", "List it once.", "RFC 8460 section 3")
WW_CHECK_RULE(TLSRPT_RUA_SCHEME, WARNING, WARNING, "Senders know no way to deliver a report there.",
              "Use a mailto: or an https: URI.")
WW_CHECK_RULE(TLSRPT_RUA_TARGET, WARNING, WARNING, "Senders know no way to deliver a report there.",
              "Write mailto:user@domain, or https://host/path.")

WW_CHECK(TLSRPT_RUA_NO_MAIL, "tlsrpt-rua-no-mail", WARNING, WARNING,
         "The domain that TLS reports are mailed to takes no mail", "Reports are sent, bounce, and are lost.",
         "Name an address at a domain that has MX hosts, or mend the MX records of this one.",
         "RFC 8460 section 3")
WW_CHECK(TLSRPT_RUA_MAIL_SILENT, "tlsrpt-rua-mail-silent", WARNING, WARNING,
         "No mail host answers for the domain that TLS reports are mailed to",
         "Reports wait at their senders, and are lost after some days.",
         "See that the MX hosts of that domain are up and can be reached on port 25.", "RFC 8460 section 3")
WW_CHECK(TLSRPT_RUA_WEB_SILENT, "tlsrpt-rua-web-silent", WARNING, WARNING,
         "The HTTPS server that TLS reports are posted to does not answer",
         "Reports cannot be delivered there, and few senders try again for long.",
         "See that the host has an address, and answers on port 443 with TLS.", "RFC 8460 section 3")
WW_CHECK(TLSRPT_RUA_WEB_CERTIFICATE, "tlsrpt-rua-web-certificate", INFO, INFO,
         "The HTTPS server that TLS reports are posted to has a certificate that is not valid",
         "Senders may post all the same, but need not.",
         "Renew the certificate, from an authority that is trusted and for the name in the URI.",
         "RFC 8460 section 3")
WW_CHECK(
    TLSRPT_RUA_WEB_STATUS, "tlsrpt-rua-web-status", INFO, INFO,
    "The address that TLS reports are posted to answers that it is missing, or that the server fails",
    "Some services say so to everything but a POST; if this one says it to a POST as well, reports are lost.",
    "Post a report by hand, and correct the path of the URI if it is refused.", "RFC 8460 section 5.4")
WW_CHECK(TLSRPT_RUA_OWN_POLICY, "tlsrpt-rua-own-policy", WARNING, INFO,
         "TLS reports are mailed to the domain that they are about",
         "When its policy or its MX hosts are broken, the reports that say so may be kept back by just that.",
         "Add an https: URI, or an address at a domain with other MX hosts.", "RFC 8460 section 3")
WW_CHECK(TLSRPT_RUA_STS, "tlsrpt-rua-sts", INFO, INFO,
         "The domain that TLS reports are mailed to enforces MTA-STS itself",
         "Reports are as sure as the policy of that domain: where it is broken, senders may keep them back.",
         "Nothing, if that domain is watched as well; else add a second destination.", "RFC 8460 section 3")
