/* What the keeper is told of the root's trust anchors. */
#ifndef WW_PROC_MSG_ANCHORS_H
#define WW_PROC_MSG_ANCHORS_H

#include "base/buf.h"
#include "base/err.h"

/* Where trust anchors come from. */
enum ww_anchor_source {
    WW_ANCHORS_BUILT_IN,
    WW_ANCHORS_SYSTEM, /* Debian's dns-root-data */
    WW_ANCHORS_FILE,   /* dns.trust_anchor */
    WW_ANCHORS_KEPT,   /* RFC 5011 */
    WW_ANCHOR_SOURCES,
};

/* "built-in", "system", "file", "rfc5011" */
const char *ww_anchor_source_name(enum ww_anchor_source source);

/* What trust begins with. */
struct ww_msg_anchor_seed {
    enum ww_anchor_source source; /* not WW_ANCHORS_KEPT */
    bool updates;                 /* the configuration wants RFC 5011 */
    uint16_t error;               /* errno, when the file could not be opened */
    char path[4096];              /* of the file whose descriptor came along, or ""; as it was opened */
};

#define WW_MSG_ANCHOR_SEED_MAX (sizeof(struct ww_msg_anchor_seed))
void ww_msg_put_anchor_seed(struct ww_buf *b, const struct ww_msg_anchor_seed *m);
WW_MUST_CHECK enum ww_err ww_msg_get_anchor_seed(struct ww_slice payload, struct ww_msg_anchor_seed *m);

#endif
