/* What DNSSEC validation of one's own says of an answer (RFC 4035 section 4.3). */
#ifndef WW_CORE_DNSSEC_H
#define WW_CORE_DNSSEC_H

/*
 * "Unknown" is no answer, or one that nobody has validated: whoever strips DNSSEC on the way causes it, so it
 * must never count as "insecure", which is a proof that a zone on the way to the name is not signed.
 */
enum ww_dnssec {
    WW_DNSSEC_UNKNOWN,
    WW_DNSSEC_INSECURE,
    WW_DNSSEC_SECURE, /* all of it: records, aliases, denial of existence */
    WW_DNSSEC_BOGUS,
};
#define WW_DNSSEC_STATES 4

/* "unknown", "insecure", "secure" or "bogus". */
const char *ww_dnssec_name(enum ww_dnssec dnssec);

#endif
