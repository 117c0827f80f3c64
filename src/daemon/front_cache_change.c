#include "daemon/front_cache_private.h"

#include <stdlib.h>
#include <time.h>

/* Refreshes at a time; control asks for far fewer. */
#define REFRESHES_MAX 4096

/* A purge that waits for the store. */
struct ww_cache_purge {
    struct ww_keeper_wait wait;
    struct ww_cache_asked *asked;
    struct ww_question_ref ref;
    struct ww_msg_cache_purged told;
    LIST_ENTRY(ww_cache_purge) link;
};

struct ww_cache_refresh {
    struct ww_recheck recheck;
    struct ww_cache_asked *asked;
    struct ww_question_ref ref;
    bool known;
    struct ww_cache_item before; /* its domain is set, known or not */
    LIST_ENTRY(ww_cache_refresh) link;
};

static void tell_purged(struct ww_cache_asked *a, struct ww_question_ref ref,
                        const struct ww_msg_cache_purged *told)
{
    struct ww_buf b = ww_buf(a->message, sizeof a->message);
    ww_msg_put_cache_purged(&b, told);
    ww_asked_tell(a->asked, ref, ww_slice(b.p, b.n), false);
}

static void on_stored(struct ww_keeper_wait *wait, enum ww_err trouble)
{
    struct ww_cache_purge *p = (struct ww_cache_purge *)wait;
    if (p->told.store == WW_OK)
        p->told.store = trouble;
    tell_purged(p->asked, p->ref, &p->told);
    LIST_REMOVE(p, link);
    free(p);
}
_Static_assert(offsetof(struct ww_cache_purge, wait) == 0, "on_stored casts");

/* Answers when all that was done so far is durable. */
static void answer_when_stored(struct ww_cache_asked *a, struct ww_question_ref ref,
                               const struct ww_msg_cache_purged *told)
{
    struct ww_cache_purge *p = calloc(1, sizeof *p);
    if (p == NULL) {
        ww_asked_fail(a->asked, ref, WW_E_NO_MEMORY);
        return;
    }
    p->asked = a;
    p->ref = ref;
    p->told = *told;
    p->wait.done = on_stored;
    LIST_INSERT_HEAD(&a->purges, p, link);
    ww_front_keeper_wait(a->parts.keeper, &p->wait);
}

void ww_cache_asked_end_purges(struct ww_cache_asked *a)
{
    struct ww_cache_purge *p;
    while ((p = LIST_FIRST(&a->purges)) != NULL) {
        ww_front_keeper_stop_waiting(a->parts.keeper, &p->wait);
        LIST_REMOVE(p, link);
        free(p);
    }
}

static void forget_stored(struct ww_cache_asked *a, const char *domain, struct ww_msg_cache_purged *told)
{
    if (!ww_front_keeper_forget(a->parts.keeper, domain))
        told->store = WW_E_CHAN_FULL;
}

static void purge(struct ww_cache_asked *a, const char *domain, bool force, struct ww_msg_cache_purged *told)
{
    struct ww_front_name name = ww_front_name(a->parts.key, domain);
    const struct ww_cache_entry *entry = ww_cache_find(a->parts.cache, &name);
    bool enforced = entry != NULL && entry->life.mode == WW_MODE_ENFORCE &&
                    ww_life_has_policy(&entry->life, (int64_t)time(NULL));
    if (enforced && !force) {
        told->refused++;
        return;
    }
    told->enforced += enforced;
    told->forgotten += entry != NULL;
    told->unknown += entry == NULL;
    ww_cache_forget(a->parts.cache, &name);
    forget_stored(a, domain, told);
}

void ww_cache_asked_purge(struct ww_cache_asked *a, struct ww_slice payload, struct ww_question_ref ref)
{
    struct ww_msg_cache_purge m;
    struct ww_msg_cache_purged told = {.store = WW_OK};
    struct ww_msg_cache_domain domain;
    struct ww_slice part;
    enum ww_err err = ww_msg_get_cache_purge(payload, &m);
    struct ww_cursor c = ww_cursor(m.domains.p, m.domains.n);
    while (err == WW_OK && ww_msg_next_part(&c, &part)) {
        err = ww_msg_get_cache_domain(part, &domain);
        if (err == WW_OK)
            purge(a, domain.domain, m.force, &told);
    }
    if (err != WW_OK || c.failed) {
        ww_asked_fail(a->asked, ref, WW_E_MSG_MALFORMED);
        return;
    }
    if (m.all_stored)
        forget_stored(a, "", &told);
    answer_when_stored(a, ref, &told);
}

/* What is known of the domain, without its body; false when that is nothing. */
static bool find_item(struct ww_cache_asked *a, const char *domain, struct ww_cache_item *item)
{
    struct ww_front_name name = ww_front_name(a->parts.key, domain);
    const struct ww_cache_entry *entry = ww_cache_find(a->parts.cache, &name);
    if (entry != NULL)
        ww_cache_item_of(a, entry, false, item);
    return entry != NULL;
}

static void end_refresh(struct ww_cache_refresh *r)
{
    LIST_REMOVE(r, link);
    r->asked->refresh_count--;
    free(r);
}

static void on_ended(struct ww_recheck *recheck, const struct ww_discovery_result *result)
{
    struct ww_cache_refresh *r = (struct ww_cache_refresh *)recheck;
    struct ww_cache_asked *a = r->asked;
    struct ww_cache_item after;
    struct ww_msg_cache_refreshed told = {.outcome = result->outcome, .why = result->why};
    memcpy(told.detail, result->detail, sizeof told.detail);
    if (r->known)
        told.before = ww_cache_item_written(a, &r->before);
    struct ww_buf kept = ww_buf(a->items, sizeof a->items);
    ww_buf_slice(&kept, told.before); /* a->item is written to again */
    told.before = ww_slice(kept.p, kept.n);
    if (find_item(a, r->before.domain, &after))
        told.after = ww_cache_item_written(a, &after);
    struct ww_buf b = ww_buf(a->message, sizeof a->message);
    ww_msg_put_cache_refreshed(&b, &told);
    ww_asked_tell(a->asked, r->ref, ww_slice(b.p, b.n), false);
    end_refresh(r);
}
_Static_assert(offsetof(struct ww_cache_refresh, recheck) == 0, "on_ended casts");

void ww_cache_asked_refresh(struct ww_cache_asked *a, struct ww_slice payload, struct ww_question_ref ref)
{
    struct ww_msg_cache_domain m;
    if (ww_msg_get_cache_domain(payload, &m) != WW_OK) {
        ww_asked_fail(a->asked, ref, WW_E_MSG_MALFORMED);
        return;
    }
    struct ww_cache_refresh *r = a->refresh_count < REFRESHES_MAX ? calloc(1, sizeof *r) : NULL;
    if (r == NULL) {
        ww_asked_fail(a->asked, ref, WW_E_RESOLVER_BUSY);
        return;
    }
    r->asked = a;
    r->ref = ref;
    r->recheck.ended = on_ended;
    r->known = find_item(a, m.domain, &r->before);
    memcpy(r->before.domain, m.domain, sizeof m.domain);
    LIST_INSERT_HEAD(&a->refreshes, r, link);
    a->refresh_count++;
    if (ww_lookup_recheck(a->lookup, m.domain, &r->recheck))
        return;
    end_refresh(r);
    ww_asked_fail(a->asked, ref, WW_E_RESOLVER_BUSY);
}

void ww_cache_asked_end_refreshes(struct ww_cache_asked *a)
{
    struct ww_cache_refresh *r;
    while ((r = LIST_FIRST(&a->refreshes)) != NULL) {
        ww_lookup_recheck_cancel(&r->recheck);
        end_refresh(r);
    }
}
