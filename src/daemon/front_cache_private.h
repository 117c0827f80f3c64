/* What the files that answer control about the cache share. */
#ifndef WW_DAEMON_FRONT_CACHE_PRIVATE_H
#define WW_DAEMON_FRONT_CACHE_PRIVATE_H

#include "daemon/front_cache_asked.h"
#include "proc/msg_cache.h"

LIST_HEAD(ww_cache_purges, ww_cache_purge);
LIST_HEAD(ww_cache_refreshes, ww_cache_refresh);

struct ww_cache_asked {
    struct ww_asked *asked;
    struct ww_lookup *lookup;
    struct ww_lookup_parts parts;
    struct ww_cache_purges purges; /* that wait for the store */
    struct ww_cache_refreshes refreshes;
    size_t refresh_count;
    char item[WW_CACHE_ITEM_MAX]; /* room to write in */
    char items[WW_ASKED_MAX - 16];
    char message[WW_ASKED_MAX];
};

/* What is known of the domain of the entry, in words of messages. The body is borrowed from it. */
void ww_cache_item_of(const struct ww_cache_asked *a, const struct ww_cache_entry *entry, bool with_body,
                      struct ww_cache_item *item);

/* The item as an octet string in a->item. */
struct ww_slice ww_cache_item_written(struct ww_cache_asked *a, const struct ww_cache_item *item);

/* One function for each question. */
typedef void ww_cache_asked_cb(struct ww_cache_asked *a, struct ww_slice payload, struct ww_question_ref ref);
ww_cache_asked_cb ww_cache_asked_list;
ww_cache_asked_cb ww_cache_asked_show;
ww_cache_asked_cb ww_cache_asked_refresh;
ww_cache_asked_cb ww_cache_asked_purge;
ww_cache_asked_cb ww_cache_asked_import;

void ww_cache_asked_end_purges(struct ww_cache_asked *a);
void ww_cache_asked_end_refreshes(struct ww_cache_asked *a);

#endif
