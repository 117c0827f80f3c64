/*
 * Whether a preload list may count: its signature, its text, its times. Blocking, and reads what strangers
 * wrote: run as a job (job.h).
 */
#ifndef WW_DAEMON_PRELOAD_CHECK_H
#define WW_DAEMON_PRELOAD_CHECK_H

#include "daemon/preload_keep.h"
#include "engine/preload.h"
#include "proc/msg_preload.h"
#include "sign/openpgp.h"

struct ww_preload_task {
    const char *paths[2]; /* of list and signature; */
    int fds[2];           /* or files that are open, read from their beginning; else -1 */
    const char *key;      /* path of the public keys */
    const char *folder;   /* of preload_keep.h; where GnuPG works, too */
    bool kept;            /* none of these, but what is kept: it was accepted before, and is not kept again */
    const struct ww_preload *before; /* what was accepted last, or NULL */
    int64_t now;
    int image; /* an empty memory file, which gets the image unless the list is refused or the same */
};

struct ww_preload_checked {
    enum ww_preload_verdict verdict;
    bool none;       /* nothing is kept; else: */
    enum ww_err err; /* why it is refused */
    int unkept;      /* errno: it counts, but could not be kept */
    char detail[WW_PRELOAD_DETAIL_SIZE];
    struct ww_openpgp_signer signer;
};

/* *out is zero. */
void ww_preload_check(const struct ww_preload_task *task, struct ww_preload_checked *out);

#endif
