#include "daemon/steward_patience.h"

#include <stdlib.h>
#include <string.h>

struct tried {
    char domain[WW_DNAME_SIZE]; /* "": the place is free */
    unsigned what;
    unsigned times;
    uint64_t used;
};

struct ww_patience {
    uint64_t now; /* counts what was asked */
    struct tried tried[WW_PATIENCE_DOMAINS];
};

struct ww_patience *ww_patience_new(void)
{
    return calloc(1, sizeof(struct ww_patience));
}

void ww_patience_free(struct ww_patience *patience)
{
    free(patience);
}

static struct tried *find(struct ww_patience *p, const char *domain)
{
    struct tried *oldest = &p->tried[0];
    for (size_t i = 0; i < WW_PATIENCE_DOMAINS; i++) {
        struct tried *t = &p->tried[i];
        if (strcmp(t->domain, domain) == 0)
            return t;
        if (t->used < oldest->used)
            oldest = t;
    }
    *oldest = (struct tried){.times = 0};
    memcpy(oldest->domain, domain, strlen(domain) + 1);
    return oldest;
}

unsigned ww_patience_again(struct ww_patience *patience, const char *domain, unsigned what)
{
    struct tried *t = find(patience, domain);
    t->times = t->used != 0 && t->what == what ? t->times + 1 : 0;
    t->what = what;
    t->used = ++patience->now;
    return t->times;
}

int64_t ww_patience_seconds(unsigned before, int64_t first, int64_t last)
{
    int64_t seconds = first;
    for (unsigned i = 0; i < before && seconds < last; i++)
        seconds *= 2;
    return seconds < last ? seconds : last;
}
