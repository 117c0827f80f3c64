#include "check/mx_gather.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static struct ww_mx_gathered *find(struct ww_mx_gather *g, enum ww_check check, const char *seen)
{
    for (size_t i = 0; i < g->count; i++)
        if (g->all[i].check == check && strcmp(g->all[i].seen, seen) == 0)
            return &g->all[i];
    if (g->count == WW_MX_GATHER_MAX)
        return NULL;
    struct ww_mx_gathered *new = &g->all[g->count++];
    new->check = check;
    (void)snprintf(new->seen, sizeof new->seen, "%s", seen);
    (void)snprintf(new->where, sizeof new->where, "%s", g->host);
    return new;
}

/* "HOST [A, B]": what does not fit is not named. */
static void add_address(struct ww_mx_gathered *f, const struct ww_addr *addr)
{
    char text[WW_ADDR_TEXT_SIZE];
    size_t n = strlen(f->where);
    bool first = n == 0 || f->where[n - 1] != ']';
    ww_addr_format(addr, text);
    if (n + strlen(text) + sizeof " []" > sizeof f->where)
        return;
    if (!first)
        n--;
    (void)snprintf(f->where + n, sizeof f->where - n, "%s%s]", first ? " [" : ", ", text);
}

void ww_mx_gather(struct ww_mx_gather *gather, enum ww_check check, const struct ww_addr *addr,
                  const char *format, ...)
{
    char seen[WW_CHECK_SEEN_SIZE];
    va_list list;
    va_start(list, format);
    (void)vsnprintf(seen, sizeof seen, format, list);
    va_end(list);
    struct ww_mx_gathered *f = find(gather, check, seen);
    if (f != NULL && addr != NULL)
        add_address(f, addr);
}

void ww_mx_gather_end(struct ww_mx_gather *gather)
{
    for (size_t i = 0; i < gather->count; i++)
        ww_check_found(gather->report, gather->all[i].check, gather->all[i].where, "%s", gather->all[i].seen);
    gather->count = 0;
}
