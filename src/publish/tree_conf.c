#include "publish/tree_conf.h"

#include "core/dname.h"
#include "core/site_conf.h"
#include "publish/tree_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static const struct {
    const char *folder;
    const char *end; /* of the files in it */
    void (*put)(struct ww_buf *b, const struct ww_site_conf *s);
} servers[] = {
    {"nginx.conf.d", "conf", ww_site_conf_put_nginx},
    {"caddy.d", "caddy", ww_site_conf_put_caddy},
    {"apache.d", "conf", ww_site_conf_put_apache},
};

#define COUNT (sizeof servers / sizeof *servers)
#define FILE_SIZE (WW_DNAME_SIZE + 16)

static void put_name(size_t server, const char *host, char out[FILE_SIZE])
{
    (void)snprintf(out, FILE_SIZE, "%s.%s", host, servers[server].end);
}

static bool write_one(int top, size_t server, const struct ww_site_conf *site)
{
    char text[4096], name[FILE_SIZE];
    struct ww_buf b = ww_buf(text, sizeof text);
    servers[server].put(&b, site);
    put_name(server, site->host, name);
    errno = ENAMETOOLONG;
    if (b.failed)
        return false;
    int folder = ww_tree_open_below(top, servers[server].folder, true);
    bool good = folder >= 0 && ww_tree_write(folder, name, ww_slice(b.p, b.n));
    ww_tree_close(folder);
    return good;
}

/* NULL stays NULL. False: it is not one that all servers read the same way. */
static bool place(char out[WW_SITE_CONF_FOLDER_SIZE], const char *folder, const char *host)
{
    int n = folder != NULL ? snprintf(out, WW_SITE_CONF_FOLDER_SIZE, "%s/%s", folder, host) : 0;
    return folder == NULL || (n >= 0 && n < WW_SITE_CONF_FOLDER_SIZE && ww_site_conf_is_folder(out));
}

bool ww_tree_conf_put(const char *tree, const char *host, const char *certificates,
                      char detail[WW_TREE_DETAIL_SIZE])
{
    char root[WW_SITE_CONF_FOLDER_SIZE], in[WW_SITE_CONF_FOLDER_SIZE];
    const struct ww_site_conf site = {
        .host = host, .root = root, .certificates = certificates != NULL ? in : NULL};
    if (!place(root, tree, host) || !place(in, certificates, host)) {
        (void)snprintf(detail, WW_TREE_DETAIL_SIZE,
                       "web servers are told of a folder only when its path has "
                       "no more than letters, digits and -._");
        return false;
    }
    int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = top >= 0;
    for (size_t i = 0; good && i < COUNT; i++)
        good = write_one(top, i, &site);
    if (!good)
        (void)ww_tree_fail(detail, "what web servers are told cannot be written", host);
    ww_tree_close(top);
    return good;
}

static bool remove_one(int top, size_t server, const char *host)
{
    char name[FILE_SIZE];
    put_name(server, host, name);
    int folder = ww_tree_open_below(top, servers[server].folder, false);
    bool good = folder >= 0 ? unlinkat(folder, name, 0) == 0 || errno == ENOENT : errno == ENOENT;
    good = good && (folder < 0 || ww_tree_remove_empty(top, servers[server].folder));
    ww_tree_close(folder);
    return good;
}

bool ww_tree_conf_remove(const char *tree, const char *host, char detail[WW_TREE_DETAIL_SIZE])
{
    int top = open(tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = top >= 0 || errno == ENOENT;
    for (size_t i = 0; top >= 0 && good && i < COUNT; i++)
        good = remove_one(top, i, host);
    if (!good)
        (void)ww_tree_fail(detail, "what web servers are told cannot be removed", host);
    ww_tree_close(top);
    return good;
}
