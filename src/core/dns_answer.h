/*
 * A bounded reader of raw DNS answers (RFC 1035 section 4), as libunbound hands them over.
 *
 * Follows CNAMEs within the answer section (at most 16), never runs backwards outside name decompression, and
 * looks at no more records than the message can hold.
 */
#ifndef WW_CORE_DNS_ANSWER_H
#define WW_CORE_DNS_ANSWER_H

#include "base/cursor.h"
#include "base/err.h"
#include "core/dname.h"

#define WW_DNS_CLASS_IN 1

#define WW_DNS_TYPE_A 1
#define WW_DNS_TYPE_NS 2
#define WW_DNS_TYPE_CNAME 5
#define WW_DNS_TYPE_SOA 6
#define WW_DNS_TYPE_MX 15
#define WW_DNS_TYPE_TXT 16
#define WW_DNS_TYPE_AAAA 28
#define WW_DNS_TYPE_DS 43
#define WW_DNS_TYPE_RRSIG 46
#define WW_DNS_TYPE_DNSKEY 48
#define WW_DNS_TYPE_TLSA 52

#define WW_DNS_NOERROR 0
#define WW_DNS_SERVFAIL 2
#define WW_DNS_NXDOMAIN 3
#define WW_DNS_REFUSED 5

/* Room for any name in presentation form, NUL included. */
#define WW_DNS_NAME_TEXT_SIZE (WW_DNAME_SIZE * 4)

struct ww_dns_answer {
    struct ww_slice packet; /* borrowed */
    uint16_t type;          /* asked for */
    bool authoritative;     /* says whoever answered */
    unsigned rcode;
    char owner[WW_DNS_NAME_TEXT_SIZE]; /* name after CNAMEs, presentation form, lower case */
    size_t count;                      /* records of the type asked for at that name */
    uint32_t ttl;         /* seconds: smallest along the chain; for a negative answer RFC 2308's */
    uint32_t longest_ttl; /* largest along the chain: aliases may outlive what they lead to */
    size_t at;            /* where ww_dns_answer_next goes on; private */
    size_t left;          /* private, as are the place and number of all records of the answer section */
    size_t start, records;
    size_t authority; /* private: records of that section */
};

struct ww_dns_rr {
    struct ww_slice rdata; /* borrowed from the packet */
    size_t rdata_at;       /* its offset in the packet, for names inside it */
    uint32_t ttl;
};

/* Opens an answer to the question (qname, type, class IN). qname ends with NUL; a root dot is optional. */
WW_MUST_CHECK enum ww_err ww_dns_answer_open(struct ww_dns_answer *a, const void *packet, size_t n,
                                             const char *qname, uint16_t type);

/* The next record of the type asked for at the final name; false after the last. */
bool ww_dns_answer_next(struct ww_dns_answer *a, struct ww_dns_rr *rr);

/*
 * Goes through the answer once more, for the records of another type at the final name, such as signatures.
 * Only after ww_dns_answer_open has returned WW_OK.
 */
void ww_dns_answer_again(struct ww_dns_answer *a, uint16_t type);

/*
 * The name that ends a record's data after so many octets, in lower case, escaped as in zone files; "" is the
 * root. WW_E_DNS_MALFORMED when there is none, or something behind it.
 */
WW_MUST_CHECK enum ww_err ww_dns_rr_name(const struct ww_dns_answer *a, const struct ww_dns_rr *rr,
                                         size_t skip, char out[WW_DNS_NAME_TEXT_SIZE]);

/* The name that `owner`, as it stands in the answer, is an alias of; false: it is none. */
bool ww_dns_answer_alias(const struct ww_dns_answer *a, const char *owner, char out[WW_DNS_NAME_TEXT_SIZE]);

/*
 * The zone that the answer comes from: the owner of the SOA record in the answer or, of a negative one, in
 * its authority section. False: there is none.
 */
bool ww_dns_answer_zone(const struct ww_dns_answer *a, char out[WW_DNS_NAME_TEXT_SIZE]);

/* Joins a TXT record's character-strings with nothing between (RFC 8461 section 3.1). */
WW_MUST_CHECK enum ww_err ww_dns_txt_join(struct ww_slice rdata, char *out, size_t cap, size_t *n);

#endif
