/*
 * What `waxwing report ingest` is given, one report or mail after the other: files, mboxes, maildirs, other
 * directories, standard input. Only one is in memory, and no more of it than it may have.
 */
#ifndef WW_CLI_INGEST_SOURCE_H
#define WW_CLI_INGEST_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ww_ingest_item {
    char *octets;
    size_t n;
    char *name; /* "/var/mail/x:3" is the third of an mbox */
    char *path; /* of the file that holds this and nothing else; NULL: there is none */
    bool maildir;
};

enum ww_ingest_got {
    WW_INGEST_ITEM,
    WW_INGEST_BAD, /* item has the name alone, and *why (static, or strerror's) tells */
    WW_INGEST_END,
};

struct ww_ingest_source;

/* paths are borrowed; "-" is standard input. max: octets of one report or mail. NULL when memory is short. */
struct ww_ingest_source *ww_ingest_source_new(char *const *paths, size_t count, size_t max);
void ww_ingest_source_free(struct ww_ingest_source *source);

/* item is the caller's then, to be cleared in any case. */
enum ww_ingest_got ww_ingest_source_next(struct ww_ingest_source *source, struct ww_ingest_item *item,
                                         const char **why);
void ww_ingest_item_clear(struct ww_ingest_item *item);

/* How many files there are, mboxes as one each; 0: that is not known. */
uint64_t ww_ingest_source_count(char *const *paths, size_t count);

/* A file of a maildir is marked as seen: it goes to cur, with the flag S. False with errno set. */
bool ww_ingest_item_seen(const struct ww_ingest_item *item);

#endif
