/*
 * Changing the key of an MX host that has TLSA records without a sender refusing it (RFC 7671 section 8.1,
 * RFC 7672 section 3.1): the record of the next key is published beside that of the current one; when no
 * cache has the records from before any more, the host may show the next key; when all of its addresses do,
 * the record of the old one goes. Pure: what DNS and the host show, and the time, are passed in.
 *
 * Records are 3 1 1 (DANE-EE, the public key, SHA-256), which depend on neither names nor dates.
 */
#ifndef WW_ENGINE_TLSA_ROLLOVER_H
#define WW_ENGINE_TLSA_ROLLOVER_H

#include "core/tlsa.h"

#include <stdbool.h>

#define WW_TLSA_KEY_SIZE 32
#define WW_TLSA_WORDS_SIZE 512

/* How many addresses of the host show what. */
struct ww_tlsa_shown {
    size_t current;
    size_t next;
    size_t other;   /* another key */
    size_t refused; /* of all those, the ones that fit none of the records that are published */
    size_t unknown; /* could not be looked at */
};

struct ww_tlsa_rollover {
    int64_t now;
    const uint8_t *current;          /* SHA-256 of the public key, WW_TLSA_KEY_SIZE octets */
    const uint8_t *next;             /* NULL: no other key is to come */
    enum ww_dane_state dns;          /* what the validated look-up of the records has come to */
    const struct ww_tlsa *published; /* the usable ones */
    size_t published_count;
    uint32_t ttl;  /* seconds; the longest that a cache may have the records from before */
    int64_t since; /* the records of both keys were published then, as the operator says; 0: not known */
    struct ww_tlsa_shown shown;
};

enum ww_tlsa_step {
    WW_TLSA_UNCLEAR,   /* too little could be seen: look again */
    WW_TLSA_SIGN,      /* the zone is not signed, so that its records count for nothing */
    WW_TLSA_REPAIR,    /* senders refuse the host now */
    WW_TLSA_OTHER_KEY, /* the host shows neither of the keys */
    WW_TLSA_PUBLISH,   /* records are missing */
    WW_TLSA_WAIT,      /* until `until`; then the next key may be shown */
    WW_TLSA_SWITCH,    /* the host may show the next key */
    WW_TLSA_FINISH,    /* some of its addresses do; bring it to all */
    WW_TLSA_RETIRE,    /* the record of the current key, which is the old one now, may go */
    WW_TLSA_DONE,      /* all is as it is wanted */
    WW_TLSA_STEPS,
};

struct ww_tlsa_plan {
    enum ww_tlsa_step step;
    int64_t until;                  /* with WAIT; else 0 */
    bool has_current, has_next;     /* the record is published */
    bool want_current, want_next;   /* it is to be, after this step */
    char words[WW_TLSA_WORDS_SIZE]; /* what is the matter, and what to do; printable ASCII */
};

void ww_tlsa_rollover_plan(const struct ww_tlsa_rollover *in, struct ww_tlsa_plan *out);

/* "unclear", "sign", "repair", "other-key", "publish", "wait", "switch", "finish", "retire", "done". */
const char *ww_tlsa_step_name(enum ww_tlsa_step step);

#endif
