/*
 * What control asks the front about the cache, and what the front tells. Encoders append to b (whose `failed`
 * tells of overflow); decoders fail with WW_E_MSG_MALFORMED, and what they give is borrowed from the payload.
 */
#ifndef WW_PROC_MSG_CACHE_H
#define WW_PROC_MSG_CACHE_H

#include "engine/life.h"
#include "proc/msg.h"

/* What is known of one domain. */
struct ww_cache_item {
    char domain[WW_DNAME_SIZE];
    struct ww_life life;
    int64_t used;   /* by a look-up; Unix seconds */
    bool in_flight; /* it is looked up now */
    char detail[WW_DISCOVERY_DETAIL_SIZE];
    struct ww_slice body; /* empty where it is not wanted */
};

/* An item may take so many octets. */
#define WW_CACHE_ITEM_MAX ((size_t)WW_POLICY_BODY_MAX + 1024)

void ww_msg_put_cache_item(struct ww_buf *b, const struct ww_cache_item *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_item(struct ww_slice payload, struct ww_cache_item *m);

/* WW_ASK_CACHE_LIST: from this place on, which is 0 at first. */
struct ww_msg_cache_list {
    uint32_t place;
    bool bodies; /* with the policies' bodies */
};
void ww_msg_put_cache_list(struct ww_buf *b, const struct ww_msg_cache_list *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_list(struct ww_slice payload, struct ww_msg_cache_list *m);

/*
 * The answer, in one or more pieces: parts (ww_msg_next_part), each an item. The last piece says at which
 * place to go on.
 */
#define WW_CACHE_LIST_END UINT32_MAX
struct ww_msg_cache_page {
    uint32_t next; /* WW_CACHE_LIST_END: that was all */
    struct ww_slice items;
};
void ww_msg_put_cache_page(struct ww_buf *b, const struct ww_msg_cache_page *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_page(struct ww_slice payload, struct ww_msg_cache_page *m);

/*
 * WW_ASK_CACHE_SHOW: the answer is an item as the first piece, and what the map EXPLAIN says, as a netstring,
 * in pieces; or WW_E_NOT_KNOWN. Of a domain that a preload list alone knows, the item is empty but for its
 * name. WW_ASK_CACHE_REFRESH: the answer is a ww_msg_cache_refreshed.
 */
struct ww_msg_cache_domain {
    char domain[WW_DNAME_SIZE]; /* canonical */
};
void ww_msg_put_cache_domain(struct ww_buf *b, const struct ww_msg_cache_domain *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_domain(struct ww_slice payload, struct ww_msg_cache_domain *m);

struct ww_msg_cache_refreshed {
    enum ww_discovery_outcome outcome;
    enum ww_err why;
    char detail[WW_DISCOVERY_DETAIL_SIZE];
    struct ww_slice before; /* an item without its body, or empty: nothing was known */
    struct ww_slice after;  /* the same */
};
void ww_msg_put_cache_refreshed(struct ww_buf *b, const struct ww_msg_cache_refreshed *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_refreshed(struct ww_slice payload,
                                                     struct ww_msg_cache_refreshed *m);

/* WW_ASK_CACHE_PURGE; without domains it is answered when all that was done before is durable. */
struct ww_msg_cache_purge {
    bool force;              /* also unexpired policies of mode enforce */
    bool all_stored;         /* the store forgets all that is not in memory, too; no domains */
    struct ww_slice domains; /* parts, each a canonical name */
};
void ww_msg_put_cache_purge(struct ww_buf *b, const struct ww_msg_cache_purge *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_purge(struct ww_slice payload, struct ww_msg_cache_purge *m);

struct ww_msg_cache_purged {
    uint32_t forgotten; /* were known */
    uint32_t enforced;  /* of them were unexpired and of mode enforce */
    uint32_t refused;   /* were so, and stay */
    uint32_t unknown;   /* were not known in memory; the store forgets them as well */
    enum ww_err store;  /* WW_OK: it is durable; else why the store has not forgotten yet */
};
void ww_msg_put_cache_purged(struct ww_buf *b, const struct ww_msg_cache_purged *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_purged(struct ww_slice payload, struct ww_msg_cache_purged *m);

/* WW_ASK_CACHE_IMPORT: policies are parts, each as ww_msg_put_policy writes it. */
struct ww_msg_cache_import {
    bool check; /* only say what would be done */
    struct ww_slice policies;
};
void ww_msg_put_cache_import(struct ww_buf *b, const struct ww_msg_cache_import *m);
WW_MUST_CHECK enum ww_err ww_msg_get_cache_import(struct ww_slice payload, struct ww_msg_cache_import *m);

/* The answer: for each policy in its order WW_OK, when it was taken, or the reason why not. */
void ww_msg_put_verdict(struct ww_buf *b, enum ww_err verdict);
/* False at the end, or with c->failed set. */
bool ww_msg_next_verdict(struct ww_cursor *c, enum ww_err *verdict);

#endif
