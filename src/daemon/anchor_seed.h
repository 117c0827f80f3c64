/*
 * What trust in the root begins with: the file that is configured, else the system's root key, else what this
 * version came with.
 */
#ifndef WW_DAEMON_ANCHOR_SEED_H
#define WW_DAEMON_ANCHOR_SEED_H

#include "core/anchor_file.h"
#include "core/anchor_text.h"
#include "daemon/config.h"
#include "proc/msg_anchors.h"

#define WW_ANCHOR_SEED_MAX 32

/* On a file that is configured and not fit for use. */
#define WW_ANCHOR_SEED_ADVICE \
    "Name a file with the root's DS or DNSKEY records as dns.trust_anchor, or leave that setting out"

/* Where Debian's dns-root-data has the root key; ended by NULL. */
extern const char *const ww_anchor_system_files[];

struct ww_anchor_seed {
    enum ww_anchor_source source;
    char path[4096];              /* "" of the built-in ones */
    char id[WW_ANCHOR_SEED_SIZE]; /* as in struct ww_anchor_file */
    size_t count;
    struct ww_anchor anchors[WW_ANCHOR_SEED_MAX]; /* one of them at least is the root's */
};

/*
 * Opens what is configured, or the system's file (of those in the list the first that can be). path gets its
 * name. -1 when it is the built-in ones, or, with errno set, when the file that is configured cannot be
 * opened.
 */
int ww_anchor_seed_open(const struct ww_config *config, const char *const *system,
                        enum ww_anchor_source *source, char *path, size_t path_size);

/*
 * Reads it from fd, which it closes. False: why says what is wrong with the file, and the seed is empty; but
 * in place of a bad file of the system's come the built-in ones, with true, and with why set. Of a file that
 * could not be opened fd is -1 and error why that was.
 */
bool ww_anchor_seed_read(struct ww_anchor_seed *seed, enum ww_anchor_source source, const char *path, int fd,
                         int error, char *why, size_t why_size);

bool ww_anchor_seed_same(const struct ww_anchor_seed *a, const struct ww_anchor_seed *b);

/* Opens and reads it. */
bool ww_anchor_seed_load(struct ww_anchor_seed *seed, const struct ww_config *config,
                         const char *const *system, char *why, size_t why_size);

#endif
