/* DNS questions as they go over the wire (RFC 1035 section 4.1), and which packet answers one. */
#ifndef WW_CORE_DNS_QUESTION_H
#define WW_CORE_DNS_QUESTION_H

#include "base/buf.h"
#include "core/dns_answer.h"

/* Room for any. */
#define WW_DNS_QUESTION_SIZE 300

/* Fits into one packet everywhere (RFC 9715 section 3.1). */
#define WW_DNS_PAYLOAD 1232

/* Flags of the header; DO goes with EDNS. */
#define WW_DNS_FLAG_RD 0x0100u
#define WW_DNS_FLAG_AD 0x0020u
#define WW_DNS_FLAG_DO 0x8000u

struct ww_dns_question {
    uint16_t id;
    const char *name; /* without escapes; a root dot is optional */
    uint16_t type;
    unsigned flags; /* of the header */
    unsigned edns;  /* of the OPT record */
};

/* Writes the question with an OPT record (RFC 6891 section 6.1.2). WW_E_DNS_NAME: the name is none. */
WW_MUST_CHECK enum ww_err ww_dns_question_write(const struct ww_dns_question *q, struct ww_buf *b);

/*
 * Opens a packet that came from whom was asked. False: it does not answer this question, and the right one
 * may come yet. Else *err is what ww_dns_answer_open says of it.
 */
WW_MUST_CHECK bool ww_dns_question_take(const struct ww_dns_question *q, struct ww_slice packet,
                                        struct ww_dns_answer *answer, enum ww_err *err);

#endif
