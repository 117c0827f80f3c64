/*
 * What Postfix tells of one delivery through libtlsrpt, protocol version "1": one JSON object (RFC 8259), of
 * which keys are short and codes are numbers. Read without a tree and without allocation; whatever the text
 * holds, it is bounded by this struct.
 *
 * Octets that are no UTF-8 make a datagram invalid, as do a wrong version, a wrong type, counts that are
 * absurd (more failures than there are details, a policy result that is neither 0 nor 1), and what is more
 * than there is room for. Unknown keys are skipped. What is only a text for people is cut where it is long.
 */
#ifndef WW_CODEC_TLSRPT_DATAGRAM_H
#define WW_CODEC_TLSRPT_DATAGRAM_H

#include "base/err.h"
#include "core/sessions.h"

#define WW_DATAGRAM_POLICIES_MAX 32
/* A longer one is refused; Linux lets some 200 KB through. */
#define WW_DATAGRAM_MAX ((size_t)256 * 1024)
#define WW_DATAGRAM_DETAILS_MAX 128 /* of all policies */
#define WW_DATAGRAM_TEXT_MAX ((size_t)320 * 1024)

struct ww_datagram {
    size_t count; /* at least one */
    struct ww_sessions
        sessions[WW_DATAGRAM_POLICIES_MAX]; /* one for each policy; `day` is left to the caller */
    struct ww_sessions_detail details[WW_DATAGRAM_DETAILS_MAX]; /* of all of them */
    char text[WW_DATAGRAM_TEXT_MAX];                            /* what the slices point into */
};

/*
 * Canonical: names and addresses; TLSA records in their order, hexadecimal in lower case; an STS policy's
 * patterns in lower case, its strings as they are; of helo the first line, without its code. A policy of mode
 * testing counts its successes as unverified: Postfix does not compare certificates then.
 *
 * On an error *offset is where the rule is broken.
 */
WW_MUST_CHECK enum ww_err ww_datagram_parse(const char *p, size_t n, struct ww_datagram *out, size_t *offset);

#endif
