#include "lib/remembered.h"

#include <stdlib.h>

struct ww_remembered_answer {
    TAILQ_ENTRY(ww_remembered_answer) link;
    int64_t until; /* on the clock that nobody sets */
    size_t n;
    char *text; /* behind the domain */
    char domain[];
};

void ww_remembered_init(struct ww_remembered *r, size_t most)
{
    TAILQ_INIT(&r->answers);
    r->count = 0;
    r->most = most;
}

static void forget(struct ww_remembered *r, struct ww_remembered_answer *a)
{
    TAILQ_REMOVE(&r->answers, a, link);
    r->count--;
    free(a);
}

void ww_remembered_clear(struct ww_remembered *r)
{
    while (!TAILQ_EMPTY(&r->answers))
        forget(r, TAILQ_FIRST(&r->answers));
}

static struct ww_remembered_answer *find(const struct ww_remembered *r, const char *domain)
{
    struct ww_remembered_answer *a = TAILQ_FIRST(&r->answers);
    while (a != NULL && strcmp(a->domain, domain) != 0)
        a = TAILQ_NEXT(a, link);
    return a;
}

/* An enforced policy counts until it expires, whatever fails (RFC 8461 section 3.3), and so does a list. */
static int64_t counts_until(const struct waxwing_decision *d)
{
    const struct ww_decision_text *t = &d->read;
    bool in_force = t->has_policy ? t->mode == WW_MODE_ENFORCE : t->source == WW_SOURCE_PRELOAD;
    bool enforced = in_force && t->mx_count > 0 && !t->mx_testing && !t->overridden;
    return enforced && t->expires > t->until ? t->expires : t->until;
}

void ww_remembered_put(struct ww_remembered *r, const char *domain, const struct waxwing_decision *d,
                       int64_t now, int64_t passed)
{
    struct ww_remembered_answer *a = find(r, domain);
    if (a != NULL)
        forget(r, a);
    int64_t until = counts_until(d);
    if (until <= now || r->most == 0)
        return;
    if (r->count >= r->most)
        forget(r, TAILQ_LAST(&r->answers, ww_remembered_list));
    size_t size = strlen(domain) + 1;
    struct ww_slice text = d->read.text;
    a = malloc(sizeof *a + size + text.n);
    if (a == NULL)
        return;
    memcpy(a->domain, domain, size);
    a->text = a->domain + size;
    memcpy(a->text, text.p, text.n);
    a->n = text.n;
    a->until = passed + (until - now);
    TAILQ_INSERT_HEAD(&r->answers, a, link);
    r->count++;
}

struct ww_slice ww_remembered_get(struct ww_remembered *r, const char *domain, int64_t passed)
{
    struct ww_remembered_answer *a = find(r, domain);
    if (a != NULL && a->until > passed)
        return ww_slice(a->text, a->n);
    if (a != NULL)
        forget(r, a);
    return ww_slice(NULL, 0);
}
