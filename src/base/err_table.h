/* Rows of the error table: WW_ERR(name, id, message, source). Included by err.h and err.c; no guard. */

WW_ERR(NONE, "ok", "no error", "")

/* base */
WW_ERR(NO_MEMORY, "no-memory", "out of memory", "")
WW_ERR(TOO_LONG, "too-long", "longer than its limit", "")

/* core: names and addresses */
WW_ERR(DNAME_EMPTY, "dname-empty", "the name is empty", "RFC 5321 section 4.1.2")
WW_ERR(DNAME_TOO_LONG, "dname-too-long", "the name is longer than 253 octets", "RFC 1035 section 2.3.4")
WW_ERR(DNAME_LABEL_EMPTY, "dname-label-empty", "a label is empty", "RFC 5321 section 4.1.2")
WW_ERR(DNAME_LABEL_TOO_LONG, "dname-label-too-long", "a label is longer than 63 octets",
       "RFC 1035 section 2.3.4")
WW_ERR(DNAME_CHARACTER, "dname-character", "a label holds something else than letters, digits and hyphens",
       "RFC 5321 section 4.1.2")
WW_ERR(DNAME_NON_ASCII, "dname-non-ascii",
       "a label is not US-ASCII; internationalized names are written as A-labels (xn--)",
       "RFC 5890 section 2.3.2.1")
WW_ERR(DNAME_HYPHEN, "dname-hyphen", "a label begins or ends with a hyphen", "RFC 5321 section 4.1.2")
WW_ERR(DNAME_ROOT_DOT, "dname-root-dot", "the name ends in a dot", "RFC 5321 section 4.1.2")
WW_ERR(DNAME_NUMERIC, "dname-numeric", "the last label is a number, as in an IP address",
       "RFC 1123 section 2.1")
WW_ERR(URI_SCHEME, "uri-scheme", "the URI does not begin with a scheme and a colon", "RFC 3986 section 3.1")
WW_ERR(URI_CHARACTER, "uri-character", "a character is not allowed at this place of a URI",
       "RFC 3986 section 2")
WW_ERR(URI_PERCENT, "uri-percent", "a percent sign is not followed by two hexadecimal digits",
       "RFC 3986 section 2.1")
WW_ERR(URI_HOST, "uri-host", "the address in brackets is none", "RFC 3986 section 3.2.2")
WW_ERR(URI_PORT, "uri-port", "the port is no number", "RFC 3986 section 3.2.3")

WW_ERR(ADDR, "address", "not an IPv4 or IPv6 address", "RFC 4291 section 2.2")
WW_ERR(PREFIX, "prefix", "not an address, or an address and a prefix length", "RFC 4632 section 3.1")
WW_ERR(PREFIX_BITS, "prefix-bits", "bits behind the prefix length are set", "RFC 4632 section 3.1")

/* core: STS record */
WW_ERR(STS_VERSION, "sts-version", "the record does not begin with v=STSv1", "RFC 8461 section 3.1")
WW_ERR(STS_MULTIPLE, "sts-multiple", "more than one record begins with v=STSv1;", "RFC 8461 section 3.1")
WW_ERR(STS_DELIMITER, "sts-delimiter", "a semicolon is missing", "RFC 8461 section 3.1")
WW_ERR(STS_SPACE_END, "sts-space-end", "white space at the end of the record without a semicolon before it",
       "RFC 8461 section 3.1")
WW_ERR(STS_OCTET, "sts-octet", "the record holds an octet that is no printable US-ASCII character",
       "RFC 8461 section 3.1")
WW_ERR(STS_FIELD_EMPTY, "sts-field-empty", "a field is empty", "RFC 8461 section 3.1")
WW_ERR(
    STS_FIELD_NAME, "sts-field-name",
    "a field name is not a letter or digit with up to 31 more letters, digits, hyphens, dots or underscores",
    "RFC 8461 section 3.1")
WW_ERR(STS_FIELD_EQUALS, "sts-field-equals", "a field has no equals sign", "RFC 8461 section 3.1")
WW_ERR(STS_FIELD_VALUE, "sts-field-value", "a field value is empty, or holds white space or an equals sign",
       "RFC 8461 section 3.1")
WW_ERR(STS_ID, "sts-id", "the id is not 1 to 32 letters and digits", "RFC 8461 section 3.1")
WW_ERR(STS_ID_MISSING, "sts-id-missing", "the record has no id field", "RFC 8461 section 3.1")
WW_ERR(STS_NONE, "sts-none", "there is no MTA-STS record: the domain does not take part",
       "RFC 8461 section 3.1")
WW_ERR(STS_UNRELATED, "sts-unrelated", "a TXT record that is no MTA-STS record stands at this name",
       "RFC 8461 section 3.1")
WW_ERR(STS_DROPPED, "sts-dropped",
       "a record is left out because it does not begin with v=STSv1; and is not alone",
       "RFC 8461 section 3.1")
WW_ERR(STS_DELIMITER_SPACE, "sts-delimiter-space",
       "white space before the first semicolon: beside any other TXT record this one would be left out",
       "RFC 8461 section 3.1")
WW_ERR(STS_DUPLICATE, "sts-duplicate", "a field is repeated: only the first counts", "RFC 8461 section 3.2")
WW_ERR(STS_CASE, "sts-case", "a field name is not in lower case: it counts for nothing",
       "RFC 8461 section 3.1")
WW_ERR(STS_EXTENSION, "sts-extension", "a field that the standard does not know is ignored",
       "RFC 8461 section 3.2")

/* core: STS policy */
WW_ERR(POLICY_TOO_LONG, "policy-too-long", "the policy is longer than 64 kilobytes", "RFC 8461 section 3.3")
WW_ERR(POLICY_EMPTY, "policy-empty", "the policy is empty", "RFC 8461 section 3.2")
WW_ERR(POLICY_BOM, "policy-bom", "the policy begins with a byte order mark", "RFC 8461 section 3.2")
WW_ERR(POLICY_BLANK_LINE, "policy-blank-line", "the grammar knows no blank line", "RFC 8461 section 3.2")
WW_ERR(POLICY_LINE_END, "policy-line-end", "a carriage return without a line feed ends no line",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_SPACE, "policy-space", "white space before a field or before its colon", "RFC 8461 section 3.2")
WW_ERR(POLICY_KEY, "policy-key",
       "a key is not a letter or digit with up to 31 more letters, digits, hyphens, dots or underscores",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_COLON, "policy-colon", "a line has no colon", "RFC 8461 section 3.2")
WW_ERR(POLICY_VALUE_EMPTY, "policy-value-empty", "a value is empty", "RFC 8461 section 3.2")
WW_ERR(POLICY_OCTET, "policy-octet", "a value holds a control character", "RFC 8461 section 3.2")
WW_ERR(POLICY_UTF8, "policy-utf8", "a value is not well-formed UTF-8", "RFC 3629 section 4")
WW_ERR(POLICY_VERSION, "policy-version", "the version is not STSv1", "RFC 8461 section 3.2")
WW_ERR(POLICY_VERSION_MISSING, "policy-version-missing", "the policy has no version field",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_MODE, "policy-mode", "the mode is not enforce, testing or none", "RFC 8461 section 3.2")
WW_ERR(POLICY_MODE_MISSING, "policy-mode-missing", "the policy has no mode field", "RFC 8461 section 3.2")
WW_ERR(POLICY_MAX_AGE, "policy-max-age", "max_age is not a number of 1 to 10 digits", "RFC 8461 section 3.2")
WW_ERR(POLICY_MAX_AGE_RANGE, "policy-max-age-range", "max_age is above 31557600 seconds",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_MAX_AGE_MISSING, "policy-max-age-missing", "the policy has no max_age field",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_MX_MISSING, "policy-mx-missing", "the policy has no mx field, though its mode is not none",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_HTML, "policy-html", "this looks like an HTML page, not like a policy", "RFC 8461 section 3.2")
WW_ERR(POLICY_MODE_REPORT, "policy-mode-report",
       "the mode report of the drafts is called testing in the standard", "RFC 8461 section 3.2")
WW_ERR(POLICY_TLSRPT, "policy-tlsrpt",
       "reports are asked for by a TXT record at _smtp._tls, not in the policy", "RFC 8460 section 3")
WW_ERR(POLICY_JSON, "policy-json", "the JSON of the first drafts is no policy of the standard",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_DUPLICATE, "policy-duplicate", "a field is repeated: only the first counts",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_CASE, "policy-case", "a key is not in lower case: it counts for nothing",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_EXTENSION, "policy-extension", "a field that the standard does not know is ignored",
       "RFC 8461 section 3.2")
WW_ERR(POLICY_BARE_LF, "policy-bare-lf",
       "lines end in a line feed without a carriage return, which is allowed", "RFC 8461 section 3.2")
WW_ERR(POLICY_MIXED_ENDS, "policy-mixed-ends",
       "some lines end in CRLF and some in LF, which is allowed, but seldom meant", "RFC 8461 section 3.2")
WW_ERR(POLICY_NON_ASCII, "policy-non-ascii",
       "a value is not US-ASCII, which is allowed only in fields that are ignored", "RFC 8461 section 3.2")
WW_ERR(POLICY_LARGE, "policy-large",
       "the policy is longer than 4 kilobytes: some senders may not read all of it", "RFC 8461 section 3.3")
WW_ERR(POLICY_TESTING, "policy-testing",
       "mode testing: failures are reported, and mail is delivered all the same", "RFC 8461 section 5")
WW_ERR(POLICY_NONE, "policy-none", "mode none: the domain has opted out, and nothing is protected",
       "RFC 8461 section 5")
WW_ERR(POLICY_MAX_AGE_SHORT, "policy-max-age-short",
       "max_age is below one day: an attacker has to block the policy only for so long",
       "RFC 8461 section 10.2")
WW_ERR(POLICY_MAX_AGE_WEEKS, "policy-max-age-weeks", "max_age is below 14 days: weeks or more are expected",
       "RFC 8461 section 3.2")

/* core: MX patterns */
WW_ERR(MX_EMPTY, "mx-empty", "the pattern is empty", "RFC 8461 section 3.2")
WW_ERR(MX_WILDCARD, "mx-wildcard", "an asterisk may only stand for the whole left-most label, before a dot",
       "RFC 8461 section 3.2")
WW_ERR(MX_LEADING_DOT, "mx-leading-dot", "the leading dot of the drafts is written *. in the standard",
       "RFC 8461 section 3.2")
WW_ERR(MX_LIST, "mx-list", "each pattern needs an mx line of its own", "RFC 8461 section 3.2")
WW_ERR(MX_ADDRESS, "mx-address", "an IP address is no name of an MX host", "RFC 8461 section 3.2")
WW_ERR(MX_SINGLE_LABEL, "mx-single-label",
       "the pattern is a single label, which is hardly the name of a public host", "RFC 5321 section 2.3.5")
WW_ERR(MX_BROAD, "mx-broad", "the pattern covers every host directly below a top-level domain",
       "RFC 8461 section 10.4")
WW_ERR(MX_SHARED, "mx-shared", "the pattern covers hosts that other customers of the same provider have",
       "RFC 8461 section 10.4")
WW_ERR(MX_HOST, "mx-host", "the host is no name of letters, digits, hyphens and dots",
       "RFC 5321 section 2.3.5")
WW_ERR(MX_ONE_LABEL, "mx-one-label", "the asterisk stands for exactly one label", "RFC 8461 section 4.1")
WW_ERR(SAN_WILDCARD, "san-wildcard",
       "an asterisk counts only as the whole left-most label above at least two others",
       "RFC 6125 section 6.4.3")

/* core: TLSRPT record */
WW_ERR(TLSRPT_VERSION, "tlsrpt-version", "the record does not begin with v=TLSRPTv1", "RFC 8460 section 3")
WW_ERR(TLSRPT_MULTIPLE, "tlsrpt-multiple", "more than one record begins with v=TLSRPTv1;",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_DELIMITER, "tlsrpt-delimiter", "a semicolon is missing", "RFC 8460 section 3")
WW_ERR(TLSRPT_SPACE_END, "tlsrpt-space-end",
       "white space at the end of the record without a semicolon before it", "RFC 8460 section 3")
WW_ERR(TLSRPT_OCTET, "tlsrpt-octet", "the record holds an octet that is no printable US-ASCII character",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_FIELD_EMPTY, "tlsrpt-field-empty", "a field is empty", "RFC 8460 section 3")
WW_ERR(
    TLSRPT_FIELD_NAME, "tlsrpt-field-name",
    "a field name is not a letter or digit with up to 31 more letters, digits, hyphens, dots or underscores",
    "RFC 8460 section 3")
WW_ERR(TLSRPT_FIELD_EQUALS, "tlsrpt-field-equals", "a field has no equals sign", "RFC 8460 section 3")
WW_ERR(TLSRPT_FIELD_VALUE, "tlsrpt-field-value",
       "a field value is empty, or holds white space or an equals sign", "RFC 8460 section 3")
WW_ERR(TLSRPT_RUA_MISSING, "tlsrpt-rua-missing", "the record has no rua field", "RFC 8460 section 3")
WW_ERR(TLSRPT_RUA_EMPTY, "tlsrpt-rua-empty", "a URI of the rua list is empty", "RFC 8460 section 3")
WW_ERR(TLSRPT_RUA_ENCODE, "tlsrpt-rua-encode", "an exclamation point in a URI must be percent-encoded",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_NONE, "tlsrpt-none", "there is no TLSRPT record: the domain wants no reports",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_UNRELATED, "tlsrpt-unrelated", "a TXT record that is no TLSRPT record stands at this name",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_DROPPED, "tlsrpt-dropped",
       "a record is left out because it does not begin with v=TLSRPTv1; and is not alone",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_DELIMITER_SPACE, "tlsrpt-delimiter-space",
       "white space before the first semicolon: beside any other TXT record this one would be left out",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_DUPLICATE, "tlsrpt-duplicate", "a field is repeated: only the first counts",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_CASE, "tlsrpt-case", "a field name is not in lower case: it counts for nothing",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_EXTENSION, "tlsrpt-extension", "a field that the standard does not know is ignored",
       "RFC 8460 section 3")
WW_ERR(TLSRPT_RUA_SEVERAL, "tlsrpt-rua-several",
       "there are several URIs: a sender may use all of them or one", "RFC 8460 section 3")
WW_ERR(TLSRPT_RUA_SCHEME, "tlsrpt-rua-scheme",
       "no report can be sent there: the schemes are mailto and https", "RFC 8460 section 3")
WW_ERR(TLSRPT_RUA_TARGET, "tlsrpt-rua-target",
       "no report can be sent there: the URI has no mail address or no host", "RFC 8460 section 3")

/* core: DNS answers and presentation format */
WW_ERR(TXT_EMPTY, "txt-empty", "the line holds no character-string", "RFC 1035 section 5.1")
WW_ERR(TXT_QUOTE_OPEN, "txt-quote-open", "a quoted string does not end", "RFC 1035 section 5.1")
WW_ERR(TXT_SEPARATOR, "txt-separator", "character-strings are not separated by white space",
       "RFC 1035 section 5.1")
WW_ERR(TXT_ESCAPE, "txt-escape", "a backslash is not followed by a character, or by three digits up to 255",
       "RFC 1035 section 5.1")
WW_ERR(TXT_UNQUOTED, "txt-unquoted",
       "a semicolon or parenthesis outside quotes is no text: put the record in quotes",
       "RFC 1035 section 5.1")
WW_ERR(TXT_STRING_TOO_LONG, "txt-string-too-long", "a character-string is longer than 255 octets",
       "RFC 1035 section 3.3")
WW_ERR(TXT_TOO_MANY, "txt-too-many", "more records than are looked at", "")
WW_ERR(TXT_COMMENT, "txt-comment", "a comment line is left out", "RFC 1035 section 5.1")
WW_ERR(TXT_CNAME, "txt-cname", "the target of a CNAME, as dig prints it, is left out", "RFC 8461 section 3.1")

WW_ERR(DNS_MALFORMED, "dns-malformed", "the DNS answer is malformed", "RFC 1035 section 4")
WW_ERR(DNS_CUT, "dns-cut", "the DNS answer was cut short", "RFC 1035 section 4.1.1")
WW_ERR(DNS_MISMATCH, "dns-mismatch", "the DNS answer is to another question", "RFC 5452 section 9.1")
WW_ERR(DNS_ALIASES, "dns-aliases", "the aliases in the DNS answer are too many or go round in a circle",
       "RFC 1034 section 3.6.2")

/* core: TLSA */
WW_ERR(TLSA_SHORT, "tlsa-short", "the TLSA record is shorter than its three fields", "RFC 6698 section 2.1")
WW_ERR(TLSA_PKIX, "tlsa-pkix-usage", "certificate usages 0 and 1 mean nothing on port 25",
       "RFC 7672 section 3.1.3")
WW_ERR(TLSA_USAGE, "tlsa-usage", "the certificate usage is unknown", "RFC 6698 section 4.1")
WW_ERR(TLSA_SELECTOR, "tlsa-selector", "the selector is unknown", "RFC 6698 section 4.1")
WW_ERR(TLSA_MATCHING, "tlsa-matching-type", "the matching type is unknown", "RFC 6698 section 4.1")
WW_ERR(TLSA_DATA, "tlsa-data",
       "the association data is no digest of its matching type, or no certificate or key",
       "RFC 6698 section 4.1")

/* core: trust anchors */
WW_ERR(DNSKEY_MALFORMED, "dnskey-malformed", "a DNSKEY record or its signature is malformed",
       "RFC 4034 section 2.1")
WW_ERR(DNSKEY_TOO_MANY, "dnskey-too-many", "the root has more keys or signatures than are looked at", "")
WW_ERR(ANCHOR_SYNTAX, "anchor-syntax", "a line is no DS or DNSKEY record", "RFC 4034 section 5.3")
WW_ERR(ANCHOR_TOO_MANY, "anchor-too-many", "there are more trust anchors than are looked at", "")
WW_ERR(ANCHOR_FILE, "anchor-file", "the file of trust anchors is not as waxwingd writes it", "")

WW_ERR(MX_NO_ADDRESS, "mx-no-address", "the MX host has no address", "RFC 7672 section 2.2.2")
WW_ERR(MX_ADDRESS_REFUSED, "mx-address-refused",
       "the MX host has only addresses that are not to be connected to", "RFC 6890")

/* core: socketmap */
WW_ERR(SOCKETMAP_REQUEST, "socketmap-request", "the request is not a map name, a space and a key",
       "socketmap_table(5)")
WW_ERR(DECISION_TEXT, "decision-text", "what was answered is no decision", "")
WW_ERR(DECISION_VERSION, "decision-version", "the decision is written in a version that is not known", "")

/* core: overrides */
WW_ERR(OVERRIDE_LEVEL, "override-level", "the level is not off, may, encrypt, secure or enforce-testing", "")
WW_ERR(OVERRIDE_MX, "override-mx", "MX patterns go with the level secure alone", "")
WW_ERR(OVERRIDE_MX_LONG, "override-mx-long", "the MX patterns take more than 2047 octets together", "")
WW_ERR(OVERRIDE_UNTIL, "override-until", "the end is no time such as 2026-12-31T00:00:00Z",
       "RFC 3339 section 5.6")
WW_ERR(OVERRIDE_TEXT, "override-text", "a text holds control characters, or is no UTF-8", "")
WW_ERR(OVERRIDE_TEXT_LONG, "override-text-long", "a text is longer than 200 octets", "")

/* core: TLS results */
WW_ERR(RESULT_KIND, "result-kind", "the line does not begin with waxwing-result or waxwing-exim", "")
WW_ERR(RESULT_VERSION, "result-version", "the version of the line is not 1", "")
WW_ERR(RESULT_PAIR, "result-pair", "a word is not key=value", "")
WW_ERR(RESULT_QUOTE, "result-quote", "the quotes of a value, or what a backslash stands for, are wrong", "")
WW_ERR(RESULT_OCTET, "result-octet", "a value holds a character that does not belong there", "")
WW_ERR(RESULT_TWICE, "result-twice", "a key is given twice", "")
WW_ERR(RESULT_VALUE, "result-value", "a value is not one that its key may have", "")
WW_ERR(RESULT_MISSING, "result-missing", "the domain, the result or the event is missing", "")
/* core: preload list */
WW_ERR(PRELOAD_IMAGE, "preload-image", "a compiled preload list is damaged", "")
WW_ERR(PRELOAD_IMAGE_VERSION, "preload-image-version",
       "a compiled preload list is of another version of Waxwing", "")

/* codec */
WW_ERR(IDN, "idn-invalid", "the name is not a valid internationalized domain name", "RFC 5891 section 5")
WW_ERR(PRELOAD_JSON, "preload-json", "the preload list is no JSON text within the limits", "RFC 8259")
WW_ERR(PRELOAD_MEMBER, "preload-member",
       "a member of the preload list is missing, there twice, or not what the format wants", "")
WW_ERR(PRELOAD_POLICY, "preload-policy", "a domain of the preload list, or its policy, is wrong", "")

/* engine */
WW_ERR(STS_TOO_MANY, "sts-too-many", "there are more TXT records at the name than are looked at", "")
WW_ERR(DNS_RCODE, "dns-rcode", "the DNS answer carries an error code", "RFC 1035 section 4.1.1")
WW_ERR(HTTP_REDIRECT, "http-redirect", "the policy host redirects, which is not followed",
       "RFC 8461 section 3.3")
WW_ERR(HTTP_STATUS, "http-status", "the policy host does not answer with status 200", "RFC 8461 section 3.3")
WW_ERR(FETCH_WAITS, "fetch-waits",
       "the last fetch for this record id failed a short while ago; it is not tried again yet",
       "RFC 8461 section 3.3")
WW_ERR(MEDIA_TYPE, "media-type", "the policy is not served as text/plain", "RFC 8461 section 3.2")

/* engine: policies from another cache */
WW_ERR(IMPORT_DOMAIN, "import-domain",
       "the domain is not in its canonical form: lower case, A-labels, no dot at the end", "")
WW_ERR(IMPORT_TIMES, "import-times", "a time is missing, or the policy expires before it was fetched", "")
WW_ERR(IMPORT_LIFETIME, "import-lifetime", "the policy lives longer than its max_age", "RFC 8461 section 3.2")
WW_ERR(IMPORT_FUTURE, "import-future", "the policy was fetched later than now, by this machine's clock", "")
WW_ERR(IMPORT_EXPIRED, "import-expired", "the policy has expired", "")
WW_ERR(IMPORT_OLDER, "import-older", "the cache has a policy that was not fetched earlier", "")

/* engine: preload list */
WW_ERR(PRELOAD_TIMES, "preload-times", "the preload list expires before it was made", "")
WW_ERR(PRELOAD_FUTURE, "preload-future", "the preload list was made later than now, by this machine's clock",
       "")
WW_ERR(PRELOAD_EXPIRED, "preload-expired", "the preload list has expired", "")
WW_ERR(PRELOAD_OLDER, "preload-older", "the preload list is older than the one that was accepted before", "")
/* client */
WW_ERR(ARGUMENT, "argument", "an argument is missing, or is none that can be", "")
WW_ERR(CLIENT_ADDRESS, "client-address",
       "the address of waxwingd is not as unix:/path or inet:127.0.0.1:8461", "")
WW_ERR(CLIENT_CONNECT, "client-connect", "waxwingd cannot be connected to", "")
WW_ERR(CLIENT_CLOSED, "client-closed", "waxwingd broke the connection off", "")
WW_ERR(CLIENT_TIMEOUT, "client-timeout", "waxwingd did not answer in time", "")
WW_ERR(CLIENT_PROTOCOL, "client-protocol", "what answered does not speak as waxwingd does", "")
WW_ERR(CLIENT_TROUBLE, "client-trouble", "waxwingd says that it cannot answer now", "")
WW_ERR(CLIENT_REFUSED, "client-refused", "waxwingd does not know such a question: it is of another version",
       "")

/* net: DNS */
WW_ERR(DNS_TIMEOUT, "dns-timeout", "no DNS answer came in time", "")
WW_ERR(DNS_SERVFAIL, "dns-servfail", "DNS servers failed, or could not be reached", "RFC 1035 section 4.1.1")
WW_ERR(DNS_BOGUS, "dns-bogus", "the DNS answer does not stand up to DNSSEC", "RFC 4035 section 5.5")
WW_ERR(DNS_REFUSED, "dns-refused", "the DNS server refuses to answer", "RFC 1035 section 4.1.1")
WW_ERR(DNS_NAME, "dns-name", "the name cannot be asked for in DNS", "RFC 1035 section 2.3.4")
WW_ERR(DNS_UNREACHABLE, "dns-unreachable", "the name server cannot be reached", "")
WW_ERR(DNS_NO_WAY, "dns-no-way", "this machine has no way to the name server", "")
WW_ERR(DNS_BUSY, "dns-busy", "too many DNS questions wait for an answer", "")
WW_ERR(DNS_NOT_VALIDATING, "dns-not-validating",
       "no answer can be validated by DNSSEC on this machine now, so that nothing is known of DANE",
       "RFC 7672 section 2.1.1")

/* net: HTTPS */
WW_ERR(HTTPS_ADDRESS, "https-address", "no address to connect to was given", "")
WW_ERR(HTTPS_CONNECT, "https-connect", "cannot connect to the policy host", "")
WW_ERR(HTTPS_TIMEOUT, "https-timeout", "the policy host did not answer in time", "RFC 8461 section 3.3")
WW_ERR(HTTPS_RESET, "https-reset", "the policy host broke the connection off", "")
WW_ERR(HTTPS_TLS, "https-tls", "the TLS handshake with the policy host failed", "RFC 8461 section 3.3")
WW_ERR(HTTPS_TLS_VERSION, "https-tls-version", "the policy host does not speak TLS 1.2 or later",
       "RFC 8461 section 7.2")
WW_ERR(HTTPS_CERT_EXPIRED, "https-cert-expired", "the certificate of the policy host has expired",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_CERT_EARLY, "https-cert-not-yet-valid", "the certificate of the policy host is not yet valid",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_CERT_UNTRUSTED, "https-cert-untrusted",
       "the certificate of the policy host comes from an authority that is not trusted",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_CERT_SELF_SIGNED, "https-cert-self-signed", "the policy host signed its certificate itself",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_CERT_CHAIN, "https-cert-incomplete-chain",
       "the policy host does not send the intermediate certificate of its authority",
       "RFC 8446 section 4.4.2")
WW_ERR(HTTPS_CERT_NAME, "https-cert-name", "the certificate of the policy host is for another name",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_CERT_NO_SAN, "https-cert-no-san",
       "the certificate of the policy host has no DNS name; its common name does not count",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_CERT, "https-cert-invalid", "the certificate of the policy host is not valid",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_TOO_LARGE, "https-too-large", "the answer of the policy host is longer than its limit",
       "RFC 8461 section 3.3")
WW_ERR(HTTPS_HEADERS, "https-headers-too-large",
       "the headers of the policy host's answer are longer than their limit", "")
WW_ERR(HTTPS_EMPTY, "https-empty", "the policy host closed the connection without an answer", "")
WW_ERR(HTTPS_CUT, "https-cut", "the answer of the policy host ended before all of it was there",
       "RFC 9112 section 8")
WW_ERR(HTTPS_CODING, "https-coding",
       "the answer of the policy host has a content coding, though none was accepted",
       "RFC 9110 section 12.5.3")
WW_ERR(HTTPS_PROTOCOL, "https-protocol", "the policy host does not speak HTTP", "RFC 9112")
WW_ERR(HTTPS_OTHER, "https-other", "the policy could not be fetched", "")

/* net: SMTP */
WW_ERR(SMTP_CONNECT, "smtp-connect", "cannot connect to the MX host", "")
WW_ERR(SMTP_TIMEOUT, "smtp-timeout", "the MX host did not answer in time", "RFC 5321 section 4.5.3.2")
WW_ERR(SMTP_CLOSED, "smtp-closed", "the MX host broke the connection off", "RFC 5321 section 3.8")
WW_ERR(SMTP_REFUSED, "smtp-refused", "the MX host does not want to talk", "RFC 5321 section 3.1")
WW_ERR(SMTP_PROTOCOL, "smtp-protocol", "the MX host does not speak SMTP", "RFC 5321 section 4.2")
WW_ERR(SMTP_STARTTLS, "smtp-starttls", "the MX host offers STARTTLS and then refuses it",
       "RFC 3207 section 4")
WW_ERR(SMTP_PLAIN, "smtp-plain-text",
       "plain text came where TLS has to begin: somebody may have put it there", "RFC 3207 section 6")
WW_ERR(SMTP_TLS, "smtp-tls", "the TLS handshake with the MX host failed", "RFC 3207 section 4.1")

/* daemon: preload list */
WW_ERR(PRELOAD_READ, "preload-read", "the preload list, its signature or the key file cannot be read", "")
WW_ERR(PRELOAD_FETCH, "preload-fetch", "the preload list or its signature cannot be fetched", "")
WW_ERR(PRELOAD_PROCESS, "preload-process",
       "the process that looks at the preload list has died or was too slow", "")
WW_ERR(ALERT_OFF, "alert-off", "no way to deliver alerts is configured", "")
WW_ERR(PRELOAD_OFF, "preload-off", "no preload list is configured", "")

/* sign: OpenPGP */
WW_ERR(OPENPGP_ENGINE, "openpgp-engine", "GnuPG (the program gpg) cannot be run", "")
WW_ERR(OPENPGP_HOME, "openpgp-home", "no temporary folder for GnuPG can be made", "")
WW_ERR(OPENPGP_KEY_FILE, "openpgp-key-file", "the key file holds no OpenPGP public key",
       "RFC 9580 section 10.1")
WW_ERR(OPENPGP_KEY_SECRET, "openpgp-key-secret",
       "the key file holds a secret key; export the public one alone", "")
WW_ERR(OPENPGP_NONE, "openpgp-no-signature", "there is no OpenPGP signature", "RFC 9580 section 10.4")
WW_ERR(OPENPGP_SEVERAL, "openpgp-several-signatures", "there is more than one OpenPGP signature", "")
WW_ERR(OPENPGP_BAD, "openpgp-bad-signature",
       "the signature does not hold: what is signed, or the signature, was changed", "")
WW_ERR(OPENPGP_OTHER_KEY, "openpgp-other-key",
       "the signature was made with a key that is not in the key file", "")
WW_ERR(OPENPGP_SIGNATURE_EXPIRED, "openpgp-signature-expired", "the signature has expired", "")
WW_ERR(OPENPGP_KEY_EXPIRED, "openpgp-key-expired", "the key that signed has expired", "")
WW_ERR(OPENPGP_KEY_REVOKED, "openpgp-key-revoked", "the key that signed is revoked", "")
WW_ERR(OPENPGP_DIGEST, "openpgp-weak-digest",
       "the signature is over a weak digest; SHA-256, SHA-384 and SHA-512 count", "RFC 9580 section 9.5")
WW_ERR(OPENPGP_FAILED, "openpgp-failed", "GnuPG could not verify the signature", "")
WW_ERR(OPENPGP_NO_SECRET, "openpgp-no-secret-key", "there is no such secret key that can sign", "")
WW_ERR(OPENPGP_SIGN, "openpgp-sign", "GnuPG could not sign", "")

/* drive */
WW_ERR(FETCH_NO_ADDRESS, "fetch-no-address", "the policy host has no address", "RFC 8461 section 3.3")
WW_ERR(FETCH_ADDRESS_REFUSED, "fetch-address-refused",
       "the policy host has only addresses that are not to be connected to", "RFC 6890")

/* daemon */
WW_ERR(RESOLVER_BUSY, "resolver-busy", "too many look-ups wait already", "")
WW_ERR(CONTROL_REQUEST, "control-request", "the request is not one that this version understands", "")
WW_ERR(CONTROL_COMMAND, "control-command", "there is no such command", "")
WW_ERR(CONTROL_ARGUMENT, "control-argument", "an argument is missing, or is not what is wanted", "")
WW_ERR(CONTROL_TIMEOUT, "control-timeout", "the role that knows has not answered in time", "")
WW_ERR(IMPORT_LINE, "import-line", "the line is no JSON object with what an exported policy has", "")
WW_ERR(IMPORT_VERSION, "import-version",
       "the first line does not name a version of the format that this one reads", "")
WW_ERR(IMPORT_CUT, "import-cut",
       "the last line, which tells how many there are, is missing or says otherwise", "")
WW_ERR(CACHE_FULL, "cache-full", "the cache has no room for it", "")
WW_ERR(PURGE_ENFORCED, "purge-enforced",
       "a policy of mode enforce is in force, and its protection would be lost until the next look-up", "")
WW_ERR(NOT_KNOWN, "not-known", "nothing is known of it", "")
WW_ERR(WATCH_FULL, "watch-full", "no more domains can be watched", "")
WW_ERR(OVERRIDE_PAST, "override-past", "the override would have ended already", "")
WW_ERR(OVERRIDE_FULL, "override-full",
       "10000 overrides are set at run time already: put lasting ones into the configuration file", "")
WW_ERR(OVERRIDE_NONE, "override-none", "no override is set at run time for this key", "")
WW_ERR(OVERRIDE_NOT_KEPT, "override-not-kept",
       "the store is in trouble, so nothing was changed: put an override section into the configuration "
       "file, and "
       "reload",
       "")

/* TLS results and reports */
WW_ERR(JOURNAL_DAMAGED, "journal-damaged", "the file is no journal of TLS results, or it is damaged", "")
WW_ERR(GZIP, "gzip", "the octets are no gzip, or they end too early", "RFC 1952 section 2.2")
WW_ERR(DKIM_KEY, "dkim-key", "the file holds no private key that DKIM can sign with", "RFC 6376 section 3.3")
WW_ERR(REPORT_MAIL, "report-mail", "something of the report may not stand in a mail", "RFC 5322 section 3.6")
WW_ERR(
    REPORT_NONE, "report-none",
    "there is no such report, nor results to make one of: that of a day is made when the day is over (UTC)",
    "")
WW_ERR(DATAGRAM_JSON, "datagram-json", "the TLS result is no well-formed JSON object", "RFC 8259 section 2")
WW_ERR(DATAGRAM_TOO_LONG, "datagram-too-long", "the TLS result is longer than 256 kilobytes", "")
WW_ERR(DATAGRAM_KEY_TWICE, "datagram-key-twice", "a key of a TLS result is there twice", "")
WW_ERR(DATAGRAM_MISSING, "datagram-missing", "a key that a TLS result needs is missing", "")
WW_ERR(DATAGRAM_TYPE, "datagram-type", "a value of a TLS result is of another type than the protocol says",
       "")
WW_ERR(DATAGRAM_VERSION, "datagram-version", "the version of a TLS result is not \"1\"", "")
WW_ERR(DATAGRAM_DOMAIN, "datagram-domain", "the domain of a TLS result is no domain name", "")
WW_ERR(DATAGRAM_POLICIES, "datagram-policies", "a TLS result has no policy, or more than 32", "")
WW_ERR(DATAGRAM_POLICY_TYPE, "datagram-policy-type", "the policy type of a TLS result is not 1, 2 or 9", "")
WW_ERR(DATAGRAM_RESULT, "datagram-result", "the final result of a policy is neither 0 nor 1", "")
WW_ERR(DATAGRAM_COUNT, "datagram-count", "a TLS result counts other failures than it has", "")
WW_ERR(DATAGRAM_DETAILS, "datagram-details", "a TLS result has more than 128 failures", "")
WW_ERR(DATAGRAM_CODE, "datagram-code", "the code of a failure is none that the protocol knows", "")
WW_ERR(REPORT_NOT_KEPT, "report-not-kept",
       "what the report said is not kept: the domain has asked for none, or it is too long", "")
WW_ERR(REPORT_NO_CONTACT, "report-no-contact",
       "no report is sent: report.contact, the address of who answers for them, is not set", "")
WW_ERR(REPORT_DRY_RUN, "report-dry-run", "no report is sent: report.dry_run is set", "")
WW_ERR(REPORT_NOTHING, "report-nothing",
       "there is nothing to be tried again: no destination of it has failed", "")
WW_ERR(REPORT_UNDER_WAY, "report-under-way",
       "the report is being delivered just now: see what becomes of it, and ask again then", "")

/* reports of others: their mails */
WW_ERR(REPORT_MAIL_NO_REPORT, "report-mail-no-report", "no part of the mail is a report",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_TOO_DEEP, "report-mail-too-deep", "the parts of the mail are nested deeper than 8 levels",
       "")
WW_ERR(REPORT_MAIL_TOO_MANY_PARTS, "report-mail-too-many-parts", "the mail has more than 64 parts", "")
WW_ERR(REPORT_MAIL_HEADER, "report-mail-header-too-large",
       "the header of the mail is longer than 256 kilobytes, or has more than 1000 fields", "")
WW_ERR(REPORT_MAIL_EMPTY, "report-mail-empty", "the part of the mail that is the report is empty", "")
WW_ERR(REPORT_MAIL_SEVERAL, "report-mail-several",
       "several parts of the mail may be the report; the first of the best media type is taken",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_FORM, "report-mail-form", "the mail is no multipart/report with report-type=\"tlsrpt\"",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_TYPE, "report-mail-type",
       "the media type of the report is neither application/tlsrpt+gzip nor application/tlsrpt+json",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_HTML, "report-mail-html", "the part of the mail that is for people is HTML", "")
WW_ERR(REPORT_MAIL_BASE64, "report-mail-base64", "the report is in a base64 that strict readers refuse",
       "RFC 2045 section 6.8")
WW_ERR(REPORT_MAIL_FORWARDED, "report-mail-forwarded", "the report is in a mail that was forwarded as a part",
       "")
WW_ERR(REPORT_MAIL_FILE_NAME, "report-mail-file-name",
       "the file name of the report is not submitter!domain!begin!end, with .json or .json.gz",
       "RFC 8460 section 5.1")
WW_ERR(REPORT_MAIL_SUBJECT, "report-mail-subject",
       "the subject is not \"Report Domain: domain Submitter: submitter Report-ID: <id>\"",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_DOMAIN, "report-mail-domain", "TLS-Report-Domain is missing, or no domain name",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_SUBMITTER, "report-mail-submitter", "TLS-Report-Submitter is missing, or no domain name",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_MAIL_DIFFERS, "report-mail-differs",
       "header, subject and file name do not name the same domains", "RFC 8460 section 5.3")
WW_ERR(REPORT_ID_DIFFERS, "report-id-differs", "the subject has another Report-ID than the report",
       "RFC 8460 section 5.3")
WW_ERR(REPORT_SUBMITTER_DIFFERS, "report-submitter-differs",
       "the submitter that the mail names is not the domain of the report's contact", "RFC 8460 section 5.3")
WW_ERR(REPORT_DOMAIN_DIFFERS, "report-domain-differs",
       "the domain that the mail names is in no policy of the report", "RFC 8460 section 5.3")
WW_ERR(REPORT_PLAIN, "report-not-compressed", "the report is not compressed", "RFC 8460 section 5.2")
WW_ERR(
    REPORT_CODING, "report-coding",
    "the report is compressed, and its media type or file name says that it is not, or the other way round",
    "RFC 8460 section 6")
WW_ERR(REPORT_MEMBERS, "report-gzip-members", "the report is in several gzip members", "RFC 1952 section 2.2")
WW_ERR(REPORT_REST, "report-gzip-rest", "something that is no gzip follows the compressed report",
       "RFC 1952 section 2.2")

/* reports of others: why one is refused */
WW_ERR(REPORT_LARGE, "report-large", "the report is larger than any that is read", "")
WW_ERR(REPORT_VALUES, "report-values", "the report has more values than any that is read", "")
WW_ERR(REPORT_DEEP, "report-deep", "the report nests deeper than 32 levels", "")
WW_ERR(REPORT_JSON, "report-json", "the report is no well-formed JSON", "RFC 8259 section 2")
WW_ERR(REPORT_NOT_OBJECT, "report-not-object", "the report is not one JSON object", "RFC 8460 section 4.4")
WW_ERR(REPORT_KEY_TWICE, "report-key-twice", "a key of an object is there twice", "RFC 7493 section 2.3")
WW_ERR(REPORT_UTF8, "report-utf8", "the report is not UTF-8", "RFC 8259 section 8.1")
WW_ERR(REPORT_DATE_RANGE_MISSING, "report-date-range-missing", "the report has no date range",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DATE, "report-date", "a date of the range is missing, or is none", "RFC 3339 section 5.6")
WW_ERR(REPORT_POLICIES_MISSING, "report-policies-missing", "the report has no policies",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_POLICIES_MANY, "report-policies-many", "the report has more policies than any that is read", "")
WW_ERR(REPORT_DETAILS_MANY, "report-details-many", "the report has more failures than any that is read", "")
WW_ERR(REPORT_SUMMARY_MISSING, "report-summary-missing", "a policy has no summary", "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT, "report-count", "a count is neither an integer nor a text of decimal digits",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT_NEGATIVE, "report-count-negative", "a count is negative", "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT_FRACTION, "report-count-fraction", "a count has a fraction", "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT_OVERFLOW, "report-count-overflow", "a count does not fit into 64 bits", "")
WW_ERR(REPORT_SUM_OVERFLOW, "report-sum-overflow", "the sum of the counts does not fit into 64 bits", "")
WW_ERR(
    REPORT_PROCESS, "report-process",
    "the process that read the report has died of it, or was too slow: it is a bomb, or there is a fault in "
    "Waxwing",
    "")

/* reports of others: what is accepted though it deviates */
WW_ERR(REPORT_BOM, "report-bom", "the report begins with a byte order mark", "RFC 8259 section 8.1")
WW_ERR(REPORT_KEY_UNKNOWN, "report-key-unknown", "a key that the standard does not know is ignored",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_ORGANIZATION_MISSING, "report-organization-missing", "the report does not say who it is from",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_CONTACT_MISSING, "report-contact-missing", "the report names no contact",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_ID_MISSING, "report-id-missing", "the report has no report-id", "RFC 8460 section 4.4")
WW_ERR(REPORT_TEXT_TYPE, "report-text-type", "something else stands where a text is wanted, and is ignored",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_TEXT_LIST, "report-text-list", "a list stands where one text is wanted: its first is taken",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_TEXT_CONTROL, "report-text-control", "a text has control characters", "")
WW_ERR(REPORT_TEXT_CUT, "report-text-cut", "a text or list is longer than what is kept of it", "")
WW_ERR(REPORT_LIST_NULL, "report-list-null", "a list is null", "RFC 8460 section 4.4")
WW_ERR(REPORT_LIST_EMPTY, "report-list-empty", "a list is there, but empty", "RFC 8460 section 4.4")
WW_ERR(REPORT_LIST_OBJECT, "report-list-object", "one object stands where a list of them is wanted",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_LIST_TYPE, "report-list-type", "something else stands where a list is wanted, and is ignored",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DATE_SPACE, "report-date-space", "a date has a space for the T", "RFC 8460 section 4.4")
WW_ERR(REPORT_DATE_NO_ZONE, "report-date-no-zone", "a date has no zone, and is taken as UTC",
       "RFC 3339 section 5.6")
WW_ERR(REPORT_DATE_ZONE, "report-date-zone", "the zone of a date is written in another way",
       "RFC 3339 section 5.6")
WW_ERR(REPORT_DATE_DAY, "report-date-day", "a date has no time", "RFC 3339 section 5.6")
WW_ERR(REPORT_END_IS_MIDNIGHT, "report-end-is-midnight",
       "the range ends with the first second of the next day, not with its own last one",
       "RFC 8460 section 4.1")
WW_ERR(REPORT_RANGE_SHORT, "report-range-short", "the range is shorter than a day", "RFC 8460 section 4.1")
WW_ERR(REPORT_RANGE_LONG, "report-range-long", "the range is longer than a day", "RFC 8460 section 4.1")
WW_ERR(REPORT_RANGE_BACKWARDS, "report-range-backwards", "the range ends before it begins",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_POLICY_MISSING, "report-policy-missing", "an entry does not say which policy it is of",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_POLICY_TYPE_MISSING, "report-policy-type-missing", "a policy has no type",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_POLICY_TYPE_UNKNOWN, "report-policy-type-unknown",
       "the type of a policy is neither sts, tlsa nor no-policy-found", "RFC 8460 section 4.4")
WW_ERR(REPORT_WORD_CASE, "report-word-case", "a type is not in lower case", "RFC 8460 section 4.3")
WW_ERR(REPORT_DOMAIN_MISSING, "report-domain-missing", "a policy has no policy-domain",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DOMAIN, "report-domain", "the policy-domain is no domain name, and is ignored",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DOMAIN_FORM, "report-domain-form", "the policy-domain is in Unicode, or has a dot at its end",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_TLSA_DOMAIN, "report-tlsa-domain",
       "the policy-domain of DANE is the recipient domain, not an MX host", "RFC 8460 section 4.4")
WW_ERR(REPORT_POLICY_STRING_STRING, "report-policy-string-string", "policy-string is one string, not a list",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_POLICY_STRING_JSON, "report-policy-string-json",
       "policy-string holds a JSON list as text, once more encoded", "RFC 8460 section 4.4")
WW_ERR(REPORT_MX_HOST_STRING, "report-mx-host-string", "mx-host is one string, not a list",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_MX_HOST_PATTERN, "report-mx-host-pattern", "mx-host is called mx-host-pattern",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT_MISSING, "report-count-missing", "a count is missing, and is taken as 0",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT_TEXT, "report-count-text", "a count is a text", "RFC 8460 section 4.4")
WW_ERR(REPORT_COUNT_FLOAT, "report-count-float", "a count is written as a floating-point number",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DETAILS_MISSING, "report-details-missing", "sessions have failed, and no failure is described",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DETAILS_SUM, "report-details-sum", "the failures do not sum to what the summary counts",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_DETAIL_TYPE, "report-detail-type", "a failure is no object, and is ignored",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_RESULT_MISSING, "report-result-missing", "a failure has no result-type", "RFC 8460 section 4.4")
WW_ERR(REPORT_RESULT_UNKNOWN, "report-result-unknown",
       "the result-type of a failure is none that is registered", "RFC 8460 section 6.6")
WW_ERR(REPORT_MX_NAME, "report-mx-name", "the receiving MX host is no host name", "RFC 8460 section 4.4")
WW_ERR(REPORT_ADDRESS, "report-address", "an address is none", "RFC 8460 section 4.4")
WW_ERR(REPORT_INFO_URI, "report-info-uri", "additional-information is called additional-info-uri",
       "RFC 8460 section 4.4")
WW_ERR(REPORT_REASON_TEXT, "report-reason-text",
       "failure-reason-code is a message for people; a code would do, too", "RFC 8460 section 4.4")

/* reports of others: as they are taken in, and asked for */
WW_ERR(RECEIVED_TODAY, "received-today",
       "no more is taken in today: what a day may have is kept (intake.per_day)", "")
WW_ERR(REPORT_DECODER_DIED, "report-decoder-died",
       "reading it has ended the process that reads reports, more than once", "")
WW_ERR(RECEIVED_NONE, "received-none", "there is no such report, or not any more", "")
WW_ERR(RECEIVED_NOT_KEPT, "received-not-kept", "the report is not kept as it came any more (intake.keep_raw)",
       "")
WW_ERR(INTAKE_FULL, "intake-full", "as many reports are being taken in as there is room for", "")
WW_ERR(INTAKE_NO_KEEPER, "intake-no-keeper", "the role that keeps reports is not there just now", "")
WW_ERR(INTAKE_DEADLINE, "intake-deadline", "it took too long to read the report, or to keep it", "")
WW_ERR(INTAKE_STOPS, "intake-stops", "Waxwing is about to stop, or to start again", "")

/* publishing */
WW_ERR(PUBLISH_OFF, "publish-off", "publishing is switched off: set publish.enabled, and reload", "")
WW_ERR(PUBLISH_EXISTS, "publish-exists", "the domain is published already", "")
WW_ERR(PUBLISH_FULL, "publish-full", "no more domains can be published", "")
WW_ERR(PUBLISH_REFUSED, "publish-refused", "the change is refused, as it would not be safe now", "")
WW_ERR(PUBLISH_CHANGED, "publish-changed", "the domain was changed meanwhile: look at it again", "")
WW_ERR(TSIG_FORM, "tsig-form",
       "this is no key for TSIG as BIND or Knot DNS write it, nor a line algorithm:name:secret", "")
WW_ERR(TSIG_SEVERAL, "tsig-several",
       "there is more than one key; put the one that is meant into a file alone", "")
WW_ERR(TSIG_NAME, "tsig-name", "the name of the key is no domain name", "RFC 8945 section 4.2")
WW_ERR(TSIG_ALGORITHM, "tsig-algorithm", "the algorithm of the key is neither hmac-sha256 nor hmac-sha512",
       "RFC 8945 section 6")
WW_ERR(TSIG_SECRET, "tsig-secret", "the secret of the key is no base64, or longer than 255 characters",
       "RFC 4648 section 4")

/* store */
WW_ERR(STORE_OPEN, "store-open", "the store cannot be opened", "")
WW_ERR(STORE_NO_FOLDER, "store-no-folder", "the directory of the store does not exist", "")
WW_ERR(STORE_NO_FILE, "store-no-file", "at the path of the store stands something else than a file", "")
WW_ERR(STORE_DENIED, "store-denied", "Waxwing's user may not open the store", "")
WW_ERR(STORE_READONLY, "store-read-only", "the store can be read, but not written", "")
WW_ERR(STORE_FULL, "store-full", "the disk of the store is full", "")
WW_ERR(STORE_FOREIGN, "store-foreign", "the file is not a store of Waxwing", "")
WW_ERR(STORE_NEWER, "store-newer", "the store was made by a newer version of Waxwing", "")
WW_ERR(STORE_CORRUPT, "store-corrupt", "the store is damaged", "")
WW_ERR(STORE_ASIDE, "store-aside", "the store is damaged and cannot be put aside", "")
WW_ERR(STORE_MOVED, "store-moved", "the file of the store was moved or deleted", "")
WW_ERR(STORE_BUSY, "store-busy", "another process holds the lock of the store", "")
WW_ERR(STORE_FAILED, "store-failed", "the store cannot be read or written", "")

/* proc */
WW_ERR(MSG_MALFORMED, "msg-malformed", "a message between roles is malformed", "")
WW_ERR(CHAN_DOWN, "chan-down", "the role at the other end is gone", "")
WW_ERR(CHAN_FULL, "chan-full", "too many messages wait for the role at the other end", "")
WW_ERR(CHAN_PAIR, "chan-pair", "cannot make a pair of sockets", "")
WW_ERR(CONFINE, "confine", "cannot give up rights", "")
