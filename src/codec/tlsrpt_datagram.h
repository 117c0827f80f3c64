/*
 * What Postfix tells of one delivery through libtlsrpt, protocol version "1": one JSON object (RFC 8259), of
 * which keys are short and codes are numbers. Read without a tree and without allocation; whatever the text
 * holds, it is bounded by this struct.
 *
 * What makes a datagram invalid: a wrong version or type, a key that is missing, or there twice, counts that
 * are absurd (another number of failures than there are details, a policy result that is neither 0 nor 1),
 * and more than there is room for. Keys that are not known are skipped. What is only a text for people is cut
 * where it is long.
 *
 * Octets that are no UTF-8 make none invalid: libtlsrpt passes on what an MX host answers to EHLO, and who
 * strips STARTTLS from that answer could keep the failure from being told, too.
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
 * Canonical: names and addresses; TLSA records sorted, each once, hexadecimal in lower case; the patterns of
 * MX hosts in lower case, the strings of an STS policy as they are; of helo the first line, without its code.
 * A policy of mode testing counts its success as unverified: Postfix does not compare certificates then.
 *
 * On an error *offset is where the rule is broken: where the value, the object or the array begins that
 * breaks it.
 */
WW_MUST_CHECK enum ww_err ww_datagram_parse(const char *p, size_t n, struct ww_datagram *out, size_t *offset);

#endif
