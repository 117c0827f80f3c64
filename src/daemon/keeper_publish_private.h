/* What the files of keeper_publish.h share. */
#ifndef WW_DAEMON_KEEPER_PUBLISH_PRIVATE_H
#define WW_DAEMON_KEEPER_PUBLISH_PRIVATE_H

#include "daemon/keeper_publish.h"
#include "daemon/pieces.h"
#include "proc/chan.h"
#include "proc/msg_order.h"
#include "proc/msg_publish.h"
#include "proc/msg_watch.h"
#include "store/store_publish.h"

#include <jansson.h>

struct event;

/* A domain that the steward has. */
struct ww_publish_given {
    char domain[WW_DNAME_SIZE];
    int64_t at;
    bool again;       /* it became due meanwhile */
    unsigned ordered; /* what the steward has asked for meanwhile, a bit for each enum ww_order, */
    bool failed;      /* and something of that did not come about */
};

/* What the steward has asked for and was not told of yet. */
struct ww_publish_order {
    uint64_t number; /* the keeper's; 0: the place is free */
    bool awaited;    /* the steward that has asked is still there */
    bool sent;       /* a clerk has it */
    unsigned given;  /* to so many, one after the other */
    struct ww_msg_order_ask ask;
};

struct ww_keeper_publish {
    struct event_base *base;
    struct ww_keeper_store *store;
    const struct ww_config *config;
    struct ww_stats *stats;
    ww_keeper_publish_raised *raised;
    void *ctx;
    struct ww_chan *steward; /* NULL while there is none */
    struct ww_chan *publisher;
    struct ww_chan *clerk;
    struct ww_publish_order orders[WW_ORDERS_MAX];
    uint64_t last_order;
    struct event *away; /* until orders are given up that no clerk comes for */
    unsigned room;      /* domains that the steward would take */
    struct ww_publish_given given[WW_STEWARD_MAX];
    size_t given_count;
    struct event *due, *page, *hour;
    bool telling;                   /* the publisher is being told of all sites, */
    char told_after[WW_DNAME_SIZE]; /* up to this one, */
    bool owes;                      /* and once more when the store is well */
    struct ww_pieces pieces;        /* of what the steward tells */
    char *octets;                   /* room for WW_MSG_TEND_MAX */
    struct ww_msg_tend tend;        /* that is about to be given */
    struct ww_msg_tended tended;    /* that has come */
    struct ww_msg_alert alert;
    char message[WW_CHAN_MESSAGE_MAX];
};

/* All that the roll-out of a domain is judged by. Too large for a stack. */
struct ww_publish_known {
    struct ww_published domain;
    size_t served_count, mx_count;
    struct ww_served served[WW_PUBLISHED_SERVED_MAX];
    struct ww_published_mx mx[WW_PUBLISHED_MX_MAX];
    enum ww_rollout_evidence evidence;
    char evidence_why[WW_PUBLISHED_WORDS_SIZE];
    struct ww_slice mirrored;
    char *bodies, *mirrored_bodies; /* that these borrow from */
};

/* ---- keeper_publish.c ---- */

/* Something is due at once. */
void ww_keeper_publish_changed(struct ww_keeper_publish *k);

/* The steward has it: since when; 0: it has not. */
int64_t ww_keeper_publish_given_at(const struct ww_keeper_publish *k, const char *domain);

/* NULL: the steward has it not. */
struct ww_publish_given *ww_keeper_publish_find_given(struct ww_keeper_publish *k, const char *domain);

/* ---- keeper_publish_orders.c ---- */

/* False: memory is short. */
bool ww_keeper_publish_orders_open(struct ww_keeper_publish *k);
void ww_keeper_publish_orders_close(struct ww_keeper_publish *k);

/* A (new) channel to the clerk. Owns fd. */
void ww_keeper_publish_clerk(struct ww_keeper_publish *k, int fd);

/* The steward asks for something: it is told what came of it, or why it is not done. */
void ww_keeper_publish_order_asked(struct ww_keeper_publish *k, const struct ww_msg_order_ask *ask);
/* It is gone. */
void ww_keeper_publish_order_steward_left(struct ww_keeper_publish *k);

/* ---- keeper_publish_order_due.c ---- */

/*
 * The order of that kind for known->domain, whose policies are known, but for its number; it borrows from
 * known. Not NULL: it is not to be done, and why not, in words.
 */
const char *ww_publish_order_make(const struct ww_publish_known *known, const struct ww_config *config,
                                  int64_t now, enum ww_order what, struct ww_msg_order *out);

/* ---- keeper_publish_known.c ---- */

/* With the policies and hosts of known->domain, which is set; and, of the second, all the rest. To be cleared
 * in any case. */
WW_MUST_CHECK enum ww_err ww_publish_known_policies(struct ww_store *store, int64_t now,
                                                    struct ww_publish_known *known);
WW_MUST_CHECK enum ww_err ww_publish_known_get(struct ww_store *store, int64_t now,
                                               struct ww_publish_known *known);
void ww_publish_known_clear(struct ww_publish_known *known);

/* The policy that is served now; NULL: none. */
const struct ww_served *ww_publish_known_served(const struct ww_publish_known *known);

/* As the engine wants to know it, as far as the keeper does. Borrows from known. */
struct ww_rollout ww_publish_known_rollout(const struct ww_publish_known *known,
                                           const struct ww_config *config, int64_t now);

/* ---- keeper_publish_take.c ---- */

/* Takes down what has come of a domain, all of it or nothing. `again`: it is due at once in any case; else
 * after `pause` seconds at the soonest. An error is what the store gave. */
WW_MUST_CHECK enum ww_err ww_keeper_publish_take(struct ww_keeper_publish *k, struct ww_store *store,
                                                 const struct ww_msg_tended *m, bool again, int64_t pause);

/* ---- keeper_publish_faults.c ---- */

/* Alerts of what is wrong now and was not before, and the other way round. In a transaction of the caller. */
WW_MUST_CHECK enum ww_err ww_keeper_publish_faults(struct ww_keeper_publish *k, struct ww_store *store,
                                                   const char *domain, const struct ww_msg_tended *m,
                                                   int64_t now);

/* ---- keeper_publish_sites.c ---- */

/* The publisher is there, or the store is well: it is told of all sites. */
void ww_keeper_publish_tell_sites(struct ww_keeper_publish *k);
/* The next of them, as long as they go out. */
void ww_keeper_publish_next_sites(struct ww_keeper_publish *k);

/* One domain is served otherwise, or not any more. */
void ww_keeper_publish_tell_site(struct ww_keeper_publish *k, struct ww_store *store, const char *domain);

/* How the publisher fares with a site. */
void ww_keeper_publish_site_state(struct ww_keeper_publish *k, struct ww_store *store,
                                  const struct ww_msg_site_state *m);

/* ---- keeper_publish_json.c ---- */

/* A row of publish-list; served may be NULL. given_at as ww_keeper_publish_given_at says. */
json_t *ww_publish_row_json(const struct ww_published *d, const struct ww_served *served, int64_t given_at);

/* All of publish-show. NULL: memory is short; or *err. */
json_t *ww_publish_show_json(struct ww_store *store, const struct ww_publish_known *known, int64_t given_at,
                             int64_t now, enum ww_err *err);

/* ---- keeper_publish_change.c ---- */

/* Adds, changes or removes a domain, or makes it due. WW_E_PUBLISH_REFUSED: why says why not, in words. */
WW_MUST_CHECK enum ww_err ww_keeper_publish_change(struct ww_keeper_publish *k, struct ww_store *store,
                                                   const struct ww_msg_publish_ask *ask, uint64_t *version,
                                                   char why[WW_PUBLISHED_WORDS_SIZE]);

#endif
