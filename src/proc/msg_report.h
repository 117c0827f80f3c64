/*
 * TLS results and reports in messages.
 *
 * Collector and keeper: the collector asks what of its journal is folded (WW_MSG_FOLD_ASK), and then folds in
 * order, one WW_MSG_FOLD after the other: each is answered by WW_MSG_FOLDED when it is durable, with the
 * position up to which all is. A fold that does not begin at the position that the keeper has is answered by
 * that position, and changes nothing. While the store is in trouble there is no answer, until it is well.
 *
 * Keeper and courier: the courier says how many reports it would take (WW_MSG_COURIER_ROOM); the keeper gives
 * those that are due (WW_MSG_REPORT). Unless the keeper knows already where one goes, the courier looks that
 * up (WW_MSG_REPORT_TARGETS); a record that is present the keeper answers by those of its destinations that
 * the report goes to now (WW_MSG_REPORT_SEND): not the suppressed ones, and another one where all reports are
 * redirected. There may be none. The courier tells of each try (WW_MSG_REPORT_TRIED), and that it is through,
 * in any case (WW_MSG_REPORT_DONE), which makes room for another. What a courier had when it died is due
 * again after a lease, under the same report-id.
 */
#ifndef WW_PROC_MSG_REPORT_H
#define WW_PROC_MSG_REPORT_H

#include "core/report.h"
#include "engine/courier.h"
#include "proc/msg.h"

#define WW_MSG_JOURNAL_ID_SIZE 16

struct ww_msg_fold_ask {
    uint8_t journal[WW_MSG_JOURNAL_ID_SIZE];
};

struct ww_msg_folded {
    uint8_t journal[WW_MSG_JOURNAL_ID_SIZE];
    bool known;        /* the store knows this journal; else position means nothing */
    uint64_t position; /* all records before it are folded */
};

/* Larger than a message: sent in pieces (ww_msg_put_piece), all of one before the first of another. */
#define WW_MSG_FOLD_MAX ((size_t)1 << 20)

struct ww_msg_fold {
    uint8_t journal[WW_MSG_JOURNAL_ID_SIZE];
    uint64_t from, to;     /* positions */
    struct ww_slice items; /* parts, each a ww_sessions */
};

/* One item of a fold, decoded: slices are borrowed from the payload. */
struct ww_msg_sessions {
    struct ww_sessions sessions; /* details points into this struct */
    struct ww_sessions_detail details[WW_SESSIONS_DETAILS_MAX];
};

struct ww_msg_courier_room {
    uint16_t room;
};

#define WW_MSG_REPORT_URI_SIZE 512
#define WW_MSG_REPORT_TARGETS_MAX 16
#define WW_MSG_REPORT_DETAIL_SIZE 320

/* A report that is due; in pieces, as a fold. */
#define WW_MSG_REPORT_MAX ((size_t)4 << 20)
struct ww_msg_report {
    uint64_t number; /* the keeper's; comes back with each answer */
    char domain[WW_DNAME_SIZE];
    char id[WW_REPORT_ID_SIZE];
    char organization[256];
    char contact[WW_REPORT_MAILBOX_SIZE];
    int64_t begin, end; /* as in struct ww_report */
    uint64_t success, failure;
    bool look_up; /* its destinations are not known: look for the record */
    struct ww_slice
        record; /* the last that an MTA saw; empty: none. For who looks it up and gets no answer */
    struct ww_slice targets; /* parts: URIs that are due, unless it is looked up */
    struct ww_slice content; /* gzipped JSON */
};

/* What the record says. */
enum ww_record_found {
    WW_RECORD_PRESENT,
    WW_RECORD_ABSENT,  /* there is none, or none that is valid: nobody asks */
    WW_RECORD_NOT_NOW, /* DNS gives no answer */
};
struct ww_msg_report_targets {
    uint64_t number;
    enum ww_record_found found;
    char detail[WW_MSG_REPORT_DETAIL_SIZE]; /* printable ASCII, or "" */
    struct ww_slice targets;                /* parts: URIs as written, WW_MSG_REPORT_TARGETS_MAX at most */
};

struct ww_msg_report_send {
    uint64_t number;
    struct ww_slice targets; /* parts: URIs, as in ww_msg_report */
};

struct ww_msg_report_tried {
    uint64_t number;
    char uri[WW_MSG_REPORT_URI_SIZE];
    enum ww_target_outcome outcome;
    bool insecure; /* accepted over a connection whose certificate is not good, or without TLS */
    char detail[WW_MSG_REPORT_DETAIL_SIZE]; /* printable ASCII, or "" */
};

struct ww_msg_report_done {
    uint64_t number;
};

/* A domain: collector to front (WW_MSG_RECHECK), keeper to watcher (WW_MSG_LOOK). */
struct ww_msg_domain {
    char domain[WW_DNAME_SIZE];
};

/* Looks that the watcher has at a time; more fail at once. */
#define WW_LOOKS_MAX 4

/* What a look at the MX hosts of a domain has found: watcher to keeper, in pieces as a fold. */
#define WW_MSG_LOOKED_MAX ((size_t)128 * 1024)
struct ww_msg_looked {
    char domain[WW_DNAME_SIZE];
    bool asked;            /* it has a TLSRPT record */
    bool failed;           /* for reasons of ours: the rest means nothing */
    struct ww_slice items; /* parts, each a ww_sessions, by_us */
};

/*
 * What control asks the keeper about reports (WW_ASK_REPORT). The answers are JSON texts, one in each piece.
 * Of a list the last one has "after": where the next page goes on, or null.
 */
enum ww_report_ask {
    WW_REPORT_ASK_LIST,       /* some reports, or of `open` some days that are not closed */
    WW_REPORT_ASK_SHOW,       /* one, with what is still collected of its domain */
    WW_REPORT_ASK_CONTENT,    /* one, and its JSON in pieces of text; `open`: what it would be now */
    WW_REPORT_ASK_SEND,       /* one: it is due now, whatever became of it */
    WW_REPORT_ASK_RETRY,      /* one, or with domain "" all that failed: they are due now */
    WW_REPORT_ASK_SUPPRESS,   /* uri, until when (0: not any more; INT64_MAX: for ever) */
    WW_REPORT_ASK_SUPPRESSED, /* the list of them */
    WW_REPORT_ASK_BOUNCE,     /* a mail has come back: uri is its Message-ID, who its recipient */
    WW_REPORT_ASKS,
};
struct ww_msg_report_ask {
    enum ww_report_ask what;
    uint64_t number;                  /* of one report; 0: by domain, the latest */
    char domain[WW_DNAME_SIZE];       /* "": all */
    bool open;                        /* of the domain the day that is not closed, rather than a report */
    uint64_t after;                   /* LIST: of reports with smaller numbers; 0: all */
    char state[16];                   /* LIST: of this state; "": all */
    char uri[WW_MSG_REPORT_URI_SIZE]; /* of SUPPRESSED, and LIST of open days, the last "after" */
    int64_t until;
    char who[256];
    char reason[256];
};

void ww_msg_put_fold_ask(struct ww_buf *b, const struct ww_msg_fold_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_fold_ask(struct ww_slice payload, struct ww_msg_fold_ask *m);
void ww_msg_put_folded(struct ww_buf *b, const struct ww_msg_folded *m);
WW_MUST_CHECK enum ww_err ww_msg_get_folded(struct ww_slice payload, struct ww_msg_folded *m);
void ww_msg_put_fold(struct ww_buf *b, const struct ww_msg_fold *m);
WW_MUST_CHECK enum ww_err ww_msg_get_fold(struct ww_slice payload, struct ww_msg_fold *m);
void ww_msg_put_sessions(struct ww_buf *b, const struct ww_sessions *m);
WW_MUST_CHECK enum ww_err ww_msg_get_sessions(struct ww_slice payload, struct ww_msg_sessions *m);
void ww_msg_put_courier_room(struct ww_buf *b, const struct ww_msg_courier_room *m);
WW_MUST_CHECK enum ww_err ww_msg_get_courier_room(struct ww_slice payload, struct ww_msg_courier_room *m);
void ww_msg_put_report(struct ww_buf *b, const struct ww_msg_report *m);
WW_MUST_CHECK enum ww_err ww_msg_get_report(struct ww_slice payload, struct ww_msg_report *m);
void ww_msg_put_report_targets(struct ww_buf *b, const struct ww_msg_report_targets *m);
WW_MUST_CHECK enum ww_err ww_msg_get_report_targets(struct ww_slice payload, struct ww_msg_report_targets *m);
void ww_msg_put_report_send(struct ww_buf *b, const struct ww_msg_report_send *m);
WW_MUST_CHECK enum ww_err ww_msg_get_report_send(struct ww_slice payload, struct ww_msg_report_send *m);
void ww_msg_put_report_tried(struct ww_buf *b, const struct ww_msg_report_tried *m);
WW_MUST_CHECK enum ww_err ww_msg_get_report_tried(struct ww_slice payload, struct ww_msg_report_tried *m);
void ww_msg_put_report_done(struct ww_buf *b, const struct ww_msg_report_done *m);
WW_MUST_CHECK enum ww_err ww_msg_get_report_done(struct ww_slice payload, struct ww_msg_report_done *m);
void ww_msg_put_domain(struct ww_buf *b, const struct ww_msg_domain *m);
WW_MUST_CHECK enum ww_err ww_msg_get_domain(struct ww_slice payload, struct ww_msg_domain *m);
void ww_msg_put_looked(struct ww_buf *b, const struct ww_msg_looked *m);
WW_MUST_CHECK enum ww_err ww_msg_get_looked(struct ww_slice payload, struct ww_msg_looked *m);
void ww_msg_put_report_ask(struct ww_buf *b, const struct ww_msg_report_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_report_ask(struct ww_slice payload, struct ww_msg_report_ask *m);

#endif
