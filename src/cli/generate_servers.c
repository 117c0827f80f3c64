/* What the servers of a policy host are told, for one host each. */
#include "cli/generate.h"
#include "core/site_conf.h"

#include <stdio.h>

struct names {
    char host[WW_DNAME_SIZE + 8];
    char root[WW_SITE_CONF_FOLDER_SIZE];
};

static struct ww_site_conf site_of(const struct ww_generate *g, struct names *n)
{
    (void)snprintf(n->host, sizeof n->host, "mta-sts.%s", g->domain);
    if (g->root != NULL)
        (void)snprintf(n->root, sizeof n->root, "%s", g->root);
    else
        (void)snprintf(n->root, sizeof n->root, "/var/www/%s", n->host);
    return (struct ww_site_conf){.host = n->host, .root = n->root, .certificates = g->certificates};
}

void ww_generate_put_root(struct ww_buf *b, const struct ww_generate *g)
{
    struct names names = {.host = ""};
    ww_buf_str(b, site_of(g, &names).root);
}

void ww_generate_put_nginx(struct ww_buf *b, const struct ww_generate *g)
{
    struct names names = {.host = ""};
    const struct ww_site_conf site = site_of(g, &names);
    ww_site_conf_put_nginx(b, &site);
}

void ww_generate_put_caddy(struct ww_buf *b, const struct ww_generate *g)
{
    struct names names = {.host = ""};
    const struct ww_site_conf site = site_of(g, &names);
    ww_site_conf_put_caddy(b, &site);
}

void ww_generate_put_apache(struct ww_buf *b, const struct ww_generate *g)
{
    struct names names = {.host = ""};
    const struct ww_site_conf site = site_of(g, &names);
    ww_site_conf_put_apache(b, &site);
}
