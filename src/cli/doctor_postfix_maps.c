#include "cli/doctor_postfix.h"

#include "cli/may_connect.h"
#include "core/postfix_tables.h"
#include "daemon/listen_at.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_ROOM 4096

/* Our table among those that a service asks. */
struct place {
    bool found;
    struct ww_postfix_table table;
    struct ww_slice before; /* the last table before it; empty when it is the first */
    bool before_all;        /* a table before it has an answer for everything */
    struct ww_slice other;  /* a socketmap before or instead of it, of somebody else */
    char path[PATH_ROOM];   /* of a Unix socket, or "" */
};

static struct ww_slice queue_directory(const struct ww_doctor_postfix *p)
{
    return ww_postfix_main(&p->conf, "queue_directory");
}

static bool is_jailed(const struct ww_doctor_postfix *p, const struct ww_postfix_service *smtp, bool proxied)
{
    const char *rest = p->conf.services;
    struct ww_postfix_service proxy;
    if (!proxied)
        return smtp->jailed;
    return ww_postfix_next_service(&p->conf, "proxymap", &rest, &proxy) && proxy.jailed;
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;
    if (strcmp(a, b) == 0)
        return true;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* Port, and address or any address, of what we listen on. */
static bool takes(const struct ww_listen_at *ours, const struct addrinfo *theirs)
{
    struct ww_listen_at at = {.length = theirs->ai_addrlen};
    memcpy(&at.address, theirs->ai_addr, theirs->ai_addrlen);
    if (ww_listen_at_equal(ours, &at))
        return true;
    if (theirs->ai_family == AF_INET && ours->address.ss_family == AF_INET) {
        const struct sockaddr_in *in = (const void *)&ours->address;
        const struct sockaddr_in *wanted = (const void *)&at.address;
        return in->sin_addr.s_addr == INADDR_ANY && in->sin_port == wanted->sin_port;
    }
    if (theirs->ai_family == AF_INET6 && ours->address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const void *)&ours->address;
        const struct sockaddr_in6 *wanted = (const void *)&at.address;
        return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) && in6->sin6_port == wanted->sin6_port;
    }
    return false;
}

static bool is_our_address(const struct ww_config *config, struct ww_slice host, struct ww_slice port)
{
    char name[256];
    char number[16];
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *list = NULL;
    bool found = false;
    (void)snprintf(name, sizeof name, "%.*s", host.n > 0 ? (int)host.n : 9,
                   host.n > 0 ? host.p : "localhost");
    (void)snprintf(number, sizeof number, "%.*s", WW_SLICE_ARGS(port));
    if (getaddrinfo(name, number, &hints, &list) != 0)
        return false;
    for (const struct addrinfo *a = list; a != NULL; a = a->ai_next)
        for (size_t i = 0; config->listen[i] != NULL; i++) {
            struct ww_listen_at at;
            const char *why;
            found = found || (ww_listen_at_parse(config->listen[i], &at, &why) && takes(&at, a));
        }
    freeaddrinfo(list);
    return found;
}

static bool is_our_path(const struct ww_config *config, const char *path)
{
    for (size_t i = 0; config->listen[i] != NULL; i++)
        if (strncmp(config->listen[i], "unix:", 5) == 0 && is_same_file(config->listen[i] + 5, path))
            return true;
    return false;
}

static bool is_ours(const struct ww_doctor_postfix *p, const struct ww_postfix_service *smtp,
                    const struct ww_postfix_table *t, char path[PATH_ROOM])
{
    struct ww_slice host, port;
    path[0] = '\0';
    if (ww_postfix_server_inet(t->server, &host, &port))
        return is_our_address(p->d->config, host, port);
    /* Where it is looked for outside of the jail counts too: the fault is the jail then, not the name. */
    for (int jailed = 1; jailed >= 0; jailed--) {
        bool seen = jailed == 0 || is_jailed(p, smtp, t->proxied);
        if (seen && ww_postfix_server_path(t->server, queue_directory(p), jailed == 1, path, PATH_ROOM) &&
            is_our_path(p->d->config, path))
            return true;
    }
    return false;
}

static void find_ours(const struct ww_doctor_postfix *p, const struct ww_postfix_service *smtp,
                      struct ww_slice maps, struct place *out)
{
    struct ww_postfix_table t;
    memset(out, 0, sizeof *out);
    while (ww_postfix_tables_next(&maps, &t)) {
        if (t.socketmap && is_ours(p, smtp, &t, out->path)) {
            out->found = true;
            out->table = t;
            return;
        }
        if (t.socketmap)
            out->other = t.text;
        out->before = t.text;
        out->before_all = out->before_all || ww_slice_starts(t.text, "static:");
    }
}

/* What smtp_tls_policy_maps should be, by our first listener that Postfix can use. */
static void put_wanted(const struct ww_doctor_postfix *p, char *out, size_t size)
{
    const char *map = p->version >= WW_POSTFIX_TLSRPT ? "QUERYwithTLSRPT" : "QUERY";
    struct ww_slice queue = queue_directory(p);
    char *const *listen = p->d->config->listen;
    (void)snprintf(out, size, "socketmap:%s:%s", listen[0], map);
    for (size_t i = 0; listen[i] != NULL; i++) {
        struct ww_slice path = ww_slice_str(listen[i]);
        bool below = ww_slice_starts(path, "unix:") && path.n > queue.n + 6 && queue.n > 0 &&
                     strncmp(path.p + 5, queue.p, queue.n) == 0 && path.p[queue.n + 5] == '/';
        if (below)
            (void)snprintf(out, size, "socketmap:unix:%s:%s", path.p + queue.n + 6, map);
        else if (ww_slice_starts(path, "inet:"))
            (void)snprintf(out, size, "socketmap:%s:%s", path.p, map);
        else
            continue;
        return;
    }
}

static void advise_maps(const struct ww_doctor_postfix *p)
{
    char wanted[256];
    put_wanted(p, wanted, sizeof wanted);
    ww_doctor_command(p->d, "postconf -e 'smtp_tls_policy_maps = %s' && postfix reload", wanted);
}

static void tell_maps(const struct ww_doctor_postfix *p, const struct place *place, struct ww_slice maps)
{
    if (place->found) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_MAPS, WW_FINDING_OK, NULL,
                       "smtp_tls_policy_maps asks us by %.*s", WW_SLICE_ARGS(place->table.text));
        return;
    }
    if (maps.n == 0)
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_MAPS, WW_FINDING_FAIL, NULL,
                       "smtp_tls_policy_maps is empty: Postfix asks nobody for policies");
    else
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_MAPS, WW_FINDING_FAIL, NULL,
                       "nothing in smtp_tls_policy_maps leads to a listener of waxwingd: %.*s",
                       WW_SLICE_ARGS(maps));
    advise_maps(p);
}

static void tell_map_name(const struct ww_doctor_postfix *p, const struct place *place)
{
    struct ww_slice map = place->table.map;
    bool with_tlsrpt = ww_slice_is(map, "QUERYwithTLSRPT");
    bool reports = ww_slice_is(ww_postfix_main(&p->conf, "smtp_tlsrpt_enable"), "yes");
    if (!with_tlsrpt && !ww_slice_is(map, "QUERY")) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_MAP_NAME, WW_FINDING_FAIL, NULL,
                       "there is no map \"%.*s\": all mail is held", WW_SLICE_ARGS(map));
        advise_maps(p);
    } else if (with_tlsrpt && p->version < WW_POSTFIX_TLSRPT) {
        ww_doctor_tell(
            p->d, WW_CHECK_POSTFIX_MAP_NAME, WW_FINDING_FAIL, NULL,
            "QUERYwithTLSRPT is for Postfix 3.10 and later: this one holds mail to every domain with a "
            "policy");
        advise_maps(p);
    } else if (!with_tlsrpt && p->version >= WW_POSTFIX_TLSRPT) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_MAP_NAME, WW_FINDING_WARN, NULL,
                       "QUERY leaves out what this Postfix could use: %s",
                       reports ? "its TLS reports say that no policy was found"
                               : "it would hold MX names against the policy (3.10.5 and later)");
        advise_maps(p);
    } else {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_MAP_NAME, WW_FINDING_OK, NULL,
                       "%.*s is the map for this version of Postfix", WW_SLICE_ARGS(map));
    }
}

static void tell_order(const struct ww_doctor_postfix *p, const struct place *place)
{
    if (place->before.n == 0) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_ORDER, WW_FINDING_OK, NULL,
                       "no other table is asked before us");
    } else if (place->before_all) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_ORDER, WW_FINDING_FAIL, NULL,
                       "a static: table before us answers for every domain, so that we are never asked");
        advise_maps(p);
    } else if (place->other.n > 0) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_ORDER, WW_FINDING_WARN, NULL,
                       "%.*s is asked before us, and what it answers counts", WW_SLICE_ARGS(place->other));
        ww_doctor_advise(p->d, "One server of policies is enough:");
        advise_maps(p);
    } else {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_ORDER, WW_FINDING_OK, NULL,
                       "what stands in %.*s counts before what we say", WW_SLICE_ARGS(place->before));
    }
}

static void advise_path(const struct ww_doctor_postfix *p, const char *owner)
{
    struct ww_slice queue = queue_directory(p);
    ww_doctor_advise(p->d, "A socket below the queue directory works with a chroot and without one:");
    ww_doctor_command(p->d, "install -d -o %s -g %s -m 0750 %.*s/waxwing", p->d->config->user, owner,
                      WW_SLICE_ARGS(queue));
    ww_doctor_advise(p->d, "listen = {\"unix:%.*s/waxwing/socketmap\"} in %s, and then", WW_SLICE_ARGS(queue),
                     p->d->config_name);
    ww_doctor_command(p->d,
                      "systemctl reload waxwingd; postconf -e 'smtp_tls_policy_maps = "
                      "socketmap:unix:waxwing/socketmap:%s'; postfix reload",
                      p->version >= WW_POSTFIX_TLSRPT ? "QUERYwithTLSRPT" : "QUERY");
}

/* By which way smtp(8) goes there, and whether its user may. */
static void tell_reach(const struct ww_doctor_postfix *p, const struct place *place)
{
    char owner[64];
    char queue[PATH_ROOM];
    char seen[PATH_ROOM];
    char why[PATH_ROOM + 128];
    struct ww_person person;
    bool jailed = is_jailed(p, &p->smtp, place->table.proxied);
    (void)snprintf(owner, sizeof owner, "%.*s", WW_SLICE_ARGS(ww_postfix_main(&p->conf, "mail_owner")));
    (void)snprintf(queue, sizeof queue, "%.*s", WW_SLICE_ARGS(queue_directory(p)));
    if (!ww_postfix_server_path(place->table.server, queue_directory(p), jailed, seen, sizeof seen)) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_REACH, WW_FINDING_OK, NULL,
                       "smtp asks over TCP, chrooted or not");
        return;
    }
    if (!ww_person_find(owner, &person)) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_REACH, WW_FINDING_FAIL, NULL,
                       "there is no user %s (mail_owner)", owner);
        ww_doctor_command(p->d, "postfix check");
        return;
    }
    const char *root = jailed && strncmp(seen, queue, strlen(queue)) == 0 ? queue : "/";
    if (ww_may_connect(&person, root, seen, why, sizeof why)) {
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_REACH, WW_FINDING_OK, NULL, "user %s may connect to %s%s",
                       owner, seen, jailed ? ", within the chroot" : "");
        return;
    }
    ww_doctor_tell(p->d, WW_CHECK_POSTFIX_REACH, WW_FINDING_FAIL, NULL, "user %s%s cannot connect to %s: %s",
                   owner, jailed ? ", chrooted to the queue directory," : "", seen, why);
    advise_path(p, owner);
}

/* Services whose own list does not lead to us. */
static void tell_transports(const struct ww_doctor_postfix *p)
{
    const char *rest = p->conf.services;
    struct ww_postfix_service service;
    unsigned strays = 0;
    while (ww_postfix_next_service(&p->conf, "smtp", &rest, &service)) {
        struct place place;
        char name[128];
        find_ours(p, &service, ww_postfix_of_service(&p->conf, &service, "smtp_tls_policy_maps"), &place);
        if (place.found)
            continue;
        strays++;
        (void)snprintf(name, sizeof name, "%.*s/%.*s", WW_SLICE_ARGS(service.name),
                       WW_SLICE_ARGS(service.type));
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_TRANSPORT, WW_FINDING_WARN, name,
                       "it has an smtp_tls_policy_maps of its own in master.cf, which does not lead to us");
        ww_doctor_advise(p->d, "If that is not meant:");
        ww_doctor_command(p->d, "postconf -PX '%s/smtp_tls_policy_maps' && postfix reload", name);
    }
    if (strays == 0)
        ww_doctor_tell(p->d, WW_CHECK_POSTFIX_TRANSPORT, WW_FINDING_OK, NULL,
                       "no service in master.cf goes another way");
}

void ww_doctor_postfix_maps(struct ww_doctor_postfix *p)
{
    struct place place;
    struct ww_slice maps = ww_postfix_of_service(&p->conf, &p->smtp, "smtp_tls_policy_maps");
    find_ours(p, &p->smtp, maps, &place);
    tell_maps(p, &place, maps);
    if (!place.found)
        return;
    tell_map_name(p, &place);
    tell_order(p, &place);
    tell_reach(p, &place);
    tell_transports(p);
}
