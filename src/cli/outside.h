/*
 * DNS and HTTPS to strangers, as the daemon has them, on a loop of their own and with a resolver's rights:
 * for the commands that look by themselves, which root calls as well. In a process of its own, see worker.h.
 */
#ifndef WW_CLI_OUTSIDE_H
#define WW_CLI_OUTSIDE_H

#include "daemon/discoverer.h"
#include "daemon/trust.h"
#include "drive/addresses.h"

struct ww_outside {
    struct ww_config config; /* a copy of the top: the lists are borrowed, the deadlines may be lowered */
    struct event_base *base;
    struct ww_trust trust;
    struct ww_discoverer with;
    size_t pending; /* what is under way */
    enum ww_dns_health health;
    char health_detail[WW_DNS_DETAIL_SIZE];
};

/* Opens all that needs files. False: *detail (static) says why, and nothing is left open. */
bool ww_outside_open(struct ww_outside *outside, const struct ww_config *config, const char **detail);
void ww_outside_close(struct ww_outside *outside);

/*
 * Gives up the rights of the process for good (confine.h), but those to connect. False: *detail (static) says
 * what could not be given up.
 */
bool ww_outside_give_up(const struct ww_config *config, const char **detail);

/* The same; then has DNS tested, which sets health. */
bool ww_outside_confine(struct ww_outside *outside, const char **detail);

/* Something has begun; it has ended. */
void ww_outside_begin(struct ww_outside *outside);
void ww_outside_end(struct ww_outside *outside);
/* Until all that has begun has ended. */
void ww_outside_run(struct ww_outside *outside);

/* The addresses of a host, as a policy host's are found. */
struct ww_addresses *ww_outside_find(struct ww_outside *outside, const char *host, ww_addresses_cb *cb,
                                     void *ctx, enum ww_err *err);

#endif
