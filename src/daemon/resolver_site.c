#include "daemon/resolver_site.h"

#include <stdbool.h>

/* The second-level labels of country codes under which registries sell names. */
static const char *const shared[] = {
    "ac", "co",  "com", "edu", "gen", "go", "gob", "gov", "ltd",
    "me", "mil", "ne",  "net", "nom", "or", "org", "plc", "sch",
};

/* Cuts the last label off *rest; it is all of it when there is no dot. */
static struct ww_slice cut_label(struct ww_slice *rest)
{
    size_t start = rest->n;
    while (start > 0 && rest->p[start - 1] != '.')
        start--;
    struct ww_slice label = ww_slice(rest->p + start, rest->n - start);
    rest->n = start > 0 ? start - 1 : 0;
    return label;
}

static bool is_shared(struct ww_slice label)
{
    for (size_t i = 0; i < sizeof shared / sizeof shared[0]; i++)
        if (ww_slice_is(label, shared[i]))
            return true;
    return false;
}

struct ww_slice ww_site_of(struct ww_slice domain)
{
    struct ww_slice rest = domain;
    struct ww_slice top = cut_label(&rest);
    struct ww_slice site = cut_label(&rest);
    if (top.n == 2 && is_shared(site) && rest.n > 0)
        site = cut_label(&rest);
    return ww_slice(site.p, (size_t)(domain.p + domain.n - site.p));
}
