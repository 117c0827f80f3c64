/*
 * The messages between roles: types, payloads, and their encoding. Decoders check every length; strings
 * inside decoded structs are copied or borrowed as noted.
 */
#ifndef WW_PROC_MSG_H
#define WW_PROC_MSG_H

#include "base/buf.h"
#include "base/cursor.h"
#include "base/err.h"
#include "core/dane_survey.h"
#include "core/mx_hosts.h"
#include "core/override.h"
#include "core/stored_policy.h"
#include "engine/discovery.h"

enum ww_role_kind {
    WW_ROLE_SUPERVISOR,
    WW_ROLE_FRONT,
    WW_ROLE_RESOLVER,
    WW_ROLE_KEEPER,
    WW_ROLE_CONTROL,
    WW_ROLE_PRELOAD,   /* only where a preload list is configured */
    WW_ROLE_WATCHER,   /* inspects the watched domains */
    WW_ROLE_HERALD,    /* delivers their alerts; only where a way to do so is configured */
    WW_ROLE_COLLECTOR, /* takes the TLS results of MTAs, unless that is switched off */
    WW_ROLE_COURIER,   /* sends reports; only where it is configured who sends them */
    WW_ROLE_INTAKE,    /* takes in the reports of others, unless that is switched off */
    WW_ROLE_DECODER,   /* reads what the intake was given, without any rights */
    WW_ROLE_PUBLISHER, /* serves policies; only where some are published */
    WW_ROLE_STEWARD,   /* tends to the published domains: looks, and says what comes next */
    WW_ROLE_CLERK, /* changes DNS, has certificates made and files written for them, as the keeper orders */
    WW_ROLE_COUNT,
};

/* "front", … */
const char *ww_role_kind_name(enum ww_role_kind kind);

/* What a role's process is called in the log and among processes: "front", "resolver-0". */
#define WW_ROLE_NAME_SIZE 24
void ww_role_name(enum ww_role_kind kind, unsigned index, char out[WW_ROLE_NAME_SIZE]);

enum ww_msg_type {
    /* supervisor to role */
    WW_MSG_PEER = 1, /* ww_msg_peer + a channel's descriptor; a later one for the same peer replaces it */
    WW_MSG_LISTENER, /* ww_msg_listener + descriptor of a listening socket */
    WW_MSG_LISTENER_GONE, /* ww_msg_listener: accept on it no more */
    WW_MSG_RELOAD,        /* a configuration's descriptor: take over what can be */
    WW_MSG_STOP,          /* empty: finish and exit 0 */
    WW_MSG_ROLES,         /* ww_msg_roles, to control: how all roles are, after each change */
    /* role to supervisor */
    WW_MSG_READY, /* empty: initialised and confined */
    /* front to resolver, and back */
    WW_MSG_RESOLVE = 16, /* ww_msg_resolve */
    WW_MSG_RESOLVED,     /* ww_msg_resolved: the MTA-STS part of a flight has ended */
    WW_MSG_MX,           /* ww_msg_mx: which hosts take a domain's mail? */
    WW_MSG_MX_HOSTS,     /* ww_msg_mx_hosts */
    WW_MSG_SURVEYED,     /* ww_msg_surveyed: the DANE part of a flight has ended */
    /* front to keeper, and back */
    WW_MSG_LOAD = 32,       /* empty: send every unexpired policy, enforced ones first */
    WW_MSG_POLICY,          /* ww_stored_policy: front to keeper, put it */
    WW_MSG_CONFIRM,         /* ww_msg_confirm: front to keeper */
    WW_MSG_ENFORCED_LOADED, /* empty: all enforced policies were sent */
    WW_MSG_LOADED,   /* empty: the load is complete; without ENFORCED_LOADED before it: the store is down, and
                        policies come by themselves once it is up */
    WW_MSG_STORED,   /* ww_msg_stored: keeper to front, so many of its writes are durable, in their order */
    WW_MSG_POLICIES, /* parts, each a WW_MSG_POLICY's payload: keeper to front, loading */
    WW_MSG_FORGET,   /* ww_msg_forget: front to keeper; takes its turn among the writes */
    WW_MSG_AWAIT,    /* empty: front to keeper, somebody waits to hear that what was sent is durable */
    WW_MSG_NOT_STORED, /* ww_msg_not_stored: keeper to front after AWAIT, why it cannot be written for now */
    WW_MSG_ANEW, /* empty: keeper to front, the store has lost what it had: put all that is known again */
    WW_MSG_LOAD_OVERRIDES, /* ww_msg_load_overrides: front to keeper, send the overrides that are stored */
    WW_MSG_OVERRIDES,      /* ww_msg_overrides: keeper to front, all of them, in some messages */
    WW_MSG_OVERRIDE,       /* ww_override: keeper to front, it counts from now on; front to keeper, after
                              WW_MSG_ANEW, keep it unless there is another for its key */
    WW_MSG_OVERRIDE_GONE,  /* a key: keeper to front, its override was removed */
    /* trust anchors */
    WW_MSG_ANCHOR_SEED =
        56, /* ww_msg_anchor_seed + a file's descriptor if there is one: supervisor to keeper */
    WW_MSG_ANCHORS_CHANGED, /* empty: keeper to supervisor, resolvers are to start anew with those of the file
                             */
    WW_MSG_ROOT_KEYS_ASK,   /* empty: keeper to resolver 0 */
    WW_MSG_ROOT_KEYS,       /* the raw answer with the root's keys, empty without one: resolver 0 to keeper */
    /* preload to front */
    WW_MSG_PRELOAD = 72, /* empty, with the sealed image of the list that counts, or without: there is none */
    /* watched domains: msg_watch.h */
    WW_MSG_ALERT = 80,       /* ww_msg_alert: keeper to herald */
    WW_MSG_ALERTED,          /* ww_msg_alerted: herald to keeper */
    WW_MSG_WATCH_ROOM,       /* ww_msg_watch_room: watcher to keeper, it has come */
    WW_MSG_WATCH,            /* ww_msg_watch: keeper to watcher, inspect it */
    WW_MSG_WATCHED,          /* pieces of a ww_msg_watched: watcher to keeper, in one go */
    WW_MSG_WATCHING,         /* empty: keeper to supervisor, there are watched domains */
    WW_MSG_WATCHING_NOTHING, /* empty: there are none any more */
    /* TLS results and reports: msg_report.h */
    WW_MSG_FOLD_ASK = 96,  /* ww_msg_fold_ask: collector to keeper */
    WW_MSG_FOLD,           /* pieces of a ww_msg_fold: collector to keeper */
    WW_MSG_FOLDED,         /* ww_msg_folded: keeper to collector */
    WW_MSG_RESULT,         /* a waxwing-result line: front to collector, what Waxwing has seen itself */
    WW_MSG_RECHECK,        /* ww_msg_domain: collector to front, a delivery has failed under its policy */
    WW_MSG_COURIER_ROOM,   /* ww_msg_courier_room: courier to keeper, it has come */
    WW_MSG_REPORT,         /* pieces of a ww_msg_report: keeper to courier, send it */
    WW_MSG_REPORT_TARGETS, /* ww_msg_report_targets: courier to keeper */
    WW_MSG_REPORT_SEND,    /* ww_msg_report_send: keeper to courier, which of these it goes to */
    WW_MSG_REPORT_TRIED,   /* ww_msg_report_tried: courier to keeper */
    WW_MSG_REPORT_DONE,    /* ww_msg_report_done: courier to keeper, there is room for another */
    WW_MSG_LOOK,           /* ww_msg_domain: keeper to watcher, look at its MX hosts */
    WW_MSG_LOOKED,         /* pieces of a ww_msg_looked: watcher to keeper */
    WW_MSG_JOURNAL = 120,  /* empty + descriptor: supervisor to collector, before its listeners. Without one:
                              collector to supervisor, it is of no use, give another */
    /* reports of others: msg_intake.h */
    WW_MSG_DECODE = 128, /* pieces of a ww_msg_decode: intake to decoder */
    WW_MSG_DECODED,      /* pieces of a ww_msg_decoded: decoder to intake */
    WW_MSG_TAKE,         /* pieces of a ww_msg_take: intake to keeper, take it down */
    WW_MSG_TAKEN,        /* ww_msg_taken: keeper to intake, it is durable */
    /* published domains: msg_publish.h */
    WW_MSG_STEWARD_ROOM = 136, /* ww_msg_steward_room: steward to keeper, it has come */
    WW_MSG_TEND,               /* pieces of a ww_msg_tend: keeper to steward */
    WW_MSG_TENDED,             /* pieces of a ww_msg_tended: steward to keeper */
    WW_MSG_SITES,              /* empty: keeper to publisher, all sites follow */
    WW_MSG_SITE,               /* ww_msg_site: keeper to publisher */
    WW_MSG_SITES_DONE,         /* empty: keeper to publisher, that was the last one */
    WW_MSG_SITE_GONE,          /* ww_msg_site_gone: keeper to publisher */
    WW_MSG_SITE_STATE,         /* ww_msg_site_state: publisher to keeper */
    /* what is changed outside for them: msg_order.h */
    WW_MSG_ORDER_ASK,  /* ww_msg_order_ask: steward to keeper */
    WW_MSG_ORDER_TOLD, /* ww_msg_order_done: keeper to steward, what has come of it */
    WW_MSG_ORDER,      /* ww_msg_order: keeper to clerk */
    WW_MSG_ORDER_DONE, /* ww_msg_order_done: clerk to keeper */
    /* control to any role, and back */
    WW_MSG_ASK = 64, /* ww_msg_ask */
    WW_MSG_TOLD,     /* ww_msg_told: one or more for each ask */
};

/* What control asks; the payloads are those of the modules that answer. */
enum ww_ask {
    WW_ASK_NOTHING,
    WW_ASK_STATS,           /* empty; any role: what it has counted (daemon/role_stats.h) */
    WW_ASK_HISTORY,         /* keeper: msg_history.h */
    WW_ASK_OVERRIDE_LIST,   /* front; empty; told: parts, each a ww_msg_override_listed */
    WW_ASK_OVERRIDE_SET,    /* keeper; a WW_MSG_OVERRIDE's payload; told when it is durable */
    WW_ASK_OVERRIDE_REMOVE, /* keeper; ww_msg_override_remove; told when it is durable */
    WW_ASK_CACHE_LIST,      /* the front; msg_cache.h */
    WW_ASK_CACHE_SHOW,
    WW_ASK_CACHE_REFRESH,
    WW_ASK_CACHE_PURGE,
    WW_ASK_CACHE_IMPORT,
    WW_ASK_PRELOAD,        /* preload; empty; told: msg_preload.h */
    WW_ASK_PRELOAD_UPDATE, /* the same, when it has looked at the list's source */
    WW_ASK_WATCH,          /* keeper; ww_msg_watch_ask; told: msg_watch.h */
    WW_ASK_ALERT_TEST,     /* herald; empty; told when all channels have been tried: msg_herald.h */
    WW_ASK_REPORT,         /* keeper; ww_msg_report_ask; told: msg_report.h */
    WW_ASK_RECEIVED,       /* keeper; ww_msg_received_ask; told: msg_intake.h */
    WW_ASK_ADVISE,         /* keeper; ww_msg_advise_ask; told: one JSON text, in pieces */
    WW_ASK_PUBLISH,        /* keeper; ww_msg_publish_ask; told: msg_publish.h */
    WW_ASK_COUNT,
};

struct ww_msg_peer {
    enum ww_role_kind kind;
    uint16_t index; /* of a resolver */
    uint16_t count; /* how many of this kind there are */
    bool instead;   /* of one that has not died */
};

/* What is spoken on a listener, and so which role accepts on it. */
enum ww_listen_purpose {
    WW_LISTEN_SOCKETMAP,   /* front */
    WW_LISTEN_CONTROL,     /* control */
    WW_LISTEN_METRICS,     /* control: HTTP */
    WW_LISTEN_HTTP,        /* front: the HTTP API */
    WW_LISTEN_DATAGRAMS,   /* collector: libtlsrpt's datagrams */
    WW_LISTEN_LINES,       /* collector: lines of docs/results.md */
    WW_LISTEN_SUBMIT,      /* intake: HTTP, from this machine: `waxwing report ingest` */
    WW_LISTEN_LMTP,        /* intake */
    WW_LISTEN_REPORTS,     /* intake: HTTP, behind a proxy */
    WW_LISTEN_REPORTS_TLS, /* intake: HTTPS */
    WW_LISTEN_POLICIES,    /* publisher: HTTPS */
    WW_LISTEN_CHALLENGES,  /* publisher: HTTP, of ACME */
    WW_LISTEN_PURPOSES,
};

struct ww_msg_listener {
    enum ww_listen_purpose purpose;
    char name[128]; /* as configured: "inet:127.0.0.1:8461" */
};

struct ww_role_status {
    enum ww_role_kind kind;
    uint16_t index;
    bool ready;
    uint32_t pid;      /* 0: it is dead, and started again soon */
    uint32_t restarts; /* how often it has died, or was replaced */
    int64_t since;     /* start of the process, Unix seconds */
};

#define WW_MSG_ROLES_MAX 96
struct ww_msg_roles {
    int64_t since; /* start of the supervisor */
    uint32_t pid;  /* and its process */
    uint16_t count;
    struct ww_role_status roles[WW_MSG_ROLES_MAX];
};

struct ww_msg_ask {
    uint32_t number; /* the asker's; comes back with each answer */
    enum ww_ask what;
    struct ww_slice payload; /* borrowed */
};

struct ww_msg_told {
    uint32_t number;
    enum ww_err err;
    bool more;               /* another one follows */
    struct ww_slice payload; /* borrowed; empty after an error */
};

struct ww_msg_resolve {
    uint64_t flight; /* the front's number; comes back with each answer */
    bool sts;        /* look for the MTA-STS policy: ask */
    bool dane;       /* survey for DANE: ask.domain */
    struct ww_discovery_ask ask;
};

struct ww_msg_resolved {
    uint64_t flight;
    struct ww_discovery_result result; /* body borrowed from the payload */
};

struct ww_msg_surveyed {
    uint64_t flight;
    struct ww_dane_survey survey;
};

/* The domain's record still has the id of the policy that is stored. */
struct ww_msg_confirm {
    char domain[WW_DNAME_SIZE];
    char id[WW_STS_ID_MAX + 1];
    int64_t checked;
};

struct ww_msg_stored {
    uint32_t count;
};

struct ww_msg_forget {
    char domain[WW_DNAME_SIZE]; /* "": all */
};

struct ww_msg_not_stored {
    enum ww_err why;
};

/* Strings for a decoded ww_stored_policy, and its origin if it came with one. */
struct ww_msg_policy {
    char domain[WW_DNAME_SIZE];
    char id[WW_STS_ID_MAX + 1];
    struct ww_origin origin;
    struct ww_stored_policy policy; /* points into this struct; body borrowed from the payload */
};

struct ww_msg_mx {
    uint64_t number; /* the front's; comes back with the answer */
    char domain[WW_DNAME_SIZE];
};

struct ww_msg_mx_hosts {
    uint64_t number;
    struct ww_mx_hosts found;
};

struct ww_msg_load_overrides {
    uint32_t number; /* comes back with the answer; that of the last request alone is one to go by */
};

struct ww_msg_overrides {
    uint32_t number;
    bool first;
    bool last;
    bool whole;            /* with the last: no stored one is missing */
    struct ww_slice parts; /* each a WW_MSG_OVERRIDE's payload; borrowed */
};

/* Strings for a decoded ww_override. */
struct ww_msg_override {
    char key[WW_OVERRIDE_KEY_SIZE];
    char mx[WW_OVERRIDE_MX_SIZE];
    char reason[WW_OVERRIDE_TEXT_SIZE];
    char who[WW_OVERRIDE_TEXT_SIZE];
    struct ww_override override; /* points into this struct */
};

struct ww_msg_override_remove {
    char key[WW_OVERRIDE_KEY_SIZE];
    char who[WW_OVERRIDE_TEXT_SIZE];
};

struct ww_msg_override_listed {
    struct ww_msg_override m;
    bool counts;   /* it has not ended, and no other goes first at its key */
    uint64_t used; /* answers that were given by it */
};

/* Encoders append to b (whose `failed` tells of overflow); decoders fail with WW_E_MSG_MALFORMED. */
void ww_msg_put_peer(struct ww_buf *b, const struct ww_msg_peer *m);
WW_MUST_CHECK enum ww_err ww_msg_get_peer(struct ww_slice payload, struct ww_msg_peer *m);
void ww_msg_put_listener(struct ww_buf *b, const struct ww_msg_listener *m);
WW_MUST_CHECK enum ww_err ww_msg_get_listener(struct ww_slice payload, struct ww_msg_listener *m);
void ww_msg_put_roles(struct ww_buf *b, const struct ww_msg_roles *m);
WW_MUST_CHECK enum ww_err ww_msg_get_roles(struct ww_slice payload, struct ww_msg_roles *m);
void ww_msg_put_ask(struct ww_buf *b, const struct ww_msg_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_ask(struct ww_slice payload, struct ww_msg_ask *m);
void ww_msg_put_told(struct ww_buf *b, const struct ww_msg_told *m);
WW_MUST_CHECK enum ww_err ww_msg_get_told(struct ww_slice payload, struct ww_msg_told *m);
void ww_msg_put_resolve(struct ww_buf *b, const struct ww_msg_resolve *m);
WW_MUST_CHECK enum ww_err ww_msg_get_resolve(struct ww_slice payload, struct ww_msg_resolve *m);
void ww_msg_put_resolved(struct ww_buf *b, const struct ww_msg_resolved *m);
WW_MUST_CHECK enum ww_err ww_msg_get_resolved(struct ww_slice payload, struct ww_msg_resolved *m);
void ww_msg_put_surveyed(struct ww_buf *b, uint64_t flight, const struct ww_dane_survey *survey);
WW_MUST_CHECK enum ww_err ww_msg_get_surveyed(struct ww_slice payload, struct ww_msg_surveyed *m);
void ww_msg_put_policy(struct ww_buf *b, const struct ww_stored_policy *m);
WW_MUST_CHECK enum ww_err ww_msg_get_policy(struct ww_slice payload, struct ww_msg_policy *m);
/*
 * Several payloads in one: each part after its length. next gives them in order; false at the end, or with
 * c->failed set when the rest is malformed.
 */
void ww_msg_put_part(struct ww_buf *b, struct ww_slice part);
bool ww_msg_next_part(struct ww_cursor *c, struct ww_slice *part);
void ww_msg_put_confirm(struct ww_buf *b, const struct ww_msg_confirm *m);
WW_MUST_CHECK enum ww_err ww_msg_get_confirm(struct ww_slice payload, struct ww_msg_confirm *m);
void ww_msg_put_mx(struct ww_buf *b, const struct ww_msg_mx *m);
WW_MUST_CHECK enum ww_err ww_msg_get_mx(struct ww_slice payload, struct ww_msg_mx *m);
void ww_msg_put_mx_hosts(struct ww_buf *b, const struct ww_msg_mx_hosts *m);
WW_MUST_CHECK enum ww_err ww_msg_get_mx_hosts(struct ww_slice payload, struct ww_msg_mx_hosts *m);
/* One set at run time: what comes out has passed ww_override_check, and its key is canonical. */
void ww_msg_put_override(struct ww_buf *b, const struct ww_override *m);
WW_MUST_CHECK enum ww_err ww_msg_get_override(struct ww_slice payload, struct ww_msg_override *m);
void ww_msg_put_load_overrides(struct ww_buf *b, const struct ww_msg_load_overrides *m);
WW_MUST_CHECK enum ww_err ww_msg_get_load_overrides(struct ww_slice payload, struct ww_msg_load_overrides *m);
void ww_msg_put_overrides(struct ww_buf *b, const struct ww_msg_overrides *m);
WW_MUST_CHECK enum ww_err ww_msg_get_overrides(struct ww_slice payload, struct ww_msg_overrides *m);
void ww_msg_put_override_remove(struct ww_buf *b, const struct ww_msg_override_remove *m);
WW_MUST_CHECK enum ww_err ww_msg_get_override_remove(struct ww_slice payload,
                                                     struct ww_msg_override_remove *m);
/* Takes one of the configuration as well. */
void ww_msg_put_override_listed(struct ww_buf *b, const struct ww_override *override, bool counts,
                                uint64_t used);
WW_MUST_CHECK enum ww_err ww_msg_get_override_listed(struct ww_slice payload,
                                                     struct ww_msg_override_listed *m);
void ww_msg_put_key(struct ww_buf *b, const char *key);
WW_MUST_CHECK enum ww_err ww_msg_get_key(struct ww_slice payload, char key[WW_OVERRIDE_KEY_SIZE]);
void ww_msg_put_stored(struct ww_buf *b, const struct ww_msg_stored *m);
WW_MUST_CHECK enum ww_err ww_msg_get_stored(struct ww_slice payload, struct ww_msg_stored *m);
void ww_msg_put_forget(struct ww_buf *b, const struct ww_msg_forget *m);
WW_MUST_CHECK enum ww_err ww_msg_get_forget(struct ww_slice payload, struct ww_msg_forget *m);
void ww_msg_put_not_stored(struct ww_buf *b, const struct ww_msg_not_stored *m);
WW_MUST_CHECK enum ww_err ww_msg_get_not_stored(struct ww_slice payload, struct ww_msg_not_stored *m);

#endif
