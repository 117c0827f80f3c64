/*
 * Which trust anchors a resolver starts with: those that the keeper keeps by RFC 5011 (root.key beside the
 * store), else those that all began with (anchor_seed.h).
 */
#ifndef WW_DAEMON_TRUST_H
#define WW_DAEMON_TRUST_H

#include "daemon/anchor_seed.h"

struct ww_trust {
    enum ww_anchor_source source;
    size_t count;
    char *lines[WW_ANCHOR_SEED_MAX + WW_ANCHOR_FILE_KEYS_MAX]; /* records, as libunbound takes them */
    size_t tag_count;
    uint16_t
        tags[WW_ANCHOR_SEED_MAX]; /* of the root's, each once; none: all were revoked, so nothing validates */
    char path[4096];              /* of the file they are from, or "" */
    /* DNSSEC has got through to here at some time, from whichever anchors: it left a root.key, fit for use or
     * not. */
    bool validated_before;
    int64_t
        confirmed; /* when the keeper last found the root's keys as they should be; 0: that is not known */
    char passed_over[4096 + 256]; /* which file was not fit for use, and why; or "" */
};

/*
 * Reads them, before confinement. False: `why` says what is wrong with the file that is configured, and what
 * to do. ww_trust_clear frees what it holds, and does nothing to one that is zero.
 */
bool ww_trust_load(struct ww_trust *trust, const struct ww_config *config, const char *const *system,
                   char *why, size_t why_size);
void ww_trust_clear(struct ww_trust *trust);

/* "20326, 38696", or "none" */
void ww_trust_put_tags(struct ww_buf *b, const struct ww_trust *trust);

/*
 * Reads what the keeper hands on. NULL: it is fit for use, or there is none (file->seed is "" then); else
 * what is wrong with it.
 */
const char *ww_trust_read(const char *path, const char *store, struct ww_anchor_file *file);

/* Where that is. False: the path is too long. */
bool ww_trust_path(const char *store, char *out, size_t size);

#endif
