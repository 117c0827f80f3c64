/*
 * Watched domains in messages. The keeper has the list, what is known of each domain, and the alerts that
 * have not been delivered; the watcher inspects; the herald delivers.
 *
 * Alerts: as soon as there is a (new) channel between keeper and herald, the keeper sends every alert that
 * is not done, oldest first, as WW_MSG_ALERT; later each new one at once. For each of its channels the herald
 * tells what has become of it (WW_MSG_ALERTED), the last time with `done`. What is not done is given again
 * when either of the two has started anew, with the channels that have had it already. The herald tries
 * again and gives up by rules of its own; one number given twice on one channel is one alert.
 */
#ifndef WW_PROC_MSG_WATCH_H
#define WW_PROC_MSG_WATCH_H

#include "core/policy_version.h"
#include "engine/alerts.h"
#include "proc/msg.h"

/* Alerts of one run that are listed. */
#define WW_MSG_ALERT_ITEMS_MAX 32
/* Channels of the herald, as its configuration names them. */
#define WW_MSG_ALERT_CHANNELS_MAX 8
#define WW_MSG_ALERT_CHANNEL_SIZE 64
#define WW_MSG_ALERT_DETAIL_SIZE 256

/* All texts are printable ASCII. */
struct ww_msg_alert_item {
    enum ww_alert_kind kind;
    enum ww_severity severity;
    char check[WW_ALERT_CHECK_SIZE]; /* or WW_ALERT_CERTIFICATE */
    char where[WW_ALERT_WHERE_SIZE];
    char seen[WW_ALERT_SEEN_SIZE];
    int64_t since; /* first seen; of a certificate its end */
};

struct ww_msg_alert {
    uint64_t number; /* the keeper's; comes back with each answer */
    int64_t at;      /* of the run */
    char domain[WW_DNAME_SIZE];
    char group[WW_WATCH_GROUP_SIZE]; /* "": none */
    uint16_t errors;                 /* findings of the run, told or not */
    uint16_t warnings;
    uint16_t left_out; /* alerts that are not listed */
    uint16_t delivered_count;
    char delivered[WW_MSG_ALERT_CHANNELS_MAX][WW_MSG_ALERT_CHANNEL_SIZE]; /* these have had it */
    uint16_t count;
    struct ww_msg_alert_item items[WW_MSG_ALERT_ITEMS_MAX]; /* at least one */
};

/* Herald to keeper. */
struct ww_msg_alerted {
    uint64_t number;
    bool done; /* nothing more is done with it, be it delivered or given up */
    bool delivered;
    char channel[WW_MSG_ALERT_CHANNEL_SIZE]; /* "": of none: there is nobody to tell */
    char detail[WW_MSG_ALERT_DETAIL_SIZE];   /* why not */
};

/* An encoded alert has at most so many octets. */
#define WW_MSG_ALERT_MAX ((size_t)40 * 1024)

/* The watcher inspects so many at a time. */
struct ww_msg_watch_room {
    uint16_t room;
};

/* A version of a policy, as check/past.h has it. */
struct ww_msg_watch_version {
    char id[WW_STS_ID_MAX + 1];
    uint8_t hash[WW_VERSION_HASH_SIZE];
    enum ww_policy_mode mode;
    uint32_t max_age;
    int64_t last_seen;
};

#define WW_MSG_WATCH_VERSIONS_MAX 8
#define WW_MSG_WATCH_MX_SIZE 4200

/* A domain that is due, and what was seen of it before. */
struct ww_msg_watch {
    char domain[WW_DNAME_SIZE];
    bool has_past;
    uint16_t count;
    struct ww_msg_watch_version versions[WW_MSG_WATCH_VERSIONS_MAX]; /* newest first */
    int64_t testing_since;
    uint8_t mx_hash[WW_VERSION_HASH_SIZE];
    char mx[WW_MSG_WATCH_MX_SIZE]; /* names with a space between them */
};

/*
 * What came of it. It is larger than a message, and sent in pieces (ww_msg_put_piece), all of one before the
 * first of another.
 */
#define WW_MSG_WATCHED_MAX ((size_t)1 << 20)
/* Of a piece, and of the message that it is sent as. */
#define WW_MSG_PIECE_MAX ((size_t)64 * 1024)
#define WW_MSG_PIECE_SIZE (WW_MSG_PIECE_MAX + 16)

struct ww_msg_watched {
    char domain[WW_DNAME_SIZE];
    bool failed; /* for reasons of ours: the rest is of no meaning */
    int64_t at;
    uint32_t ms;
    uint16_t severity; /* enum ww_severity, one more: nothing was found */
    uint32_t errors, warnings, infos;
    char outlook[16];
    char mode[16];                 /* of the policy; "": none */
    char id[WW_STS_ID_MAX + 1];    /* of the record; "": none that is valid */
    struct ww_slice body;          /* of a valid policy; borrowed, as are the next ones */
    char mx[WW_MSG_WATCH_MX_SIZE]; /* "": could not be found out */
    struct ww_slice report;        /* JSON; empty where it is too long */
    struct ww_slice silent;        /* parts: ids of checks that were made and found nothing */
    struct ww_slice findings;      /* parts, each a ww_msg_watch_finding */
    struct ww_slice ends;          /* parts, each a ww_msg_watch_end */
};

struct ww_msg_watch_finding {
    enum ww_severity severity;
    char check[WW_ALERT_CHECK_SIZE];
    char where[WW_ALERT_WHERE_SIZE];
    char seen[WW_ALERT_SEEN_SIZE];
};

struct ww_msg_watch_end {
    char where[WW_ALERT_WHERE_SIZE];
    int64_t not_after;
};

/*
 * What control asks the keeper. The answers are JSON texts, one in each piece; of WW_WATCH_ASK_REPORT the
 * pieces are parts of one text. All but LIST, SHOW and REPORT have one piece.
 */
enum ww_watch_ask {
    WW_WATCH_ASK_ADD,    /* domains with group and every, as far as they are given */
    WW_WATCH_ASK_REMOVE, /* domains */
    WW_WATCH_ASK_CHECK,  /* domains: they are due now */
    WW_WATCH_ASK_ACK,    /* one domain, its check */
    WW_WATCH_ASK_LIST,   /* of `group`, or all, behind `after`: some */
    WW_WATCH_ASK_SHOW,   /* one domain */
    WW_WATCH_ASK_REPORT, /* one domain: its last report */
    WW_WATCH_ASKS,
};

#define WW_MSG_WATCH_DOMAINS_MAX 500

struct ww_msg_watch_ask {
    enum ww_watch_ask what;
    bool all; /* LIST: whatever the group */
    char group[WW_WATCH_GROUP_SIZE];
    int64_t every;
    char after[WW_DNAME_SIZE];
    char check[WW_ALERT_CHECK_SIZE];
    int64_t until; /* of ACK; INT64_MAX: for as long as it stays; 0: not any more */
    char who[WW_ALERT_TEXT_SIZE];
    char reason[WW_ALERT_TEXT_SIZE];
    struct ww_slice domains; /* parts: the canonical name, and after a space its group if it has one */
};

void ww_msg_put_watch_room(struct ww_buf *b, const struct ww_msg_watch_room *m);
WW_MUST_CHECK enum ww_err ww_msg_get_watch_room(struct ww_slice payload, struct ww_msg_watch_room *m);
void ww_msg_put_watch(struct ww_buf *b, const struct ww_msg_watch *m);
WW_MUST_CHECK enum ww_err ww_msg_get_watch(struct ww_slice payload, struct ww_msg_watch *m);
void ww_msg_put_watched(struct ww_buf *b, const struct ww_msg_watched *m);
WW_MUST_CHECK enum ww_err ww_msg_get_watched(struct ww_slice payload, struct ww_msg_watched *m);
void ww_msg_put_watch_finding(struct ww_buf *b, const struct ww_msg_watch_finding *m);
WW_MUST_CHECK enum ww_err ww_msg_get_watch_finding(struct ww_slice payload, struct ww_msg_watch_finding *m);
void ww_msg_put_watch_end(struct ww_buf *b, const struct ww_msg_watch_end *m);
WW_MUST_CHECK enum ww_err ww_msg_get_watch_end(struct ww_slice payload, struct ww_msg_watch_end *m);
void ww_msg_put_piece(struct ww_buf *b, bool last, struct ww_slice octets);
WW_MUST_CHECK enum ww_err ww_msg_get_piece(struct ww_slice payload, bool *last, struct ww_slice *octets);
void ww_msg_put_watch_ask(struct ww_buf *b, const struct ww_msg_watch_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_watch_ask(struct ww_slice payload, struct ww_msg_watch_ask *m);

void ww_msg_put_alert(struct ww_buf *b, const struct ww_msg_alert *m);
WW_MUST_CHECK enum ww_err ww_msg_get_alert(struct ww_slice payload, struct ww_msg_alert *m);
void ww_msg_put_alerted(struct ww_buf *b, const struct ww_msg_alerted *m);
WW_MUST_CHECK enum ww_err ww_msg_get_alerted(struct ww_slice payload, struct ww_msg_alerted *m);

#endif
