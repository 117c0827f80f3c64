/*
 * What a domain publishes for MTA-STS and TLSRPT: the body of its policy (RFC 8461 section 3.2), and the TXT
 * records at _mta-sts (section 3.1) and _smtp._tls (RFC 8460 section 3), as the strict parsers take them.
 */
#ifndef WW_CORE_PUBLICATION_H
#define WW_CORE_PUBLICATION_H

#include "base/buf.h"
#include "base/err.h"
#include "core/policy.h"
#include "core/sts_record.h"

/* Room for each of the texts; longer ones fail. */
#define WW_PUBLICATION_TEXT_MAX 16384

/* All is borrowed. */
struct ww_publication {
    const char *domain; /* canonical */
    enum ww_policy_mode mode;
    uint32_t max_age;
    const char *const *mx; /* patterns; none only with mode none */
    size_t mx_count;
    const char *id;
    const char *const *rua; /* URIs; none: no record at _smtp._tls */
    size_t rua_count;
    uint32_t ttl; /* of the records */
};

/* The policy, with CRLF at the end of each line. */
void ww_publication_put_policy(struct ww_buf *b, const struct ww_publication *p);

/* The values of the TXT records. */
void ww_publication_put_record(struct ww_buf *b, const struct ww_publication *p);
void ww_publication_put_tlsrpt(struct ww_buf *b, const struct ww_publication *p);

/* Text as the strings of a TXT record in a zone file (RFC 1035 section 5.1), each of up to 255 octets. */
void ww_publication_put_strings(struct ww_buf *b, struct ww_slice value);

/* A TXT record as a line of a zone file (RFC 1035 section 5), its value in strings of up to 255 octets. */
void ww_publication_put_txt(struct ww_buf *b, const char *label, const struct ww_publication *p,
                            struct ww_slice value);

/* Has the strict parsers read what would be published; room is of WW_PUBLICATION_TEXT_MAX octets. */
WW_MUST_CHECK enum ww_err ww_publication_check(const struct ww_publication *p, char *room);

/*
 * An id (RFC 8461 section 3.1) for a policy: the time in UTC, then a digest of its body, so that two bodies
 * never share one. Always greater than the one before (NULL or "": none), also when the clock has gone back.
 */
void ww_publication_make_id(int64_t now, struct ww_slice body, const char *before,
                            char out[WW_STS_ID_MAX + 1]);

#endif
