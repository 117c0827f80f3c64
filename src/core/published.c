#include "core/published.h"

#include <string.h>

static const char *const states[] = {"draft", "testing", "enforce", "changing", "retiring", "gone"};
static const char *const goals[] = {"draft", "testing", "enforce", "retire"};
static const char *const hosts[] = {"here", "tree", "elsewhere", "mirror"};
static const char *const ways[] = {"hand", "update"};
static const char *const certificates[] = {"files", "acme"};

#define COUNT(names) (sizeof(names) / sizeof *(names))

static const char *name_of(const char *const *names, size_t count, unsigned i)
{
    return i < count ? names[i] : "unknown";
}

static bool find(const char *const *names, size_t count, const char *name, unsigned *out)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0) {
            *out = i;
            return true;
        }
    return false;
}

const char *ww_published_state_name(enum ww_published_state state)
{
    return name_of(states, COUNT(states), state);
}

const char *ww_published_goal_name(enum ww_published_goal goal)
{
    return name_of(goals, COUNT(goals), goal);
}

const char *ww_published_host_name(enum ww_published_host host)
{
    return name_of(hosts, COUNT(hosts), host);
}

const char *ww_published_dns_name(enum ww_published_dns dns)
{
    return name_of(ways, COUNT(ways), dns);
}

const char *ww_published_certificate_name(enum ww_published_certificate certificate)
{
    return name_of(certificates, COUNT(certificates), certificate);
}

bool ww_published_state_of(const char *name, enum ww_published_state *out)
{
    unsigned i;
    bool found = find(states, COUNT(states), name, &i);
    if (found)
        *out = (enum ww_published_state)i;
    return found;
}

bool ww_published_goal_of(const char *name, enum ww_published_goal *out)
{
    unsigned i;
    bool found = find(goals, COUNT(goals), name, &i);
    if (found)
        *out = (enum ww_published_goal)i;
    return found;
}

bool ww_published_host_of(const char *name, enum ww_published_host *out)
{
    unsigned i;
    bool found = find(hosts, COUNT(hosts), name, &i);
    if (found)
        *out = (enum ww_published_host)i;
    return found;
}

bool ww_published_dns_of(const char *name, enum ww_published_dns *out)
{
    unsigned i;
    bool found = find(ways, COUNT(ways), name, &i);
    if (found)
        *out = (enum ww_published_dns)i;
    return found;
}

bool ww_published_certificate_of(const char *name, enum ww_published_certificate *out)
{
    unsigned i;
    bool found = find(certificates, COUNT(certificates), name, &i);
    if (found)
        *out = (enum ww_published_certificate)i;
    return found;
}

size_t ww_published_first_own(const struct ww_served *served, size_t count)
{
    size_t i = 0;
    while (i < count && served[i].foreign)
        i++;
    return i;
}

const struct ww_served *ww_published_own(const struct ww_served *served, size_t count)
{
    const struct ww_served *last = count > 0 ? &served[count - 1] : NULL;
    return last != NULL && !last->foreign && last->until == 0 ? last : NULL;
}

const struct ww_served *ww_published_foreign(const struct ww_served *served, size_t count)
{
    for (size_t i = 0; i < count && served[i].foreign; i++)
        if (served[i].until == 0)
            return &served[i];
    return NULL;
}

bool ww_published_is_here(const struct ww_published *domain)
{
    return domain->host == WW_HOSTED_HERE || domain->host == WW_HOSTED_MIRROR;
}

bool ww_published_leads_here(const struct ww_published *domain)
{
    return !ww_published_is_here(domain) && domain->here[0] != '\0' && domain->here_gone_at == 0;
}
