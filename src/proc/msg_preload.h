/* How the preload list is, as the role of its name tells control. */
#ifndef WW_PROC_MSG_PRELOAD_H
#define WW_PROC_MSG_PRELOAD_H

#include "proc/msg.h"

/* Words on a failure, NUL included. */
#define WW_PRELOAD_DETAIL_SIZE 512

/* What the last look at the source has come to. */
enum ww_preload_outcome {
    WW_PRELOAD_NOT_LOOKED,
    WW_PRELOAD_NEW,       /* another list counts from then on */
    WW_PRELOAD_UNCHANGED, /* it has the list that counted already */
    WW_PRELOAD_FAILED,    /* err says why; what counted before goes on to */
    WW_PRELOAD_OUTCOMES,
};

/* "none", "new", "unchanged" or "failed". */
const char *ww_preload_outcome_name(enum ww_preload_outcome outcome);

/* Times are Unix seconds. Texts are strangers'. */
struct ww_msg_preload {
    bool there; /* a list was accepted, be it expired by now; else the fields up to user are empty */
    int64_t timestamp;
    int64_t expires;
    uint32_t domains;
    char author[WW_OVERRIDE_TEXT_SIZE];
    char key[130]; /* fingerprint of the key that has signed it */
    char user[256];
    enum ww_preload_outcome outcome;
    enum ww_err err;
    char detail[WW_PRELOAD_DETAIL_SIZE];
    int64_t looked; /* when that was; 0 never */
    int64_t next;   /* when it is looked at again */
};

void ww_msg_put_preload(struct ww_buf *b, const struct ww_msg_preload *m);
WW_MUST_CHECK enum ww_err ww_msg_get_preload(struct ww_slice payload, struct ww_msg_preload *m);

#endif
