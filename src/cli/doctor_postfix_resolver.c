#include "cli/doctor_postfix.h"

#include "cli/ask_ad.h"
#include "cli/doctor_net.h"
#include "cli/resolv_conf.h"
#include "core/dns_answer.h"
#include "daemon/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSTEM_FILE "/etc/resolv.conf"
#define FILE_MAX 16384
#define DOMAINS_MAX 4
#define PATIENCE_MS 2500

/* For the domains, of all resolvers together. */
#define PATIENCE_ALL_MS 20000

/* What Postfix itself asks for to see whether its resolver validates (postconf(5), dnssec_probe). */
#define ROOT "."
#define TYPE_NS 2

/* What our own validation says of the MX records of a domain. */
struct own {
    struct ww_outside *net;
    const char *domain;
    enum ww_dnssec dnssec;
};

struct look {
    struct ww_doctor_postfix *p;
    struct ww_resolv_conf conf;     /* as smtp reads it */
    bool local[WW_NAMESERVERS_MAX]; /* found out while there is the right to bind */
    char queue[1024];
    char file[1088]; /* where smtp reads it */
    struct own own[DOMAINS_MAX];
    size_t own_count;
    int64_t deadline;
};

/* A link is not followed: it leads elsewhere from within a jail. False: errno says why. */
static bool read_conf(const char *path, bool follow, struct ww_resolv_conf *out)
{
    char text[FILE_MAX];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
    ssize_t n = fd >= 0 ? read(fd, text, sizeof text) : -1;
    int saved = errno;
    if (fd >= 0)
        (void)close(fd);
    ww_resolv_conf_read(text, n > 0 ? (size_t)n : 0, out);
    errno = saved;
    return n >= 0;
}

static void advise_copy(const struct look *l)
{
    ww_doctor_command(l->p->d, "install -D -m 0644 " SYSTEM_FILE " %s && postfix reload", l->file);
}

/* smtp in its jail reads a copy, or with none asks 127.0.0.1. */
static void compare_with_system(const struct look *l, bool there, int error,
                                const struct ww_resolv_conf *system)
{
    struct ww_doctor *d = l->p->d;
    if (ww_resolv_conf_equal(&l->conf, system))
        return;
    if (there)
        ww_doctor_tell(d, WW_CHECK_POSTFIX_RESOLVER, WW_FINDING_WARN, l->file,
                       "smtp is chrooted and asks %s, but in " SYSTEM_FILE " stands %s",
                       l->conf.servers[0].text, system->servers[0].text);
    else
        ww_doctor_tell(d, WW_CHECK_POSTFIX_RESOLVER, WW_FINDING_FAIL, l->file,
                       "smtp is chrooted and finds no resolv.conf there (%s), so that it asks %s",
                       strerror(error), l->conf.servers[0].text);
    advise_copy(l);
}

static void find_resolvers(struct look *l)
{
    struct ww_resolv_conf system;
    struct ww_slice queue = ww_postfix_main(&l->p->conf, "queue_directory");
    bool jailed = l->p->smtp.jailed;
    (void)snprintf(l->queue, sizeof l->queue, "%.*s", WW_SLICE_ARGS(queue));
    (void)snprintf(l->file, sizeof l->file, "%s" SYSTEM_FILE, jailed ? l->queue : "");
    (void)read_conf(SYSTEM_FILE, true, &system);
    bool there = read_conf(l->file, !jailed, &l->conf);
    if (jailed)
        compare_with_system(l, there, errno, &system);
    for (size_t i = 0; i < l->conf.count; i++)
        l->local[i] = ww_nameserver_is_local(&l->conf.servers[i]);
}

static void on_own(void *ctx, const struct ww_dns_reply *reply)
{
    struct own *own = ctx;
    own->dnssec = reply->dnssec;
    ww_outside_end(own->net);
}

/* False: it was told why there is no validation of one's own. */
static bool validate(struct look *l)
{
    struct ww_outside net;
    const char *detail;
    enum ww_err err;
    if (!ww_doctor_net_open(&net, l->p->d->config, &detail)) {
        ww_doctor_tell(l->p->d, WW_CHECK_POSTFIX_RESOLVER, WW_FINDING_SKIP, NULL, "DNS cannot be set up: %s",
                       detail);
        return false;
    }
    for (; l->own_count < DOMAINS_MAX && l->p->d->domains[l->own_count] != NULL; l->own_count++) {
        struct own *own = &l->own[l->own_count];
        *own = (struct own){.net = &net, .domain = l->p->d->domains[l->own_count]};
        if (ww_dns_ask(net.with.dns, own->domain, WW_DNS_TYPE_MX, on_own, own, &err) != NULL)
            ww_outside_begin(&net);
    }
    ww_outside_run(&net);
    ww_outside_close(&net);
    return true;
}

/* Adds what is wrong with a resolver's answers on domains; false when nothing is. */
static bool judge_domains(const struct look *l, const struct ww_nameserver *server, char *out, size_t size)
{
    for (size_t i = 0; i < l->own_count && ww_clock_ms() < l->deadline; i++) {
        const struct own *own = &l->own[i];
        struct ww_ask_ad_reply reply;
        const char *words = NULL;
        if (own->dnssec == WW_DNSSEC_UNKNOWN)
            continue;
        ww_ask_ad((const struct sockaddr *)&server->address, server->length, own->domain, WW_DNS_TYPE_MX,
                  PATIENCE_MS, &reply);
        if (reply.why != NULL || reply.rcode != WW_DNS_NOERROR)
            continue;
        if (own->dnssec == WW_DNSSEC_INSECURE && reply.vouched)
            words = "vouches for what nobody has signed";
        else if (own->dnssec == WW_DNSSEC_BOGUS)
            words = "hands out what DNSSEC refuses";
        else if (own->dnssec == WW_DNSSEC_SECURE && !reply.vouched)
            words = "does not validate all that is signed";
        if (words != NULL) {
            (void)snprintf(out, size, "%s: the MX records of %s", words, own->domain);
            return true;
        }
    }
    return false;
}

/* Adds what is wrong with a resolver; false when nothing is. */
static bool judge_server(const struct look *l, const struct ww_nameserver *server, char *out, size_t size)
{
    struct ww_ask_ad_reply reply;
    ww_ask_ad((const struct sockaddr *)&server->address, server->length, ROOT, TYPE_NS, PATIENCE_MS, &reply);
    if (reply.why != NULL)
        (void)snprintf(out, size, "does not answer: %s", reply.why);
    else if (reply.rcode != WW_DNS_NOERROR)
        (void)snprintf(out, size, "fails on the root's own records: error code %u", reply.rcode);
    else if (!reply.vouched)
        (void)snprintf(out, size,
                       "does not validate: where Waxwing says dane-only the mail is held, dane works as may");
    else
        return judge_domains(l, server, out, size);
    return true;
}

static void command_local_resolver(const struct look *l)
{
    char copy[1200] = "";
    if (l->p->smtp.jailed)
        (void)snprintf(copy, sizeof copy, "install -D -m 0644 " SYSTEM_FILE " %s && ", l->file);
    ww_doctor_command(
        l->p->d,
        "apt-get install unbound && echo 'nameserver 127.0.0.1' > " SYSTEM_FILE " && %spostfix reload", copy);
}

static void tell_server(const struct look *l, size_t i, bool *advised)
{
    const struct ww_nameserver *server = &l->conf.servers[i];
    struct ww_doctor *d = l->p->d;
    char words[512];
    if (judge_server(l, server, words, sizeof words)) {
        ww_doctor_tell(d, WW_CHECK_POSTFIX_RESOLVER, WW_FINDING_FAIL, server->text, "Postfix's resolver %s",
                       words);
        ww_doctor_advise(
            d, "%s",
            *advised ? "What is said above helps here, too."
                     : "Run a resolver that validates on this machine (where a service writes " SYSTEM_FILE
                       ", tell that, too), or let Waxwing answer without DANE. Either line does:");
        if (!*advised) {
            command_local_resolver(l);
            ww_doctor_command_dane(d, "blind");
        }
        *advised = true;
    } else if (!l->local[i]) {
        ww_doctor_tell(
            d, WW_CHECK_POSTFIX_RESOLVER, WW_FINDING_WARN, server->text,
            "Postfix's resolver validates, but on another machine: whoever is on the way there can "
            "forge what Postfix believes");
        ww_doctor_advise(d, "If that is no network of your own, run one on this machine (where a service "
                            "writes " SYSTEM_FILE ", tell that, too):");
        command_local_resolver(l);
    } else {
        ww_doctor_tell(d, WW_CHECK_POSTFIX_RESOLVER, WW_FINDING_OK, server->text,
                       "Postfix's resolver validates, on this machine");
    }
}

void ww_doctor_postfix_resolver(struct ww_doctor_postfix *p)
{
    struct look l = {.p = p};
    bool advised = false;
    find_resolvers(&l);
    if (!validate(&l))
        return;
    l.deadline = ww_clock_ms() + PATIENCE_ALL_MS;
    for (size_t i = 0; i < l.conf.count; i++)
        tell_server(&l, i, &advised);
}
