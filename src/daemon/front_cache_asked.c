#include "daemon/front_cache_private.h"

#include <stdlib.h>
#include <time.h>

/* One answer keeps the front from its look-ups for no longer than this takes. */
#define PAGE_ITEMS 256
#define PAGE_PARTS 4096
#define PAGE_OCTETS ((size_t)48 * 1024)

struct ww_cache_asked *ww_cache_asked_new(struct ww_asked *asked, struct ww_lookup *lookup)
{
    struct ww_cache_asked *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->asked = asked;
    a->lookup = lookup;
    a->parts = ww_lookup_parts(lookup);
    LIST_INIT(&a->purges);
    LIST_INIT(&a->refreshes);
    return a;
}

void ww_cache_asked_free(struct ww_cache_asked *cache_asked)
{
    if (cache_asked == NULL)
        return;
    ww_cache_asked_end_purges(cache_asked);
    ww_cache_asked_end_refreshes(cache_asked);
    free(cache_asked);
}

void ww_cache_item_of(const struct ww_cache_asked *a, const struct ww_cache_entry *entry, bool with_body,
                      struct ww_cache_item *item)
{
    const char *domain = ww_cache_domain(entry);
    const char *detail = ww_cache_detail(entry);
    struct ww_front_name name = ww_front_name(a->parts.key, domain);
    item->life = entry->life;
    item->used = (int64_t)entry->used_at;
    item->in_flight = ww_flights_find(a->parts.flights, &name) != NULL;
    item->body = with_body ? ww_cache_body(entry) : ww_slice(NULL, 0);
    memcpy(item->domain, domain, strlen(domain) + 1);
    memcpy(item->detail, detail, strlen(detail) + 1);
}

struct ww_slice ww_cache_item_written(struct ww_cache_asked *a, const struct ww_cache_item *item)
{
    struct ww_buf b = ww_buf(a->item, sizeof a->item);
    ww_msg_put_cache_item(&b, item);
    return ww_slice(b.p, b.failed ? 0 : b.n);
}

/* A page that is being filled. */
struct page {
    struct ww_cache_asked *a;
    struct ww_question_ref ref;
    bool bodies;
    struct ww_buf items;
    size_t octets; /* of all pieces */
    size_t count;
};

static void send_piece(struct page *page, uint32_t next, bool more)
{
    struct ww_cache_asked *a = page->a;
    const struct ww_msg_cache_page m = {next, ww_slice(page->items.p, page->items.n)};
    struct ww_buf b = ww_buf(a->message, sizeof a->message);
    ww_msg_put_cache_page(&b, &m);
    ww_asked_tell(a->asked, page->ref, ww_slice(b.p, b.n), more);
    page->octets += page->items.n;
    page->items.n = 0;
}

static void add_item(void *ctx, struct ww_cache_entry *entry)
{
    struct page *page = ctx;
    struct ww_cache_item item;
    ww_cache_item_of(page->a, entry, page->bodies, &item);
    struct ww_slice written = ww_cache_item_written(page->a, &item);
    if (written.n + sizeof(uint32_t) > page->items.cap - page->items.n)
        send_piece(page, 0, true);
    ww_msg_put_part(&page->items, written);
    page->count++;
}

void ww_cache_asked_list(struct ww_cache_asked *a, struct ww_slice payload, struct ww_question_ref ref)
{
    struct ww_msg_cache_list m;
    if (ww_msg_get_cache_list(payload, &m) != WW_OK || m.place > WW_CACHE_PARTS) {
        ww_asked_fail(a->asked, ref, WW_E_MSG_MALFORMED);
        return;
    }
    struct page page = {.a = a, .ref = ref, .bodies = m.bodies, .items = ww_buf(a->items, sizeof a->items)};
    uint32_t end = m.place + PAGE_PARTS < WW_CACHE_PARTS ? m.place + PAGE_PARTS : WW_CACHE_PARTS;
    uint32_t at = m.place;
    while (at < end && page.count < PAGE_ITEMS && page.octets + page.items.n < PAGE_OCTETS)
        ww_cache_visit(a->parts.cache, at++, add_item, &page);
    send_piece(&page, at < WW_CACHE_PARTS ? at : WW_CACHE_LIST_END, false);
}

static void explain(struct ww_cache_asked *a, const char *domain, struct ww_question_ref ref)
{
    struct ww_question question = {.map = WW_MAP_EXPLAIN};
    char *room = malloc(WW_ANSWER_ROOM);
    if (room == NULL) {
        ww_asked_fail(a->asked, ref, WW_E_NO_MEMORY);
        return;
    }
    memcpy(question.domain, domain, strlen(domain) + 1);
    struct ww_buf b = ww_buf(room, WW_ANSWER_ROOM);
    ww_lookup_explain(a->lookup, &question, &b);
    for (size_t at = 0, n; at < b.n; at += n) {
        n = b.n - at < WW_ASKED_MAX ? b.n - at : WW_ASKED_MAX;
        ww_asked_tell(a->asked, ref, ww_slice(b.p + at, n), at + n < b.n);
    }
    free(room);
}

/* The preload list names a domain that no look-up has asked for. */
static void item_of_nobody(const struct ww_cache_asked *a, const struct ww_front_name *name,
                           struct ww_cache_item *item)
{
    memset(item, 0, sizeof *item);
    memcpy(item->domain, name->domain, name->n);
    item->in_flight = ww_flights_find(a->parts.flights, name) != NULL;
}

void ww_cache_asked_show(struct ww_cache_asked *a, struct ww_slice payload, struct ww_question_ref ref)
{
    struct ww_msg_cache_domain m;
    struct ww_cache_item item;
    if (ww_msg_get_cache_domain(payload, &m) != WW_OK) {
        ww_asked_fail(a->asked, ref, WW_E_MSG_MALFORMED);
        return;
    }
    struct ww_front_name name = ww_front_name(a->parts.key, m.domain);
    const struct ww_cache_entry *entry = ww_cache_find(a->parts.cache, &name);
    if (entry == NULL && !ww_lookup_lists(a->lookup, m.domain)) {
        ww_asked_fail(a->asked, ref, WW_E_NOT_KNOWN);
        return;
    }
    if (entry != NULL)
        ww_cache_item_of(a, entry, true, &item);
    else
        item_of_nobody(a, &name, &item);
    ww_asked_tell(a->asked, ref, ww_cache_item_written(a, &item), true);
    explain(a, m.domain, ref);
}

bool ww_cache_asked_take(struct ww_cache_asked *cache_asked, const struct ww_msg_ask *ask,
                         struct ww_question_ref ref)
{
    switch ((int)ask->what) {
    case WW_ASK_CACHE_LIST:
        ww_cache_asked_list(cache_asked, ask->payload, ref);
        return true;
    case WW_ASK_CACHE_SHOW:
        ww_cache_asked_show(cache_asked, ask->payload, ref);
        return true;
    case WW_ASK_CACHE_REFRESH:
        ww_cache_asked_refresh(cache_asked, ask->payload, ref);
        return true;
    case WW_ASK_CACHE_PURGE:
        ww_cache_asked_purge(cache_asked, ask->payload, ref);
        return true;
    case WW_ASK_CACHE_IMPORT:
        ww_cache_asked_import(cache_asked, ask->payload, ref);
        return true;
    default:
        return false;
    }
}
