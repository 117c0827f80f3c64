/* What the publisher is told to serve. */
#include "daemon/keeper_publish_private.h"
#include "daemon/log.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* Domains read at a time, and how much may wait in the channel before reading pauses. */
#define PAGE 100
#define QUEUED_ENOUGH ((size_t)1 << 20)

/* A host and a certificate are wanted before there is a policy. One that is handed over is served until
 * nobody comes any more. */
static bool is_site(const struct ww_published *d, const struct ww_served *served)
{
    if (!ww_published_is_here(d))
        return served != NULL && d->here[0] != '\0';
    return served != NULL || d->goal == WW_GOAL_TESTING || d->goal == WW_GOAL_ENFORCE;
}

static void tell(struct ww_keeper_publish *k, enum ww_msg_type type, const struct ww_buf *b)
{
    struct ww_slice payload = b != NULL ? ww_slice(b->p, b->n) : ww_slice(NULL, 0);
    if (k->publisher == NULL)
        return;
    /* A publisher that does not take it is gone: the next one is told of all. */
    if ((b != NULL && b->failed) || ww_chan_send(k->publisher, (uint16_t)type, payload, -1) != WW_OK)
        ww_log_debug("not-told", "name", "publisher");
}

static void send_site(struct ww_keeper_publish *k, const struct ww_published *d,
                      const struct ww_served *served)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    struct ww_msg_site m = {.body = served != NULL ? served->body : ww_slice("", 0)};
    memcpy(m.domain, d->domain, sizeof m.domain);
    if (served != NULL)
        memcpy(m.id, served->id, sizeof m.id);
    ww_msg_put_site(&b, &m);
    tell(k, WW_MSG_SITE, &b);
}

struct page {
    struct ww_keeper_publish *k;
    size_t rows;
};

static void on_site(void *ctx, const struct ww_published *d, const struct ww_served *served)
{
    struct page *p = ctx;
    p->rows++;
    memcpy(p->k->told_after, d->domain, sizeof p->k->told_after);
    if (is_site(d, served))
        send_site(p->k, d, served);
}

static void owe(struct ww_keeper_publish *k)
{
    k->telling = false;
    k->owes = true;
}

/* A store that can only be read may lack what was written last: nothing is taken away on its word. */
static void end(struct ww_keeper_publish *k)
{
    k->telling = false;
    k->owes = ww_keeper_store_read_only(k->store);
    if (!k->owes)
        tell(k, WW_MSG_SITES_DONE, NULL);
}

void ww_keeper_publish_next_sites(struct ww_keeper_publish *k)
{
    const struct timeval at_once = {0};
    struct page p = {.k = k};
    if (!k->telling || k->publisher == NULL || ww_chan_queued(k->publisher) >= QUEUED_ENOUGH)
        return;
    struct ww_store *store = ww_keeper_store_to_read(k->store);
    enum ww_err err =
        store != NULL ? ww_publish_sites(store, k->told_after, PAGE, on_site, &p) : WW_E_STORE_FAILED;
    if (err != WW_OK) {
        owe(k);
        if (store != NULL)
            ww_keeper_store_failed(k->store, err);
    } else if (p.rows < PAGE) {
        end(k);
    } else if (event_add(k->page, &at_once) != 0) {
        owe(k);
    }
}

void ww_keeper_publish_tell_sites(struct ww_keeper_publish *k)
{
    if (k->publisher == NULL)
        return;
    k->telling = true;
    k->owes = false;
    k->told_after[0] = '\0';
    if (ww_keeper_store_to_read(k->store) == NULL) {
        owe(k);
        return;
    }
    tell(k, WW_MSG_SITES, NULL);
    ww_keeper_publish_next_sites(k);
}

static void send_gone(struct ww_keeper_publish *k, const char *domain)
{
    struct ww_buf b = ww_buf(k->message, sizeof k->message);
    struct ww_msg_site_gone m;
    (void)snprintf(m.domain, sizeof m.domain, "%s", domain);
    ww_msg_put_site_gone(&b, &m);
    tell(k, WW_MSG_SITE_GONE, &b);
}

void ww_keeper_publish_tell_site(struct ww_keeper_publish *k, struct ww_store *store, const char *domain)
{
    struct ww_served served[WW_PUBLISHED_SERVED_MAX] = {{.since = 0}};
    struct ww_published d;
    size_t count = 0;
    char *space = NULL;
    bool found = false;
    enum ww_err err = ww_publish_get(store, domain, &d, &found);
    if (err == WW_OK && found)
        err = ww_publish_served(store, domain, (int64_t)time(NULL), served, &count, &space);
    const struct ww_served *last = ww_published_own(served, count);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err); /* and when it is well, it is told of all */
        k->owes = true;
    } else if (found && is_site(&d, last)) {
        send_site(k, &d, last);
    } else {
        send_gone(k, domain);
    }
    free(space);
}

/* What is waited for may have come: it is looked at. */
void ww_keeper_publish_site_state(struct ww_keeper_publish *k, struct ww_store *store,
                                  const struct ww_msg_site_state *m)
{
    int64_t now = (int64_t)time(NULL);
    struct ww_published d;
    bool found = false;
    enum ww_err err = ww_publish_get(store, m->domain, &d, &found);
    if (err != WW_OK) {
        ww_keeper_store_failed(k->store, err);
        return;
    }
    bool unseen = found && m->id[0] != '\0' && strcmp(m->id, d.shown_id) != 0;
    bool certified = found && m->certificate_until > now && d.certificate_until <= now;
    if ((!unseen && !certified) || d.next_at <= now)
        return;
    err = ww_publish_set_due(store, d.domain, now);
    if (err != WW_OK)
        ww_keeper_store_failed(k->store, err);
    else
        ww_keeper_publish_changed(k);
}
