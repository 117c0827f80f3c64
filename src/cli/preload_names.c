/* The domains that make looks at: names as somebody wrote them. */
#include "cli/input.h"
#include "cli/preload.h"
#include "codec/idn.h"

#include <stdlib.h>
#include <string.h>

bool ww_preload_findings_add(struct ww_preload_findings *all, const char *domain, const char *why)
{
    if (all->count == all->cap) {
        size_t cap = all->cap > 0 ? 2 * all->cap : 64;
        struct ww_preload_finding *found = reallocarray(all->found, cap, sizeof *found);
        if (found == NULL)
            return false;
        all->found = found;
        all->cap = cap;
    }
    struct ww_preload_finding *f = &all->found[all->count];
    *f = (struct ww_preload_finding){.domain = strdup(domain), .why = why != NULL ? strdup(why) : NULL};
    all->count++;
    return f->domain != NULL && (why == NULL || f->why != NULL);
}

static void finding_clear(struct ww_preload_finding *f)
{
    free(f->domain);
    free(f->mx);
    free(f->why);
}

void ww_preload_findings_free(struct ww_preload_findings *all)
{
    for (size_t i = 0; i < all->count; i++)
        finding_clear(&all->found[i]);
    free(all->found);
    *all = (struct ww_preload_findings){.found = NULL};
}

static bool take_name(struct ww_preload_findings *all, struct ww_slice name)
{
    char domain[WW_DNAME_SIZE], text[128];
    enum ww_err err = ww_idn_to_domain(name, domain);
    if (err == WW_OK)
        return ww_preload_findings_add(all, domain, NULL);
    size_t n = name.n < sizeof text - 1 ? name.n : sizeof text - 1;
    memcpy(text, name.p, n);
    text[n] = '\0';
    return ww_preload_findings_add(all, text, ww_err_message(err));
}

bool ww_preload_names_take(struct ww_preload_findings *all, struct ww_slice text)
{
    while (text.n > 0) {
        const char *newline = memchr(text.p, '\n', text.n);
        size_t n = newline != NULL ? (size_t)(newline - text.p) : text.n;
        const char *comment = memchr(text.p, '#', n);
        struct ww_slice name =
            ww_input_trim(ww_slice(text.p, comment != NULL ? (size_t)(comment - text.p) : n));
        if (name.n > 0 && !take_name(all, name))
            return false;
        n += newline != NULL ? 1 : 0;
        text = ww_slice(text.p + n, text.n - n);
    }
    return true;
}

bool ww_preload_names_take_list(struct ww_preload_findings *all, const struct ww_preload *list)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (!take_name(all, ww_preload_at(list, i).domain))
            return false;
    }
    return true;
}

static int by_domain(const void *a, const void *b)
{
    const struct ww_preload_finding *x = a, *y = b;
    return ww_preload_order(ww_slice_str(x->domain), ww_slice_str(y->domain));
}

void ww_preload_names_sort(struct ww_preload_findings *all)
{
    size_t kept = 0;
    if (all->count > 0)
        qsort(all->found, all->count, sizeof *all->found, by_domain);
    for (size_t i = 0; i < all->count; i++) {
        if (kept > 0 && by_domain(&all->found[kept - 1], &all->found[i]) == 0)
            finding_clear(&all->found[i]);
        else
            all->found[kept++] = all->found[i];
    }
    all->count = kept;
}
