/*
 * A mail that may be a bounce: a delivery status notification (RFC 3464) in a multipart/report (RFC 6522).
 * Whoever likes may have written it: it is bounded in octets, in parts and in how deep they are nested.
 */
#ifndef WW_REPORT_BOUNCE_H
#define WW_REPORT_BOUNCE_H

#include "base/slice.h"
#include "core/mailbox.h"

/* What follows is not looked at: the returned mail, whose header comes first. */
#define WW_BOUNCE_MAX ((size_t)1 << 20)
#define WW_BOUNCE_RECIPIENTS_MAX 16
#define WW_BOUNCE_WORDS_SIZE 256
#define WW_BOUNCE_MESSAGE_SIZE 1024

enum ww_bounce_found {
    WW_BOUNCE_IS_ONE,
    WW_BOUNCE_NO_NOTIFICATION, /* it is something else, or cut off, or has more parts than any bounce */
    WW_BOUNCE_NOT_FOR_GOOD,    /* nobody's delivery has failed for good: it is delayed, or was made */
    WW_BOUNCE_NO_MESSAGE,      /* nothing is returned of the mail that tells which it was */
};
/* In words, static. */
const char *ww_bounce_words(enum ww_bounce_found found);

struct ww_bounce_recipient {
    char mailbox[WW_MAILBOX_MAX + 1]; /* as it was given to the mail system */
    char words[WW_BOUNCE_WORDS_SIZE]; /* why: printable ASCII */
};

struct ww_bounce {
    char message_id[WW_BOUNCE_MESSAGE_SIZE]; /* of the mail that bounced: printable ASCII, or "" */
    struct ww_bounce_recipient failed[WW_BOUNCE_RECIPIENTS_MAX]; /* for good: Action failed, Status 5.x.x */
    size_t count;
};

/* Before confinement. */
void ww_bounce_init(void);

enum ww_bounce_found ww_bounce_read(struct ww_slice mail, struct ww_bounce *out);

#endif
