#include "cli/doctor.h"

#include "daemon/config_load.h"
#include "daemon/listen_at.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* What a fault says, line by line. */
static void tell_fault(struct ww_doctor *d)
{
    const char *at = d->config_fault;
    while (*at != '\0') {
        size_t n = strcspn(at, "\n");
        ww_doctor_tell(d, WW_CHECK_CONFIG, WW_FINDING_FAIL, NULL, "%.*s", (int)n, at);
        ww_doctor_advise(d, "Mend that line; this says when it is right:");
        ww_doctor_command(d, "waxwingd -c %s --check", d->config_name);
        at += n + (at[n] == '\n');
    }
    ww_doctor_tell(d, WW_CHECK_DOCTOR, WW_FINDING_SKIP, NULL,
                   "nothing else was looked at, since the configuration says where to look");
}

static bool is_loopback(const char *listener)
{
    struct ww_listen_at at;
    const char *why;
    return !ww_listen_at_parse(listener, &at, &why) || ww_listen_at_is_local(&at);
}

static unsigned check_metrics(struct ww_doctor *d)
{
    unsigned found = 0;
    for (size_t i = 0; d->config->metrics != NULL && d->config->metrics[i] != NULL; i++) {
        if (is_loopback(d->config->metrics[i]))
            continue;
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "metrics",
                       "%s is open to other machines, and tells anybody how much mail goes out",
                       d->config->metrics[i]);
        ww_doctor_advise(d, "Listen on 127.0.0.1 or ::1, or let a packet filter say who may ask.");
    }
    return found;
}

static unsigned check_listeners(struct ww_doctor *d)
{
    unsigned found = 0;
    bool unix_socket = false;
    for (size_t i = 0; d->config->listen[i] != NULL; i++) {
        const char *listener = d->config->listen[i];
        unix_socket = unix_socket || strncmp(listener, "unix:", 5) == 0;
        if (is_loopback(listener))
            continue;
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "listen",
                       "%s is open to other machines, and the protocol has neither encryption nor passwords",
                       listener);
        ww_doctor_advise(
            d, "Listen on 127.0.0.1, ::1 or a Unix socket, or let a packet filter say who may ask.");
    }
    if (!unix_socket && (d->config->socket_owner != NULL || d->config->socket_group != NULL)) {
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "socket_owner, socket_group",
                       "has no effect: there is no Unix socket in listen");
        ww_doctor_advise(
            d, "Add one to listen, such as \"unix:/var/spool/postfix/waxwing/socketmap\", or remove it.");
    }
    return found;
}

/* Prefixes that let a policy host lead a fetch anywhere. */
static unsigned check_guard(struct ww_doctor *d)
{
    unsigned found = 0;
    for (size_t i = 0; i < d->config->fetch_allow_count; i++) {
        const struct ww_prefix *p = &d->config->fetch_allow[i];
        char text[WW_ADDR_TEXT_SIZE];
        if (p->bits >= 8)
            continue;
        found++;
        ww_addr_format(&p->addr, text);
        ww_doctor_tell(
            d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "fetch.allow_addresses",
            "%s/%u takes the guard away: any domain can make this machine connect to its own network", text,
            p->bits);
        ww_doctor_advise(d, "Name the addresses of your own policy hosts alone.");
    }
    return found;
}

/* What was meant for a time, and is over. */
static unsigned check_overrides(struct ww_doctor *d)
{
    unsigned found = 0;
    int64_t now = time(NULL);
    for (size_t i = 0; i < d->config->override_count; i++) {
        const struct ww_override *o = &d->config->overrides[i];
        if (ww_override_counts(o, now))
            continue;
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "override",
                       "that of %s has no effect any more: it has ended", o->key);
        ww_doctor_advise(d, "Remove it, or give it another end.");
    }
    return found;
}

static unsigned check_modes(struct ww_doctor *d)
{
    const struct ww_config *c = d->config;
    unsigned found = 0;
    if (c->dry_run) {
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "dry_run",
                       "no policy is enforced: each look-up is answered with not found");
        ww_doctor_advise(
            d, "Remove \"dry_run = true\" when the log shows that nothing would be held by mistake.");
    }
    if (!c->confine) {
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "confine",
                       "the roles that read what strangers send keep all their rights");
        ww_doctor_advise(d, "Remove \"confine = false\" when the reason for it has gone.");
    }
    if (c->log_level == WW_LOG_DEBUG) {
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "log_level",
                       "debug logs every look-up, which is much where there is much mail");
        ww_doctor_advise(d, "Set log_level = \"info\" when the search is over.");
    }
    if (c->dns_forward_count > 0 && c->dns_root_hints != NULL) {
        found++;
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_WARN, "dns.root_hints",
                       "has no effect: questions go to dns.forward");
        ww_doctor_advise(d, "Remove one of the two.");
    }
    return found;
}

void ww_doctor_config(struct ww_doctor *d)
{
    if (d->config == NULL) {
        tell_fault(d);
        return;
    }
    bool there = access(d->config_name, F_OK) == 0;
    ww_doctor_tell(d, WW_CHECK_CONFIG, WW_FINDING_OK, NULL,
                   there ? "%s has no error" : "there is no %s: all settings have their defaults",
                   d->config_name);
    if (check_listeners(d) + check_metrics(d) + check_guard(d) + check_overrides(d) + check_modes(d) == 0)
        ww_doctor_tell(d, WW_CHECK_CONFIG_SETTINGS, WW_FINDING_OK, NULL,
                       "every setting has an effect, and none is risky");
}
