/*
 * The policy's body: rules of the linters (core/lint_policy.h), which name and explain them. Included by
 * check_table.h.
 */

/* The body as a whole. */
WW_CHECK_RULE(POLICY_EMPTY, ERROR, ERROR, "Senders find no policy, and the domain is not protected.",
              "Serve the policy's text under this address.")
WW_CHECK_RULE(POLICY_TOO_LONG, ERROR, ERROR,
              "Senders read no more than 64 kilobytes: what is longer counts for nothing.",
              "Take out what is no field of the standard, and write wildcards for hosts of one domain.")
WW_CHECK_RULE(POLICY_LARGE, WARNING, WARNING,
              "Policies take a few hundred octets: a sender may set a limit below this one.",
              "Take out what is no field of the standard, and write wildcards for hosts of one domain.")
WW_CHECK_RULE(POLICY_BOM, ERROR, ERROR,
              "The first line begins with three octets that nobody sees, so that the version is not found.",
              "Save the file as UTF-8 without a byte order mark.")
WW_CHECK_RULE(POLICY_HTML, ERROR, ERROR,
              "A web server that has no policy for this name often answers with a page for people.",
              "Make the web server serve the policy's text under this name and path.")
WW_CHECK_RULE(POLICY_JSON, ERROR, ERROR, "No sender of today reads it: the domain is not protected.",
              "Write the policy as lines of key, colon and value.")

/* Lines. */
WW_CHECK_RULE(POLICY_BARE_LF, INFO, INFO, "The standard allows both; a few old checkers complain of it.",
              "Nothing has to be done.")
WW_CHECK_RULE(POLICY_MIXED_ENDS, WARNING, WARNING,
              "Something has edited part of the file: a strict sender may read some lines otherwise.",
              "Save the file with one kind of line end.")
WW_CHECK_RULE(POLICY_LINE_END, ERROR, ERROR, "Senders take the lines around it for one, or refuse it all.",
              "Save the file with CRLF or LF as line end.")
WW_CHECK_RULE(POLICY_BLANK_LINE, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Take the blank line out, also at the end.")
WW_CHECK_RULE(POLICY_SPACE, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Begin each line with its key, and put the colon right behind it.")
WW_CHECK_RULE(POLICY_KEY, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Take the line out, or write its key as the standard has it.")
WW_CHECK_RULE(POLICY_COLON, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Write each line as a key, a colon and a value; the standard knows no comments.")
WW_CHECK_RULE(POLICY_VALUE_EMPTY, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Give the field a value, or take its line out.")
WW_CHECK_RULE(POLICY_OCTET, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Take the control character out. Where many are found, the file is compressed, or no text.")
WW_CHECK_RULE(POLICY_UTF8, ERROR, ERROR,
              "A strict sender finds the whole policy invalid, and the domain is not protected there.",
              "Save the file as UTF-8, or better as plain ASCII.")
WW_CHECK_RULE(POLICY_NON_ASCII, WARNING, WARNING,
              "Nothing that a sender obeys needs such characters, and some may refuse them.",
              "Write plain ASCII, or take the line out.")

/* Fields. */
WW_CHECK_RULE(POLICY_VERSION, ERROR, ERROR, "Senders take it for no policy.", "Write `version: STSv1`.")
WW_CHECK_RULE(POLICY_VERSION_MISSING, ERROR, ERROR, "Senders take it for no policy.",
              "Write `version: STSv1` as the first line.")
WW_CHECK_RULE(POLICY_MODE, ERROR, ERROR, "Senders find the policy invalid: nobody is protected.",
              "Write `mode: testing` or `mode: enforce`.")
WW_CHECK_RULE(POLICY_MODE_REPORT, ERROR, ERROR, "Senders find the policy invalid: nobody is protected.",
              "Write `mode: testing`.")
WW_CHECK_RULE(POLICY_MODE_MISSING, ERROR, ERROR, "Senders find the policy invalid: nobody is protected.",
              "Write `mode: testing` or `mode: enforce`.")
WW_CHECK_RULE(POLICY_MAX_AGE, ERROR, ERROR, "Senders find the policy invalid: nobody is protected.",
              "Write the seconds as digits alone, such as `max_age: 2592000` for 30 days.")
WW_CHECK_RULE(POLICY_MAX_AGE_RANGE, ERROR, ERROR, "Strict senders find the policy invalid.",
              "Write no more than `max_age: 31557600`, which is a year.")
WW_CHECK_RULE(POLICY_MAX_AGE_MISSING, ERROR, ERROR, "Senders find the policy invalid: nobody is protected.",
              "Write how long it may be kept, such as `max_age: 2592000` for 30 days.")
WW_CHECK_RULE(POLICY_MX_MISSING, ERROR, ERROR, "Senders find the policy invalid: nobody is protected.",
              "Write an mx line for each MX host.")
WW_CHECK_RULE(POLICY_DUPLICATE, WARNING, WARNING,
              "The first line counts, which may not be the one that was meant.", "Take the other lines out.")
WW_CHECK_RULE(POLICY_CASE, WARNING, WARNING, "Keys are written in lower case: this line is not obeyed.",
              "Write the key in lower case.")
WW_CHECK_RULE(POLICY_EXTENSION, INFO, INFO,
              "Senders skip what they do not know; a misspelt key is skipped so.",
              "Nothing has to be done, unless the key is misspelt.")
WW_CHECK_RULE(POLICY_TLSRPT, ERROR, ERROR,
              "No sender looks for it here: no reports come, and a strict sender may refuse the policy.",
              "Take the line out, and publish a TXT record at _smtp._tls with v=TLSRPTv1 and rua.")

/* What it says. */
WW_CHECK_RULE(POLICY_TESTING, WARNING, WARNING,
              "Senders report what fails, but deliver all the same: nobody is protected yet.",
              "When the reports are clean, publish mode enforce under a new id.")
WW_CHECK_RULE(POLICY_NONE, WARNING, WARNING,
              "This is the way out of MTA-STS: senders demand nothing, and nobody is protected.",
              "If protection is wanted, publish mode testing, then enforce, each under a new id.")
WW_CHECK_RULE(POLICY_MAX_AGE_SHORT, WARNING, WARNING,
              "Who can block the policy host for that long has senders forget that there was a policy.",
              "Raise max_age to weeks: 2592000 are 30 days.")
WW_CHECK_RULE(POLICY_MAX_AGE_WEEKS, WARNING, INFO,
              "Senders that write seldom have forgotten the policy each time, and are not protected.",
              "Raise max_age to weeks: 2592000 are 30 days.")

/* Patterns. */
WW_CHECK_RULE(MX_WILDCARD, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write `*.` and the rest of the name, or the names of the hosts.")
WW_CHECK_RULE(MX_LEADING_DOT, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write `*.example.com` for `.example.com`.")
WW_CHECK_RULE(MX_LIST, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write one mx line for each host.")
WW_CHECK_RULE(MX_ADDRESS, ERROR, ERROR, "Patterns are names, and are held against names in certificates.",
              "Write the name of the MX host.")
WW_CHECK_RULE(MX_SINGLE_LABEL, WARNING, WARNING, "No MX host of the Internet has such a name.",
              "Write the whole name of the MX host.")
WW_CHECK_RULE(MX_BROAD, WARNING, WARNING,
              "Whoever has a name below that domain has a host that passes: this protects from nobody.",
              "Write the names of the MX hosts.")
WW_CHECK_RULE(MX_SHARED, WARNING, WARNING,
              "Who forges the MX record of the domain may name another customer's host, which passes.",
              "Write the names of the MX hosts that the domain's own MX records have.")
WW_CHECK_RULE(DNAME_ROOT_DOT, ERROR, ERROR,
              "The grammar has no dot at the end: strict senders find the whole policy invalid.",
              "Take the dot at the end off.")
WW_CHECK_RULE(DNAME_NON_ASCII, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write the name in A-labels, as in DNS: xn--bcher-kva.example for the name with its umlaut.")
WW_CHECK_RULE(DNAME_EMPTY, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write the name of an MX host, or take the line out.")
WW_CHECK_RULE(DNAME_TOO_LONG, ERROR, ERROR, "No host can have such a name.", "Write the name of an MX host.")
WW_CHECK_RULE(DNAME_LABEL_EMPTY, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Take the dot too many out.")
WW_CHECK_RULE(DNAME_LABEL_TOO_LONG, ERROR, ERROR, "No host can have such a name.",
              "Write the name of an MX host.")
WW_CHECK_RULE(DNAME_CHARACTER, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write the name of an MX host, and nothing else.")
WW_CHECK_RULE(DNAME_HYPHEN, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write the name of an MX host.")
WW_CHECK_RULE(DNAME_NUMERIC, ERROR, ERROR, "Strict senders find the whole policy invalid.",
              "Write the name of an MX host.")
