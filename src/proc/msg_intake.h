/*
 * Reports of others in messages.
 *
 * Intake and decoder: the intake gives one submission after the other (WW_MSG_DECODE), each with a number of
 * its own, and the decoder answers each in that order (WW_MSG_DECODED). Of a mail it asks twice: which DKIM
 * keys it takes (WW_DECODE_NAMES), and with these in hand for all of it. When the decoder dies, the one that
 * it had not answered first is to blame; the intake gives them again to the next one.
 *
 * Intake and keeper: what was read, or could not be, goes to the keeper (WW_MSG_TAKE), which answers each
 * when that is durable, in any order (WW_MSG_TAKEN). Whoever submitted it has no answer before: what is lost
 * between roles is submitted again, and found to be there already.
 */
#ifndef WW_PROC_MSG_INTAKE_H
#define WW_PROC_MSG_INTAKE_H

#include "core/dkim_fact.h"
#include "core/policy_version.h"
#include "core/received.h"
#include "proc/msg.h"

enum ww_decode_stage {
    WW_DECODE_NAMES,
    WW_DECODE_WHOLE,
    WW_DECODE_STAGES,
};

/* Octets of a submission, at most: more than intake.max_size may be. */
#define WW_MSG_SUBMISSION_MAX ((size_t)24 << 20)
#define WW_MSG_DECODE_MAX (WW_MSG_SUBMISSION_MAX + (size_t)64 * 1024)
struct ww_msg_decode {
    uint64_t job;
    enum ww_decode_stage stage;
    bool mail;   /* else the report itself, as JSON or gzip */
    int64_t now; /* Unix seconds */
    size_t key_count;
    struct ww_dkim_found_key keys[WW_DKIM_SIGNATURES_MAX]; /* of WHOLE */
    struct ww_slice octets;                                /* borrowed */
};

/* What a mail said. UTF-8 without control characters. */
struct ww_msg_mail_facts {
    char from[WW_RECEIVED_NAME_MAX + 1];
    char message_id[WW_RECEIVED_NAME_MAX + 1];
    char submitter[WW_DNAME_SIZE];
    char about[WW_DNAME_SIZE];
    struct ww_dkim_fact dkim;
};

#define WW_MSG_DECODED_MAX (WW_RECEIVED_ENCODED_MAX + WW_MSG_SUBMISSION_MAX)
struct ww_msg_decoded {
    uint64_t job;
    enum ww_decode_stage stage;
    struct ww_dkim_key_names names; /* of NAMES; the rest is of WHOLE */
    struct ww_msg_mail_facts mail;
    struct ww_deviations deviations; /* an error among them: it could not be read, and there is no content */
    struct ww_slice report;          /* ww_msg_put_received; empty: nothing at all could be read */
    struct ww_slice content;         /* JSON, gzipped */
};

/* How a submission came in. */
enum ww_channel {
    WW_CHANNEL_LMTP,
    WW_CHANNEL_HTTPS,
    WW_CHANNEL_LOCAL, /* waxwing report ingest */
    WW_CHANNELS,
};
/* "lmtp", "https", "local". */
const char *ww_channel_name(enum ww_channel channel);

#define WW_MSG_TAKE_MAX (WW_MSG_DECODED_MAX + (size_t)64 * 1024)
struct ww_msg_take {
    uint64_t job;
    enum ww_channel channel;
    int64_t came_at;
    char peer[128];          /* of HTTPS its address, of LMTP the envelope's sender, of local what it was read
                                from: printable ASCII; "" */
    bool mail;               /* the octets are one */
    struct ww_slice decoded; /* payload of a WW_MSG_DECODED; empty: the decoder has died of it each time */
    struct ww_slice octets;  /* the submission; empty where a report was read */
};

enum ww_taken {
    WW_TAKEN_NEW,         /* and counted; of some of its domains it may have been there */
    WW_TAKEN_AGAIN,       /* it was there already: nothing is counted twice */
    WW_TAKEN_QUARANTINED, /* it could not be read, and is kept as it is */
    WW_TAKEN_NOT_OURS,    /* of no domain that reports are taken of: nothing is kept */
    WW_TAKENS,
};
/* "new", "again", "quarantined", "not-ours". */
const char *ww_taken_name(enum ww_taken taken);

struct ww_msg_taken {
    uint64_t job;
    enum ww_err err; /* not WW_OK: it was not taken, and may be submitted again; the rest says nothing */
    enum ww_taken taken;
    uint64_t number; /* of the report, or in quarantine; 0: none */
    enum ww_err why; /* the deviation for which it could not be read, or WW_OK */
    char at[WW_DEVIATION_AT_SIZE];
};

/* A report as octets; b fails when it has no room. */
void ww_msg_put_received(struct ww_buf *b, const struct ww_received *m);

/* One that was decoded: allocated as one piece, freed by free(); slices are borrowed from the payload. NULL:
 * *err.
 */
struct ww_received *ww_msg_get_received(struct ww_slice payload, enum ww_err *err);

void ww_msg_put_decode(struct ww_buf *b, const struct ww_msg_decode *m);
WW_MUST_CHECK enum ww_err ww_msg_get_decode(struct ww_slice payload, struct ww_msg_decode *m);
void ww_msg_put_decoded(struct ww_buf *b, const struct ww_msg_decoded *m);
WW_MUST_CHECK enum ww_err ww_msg_get_decoded(struct ww_slice payload, struct ww_msg_decoded *m);
void ww_msg_put_take(struct ww_buf *b, const struct ww_msg_take *m);
WW_MUST_CHECK enum ww_err ww_msg_get_take(struct ww_slice payload, struct ww_msg_take *m);
void ww_msg_put_taken(struct ww_buf *b, const struct ww_msg_taken *m);
WW_MUST_CHECK enum ww_err ww_msg_get_taken(struct ww_slice payload, struct ww_msg_taken *m);

/*
 * What control asks the keeper about reports of others (WW_ASK_RECEIVED). The answers are JSON texts, one in
 * each piece; of RAW and QUARANTINE_RAW the pieces are parts of some octets. Of a list the last one has
 * "after": where the next page goes on, or null.
 */
enum ww_received_ask {
    WW_RECEIVED_ASK_LIST,
    WW_RECEIVED_ASK_SHOW, /* one report, with what is known that bears on its failures */
    WW_RECEIVED_ASK_RAW,  /* one report's JSON, gzipped */
    WW_RECEIVED_ASK_STATS,
    WW_RECEIVED_ASK_EXPORT, /* a page of rows */
    WW_RECEIVED_ASK_REMOVE, /* one report: it counts no more */
    WW_RECEIVED_ASK_QUARANTINE,
    WW_RECEIVED_ASK_QUARANTINE_SHOW,
    WW_RECEIVED_ASK_QUARANTINE_RAW,
    WW_RECEIVED_ASK_QUARANTINE_REMOVE, /* one; number 0: all */
    WW_RECEIVED_ASKS,
};

enum ww_received_by {
    WW_RECEIVED_BY_DAY,
    WW_RECEIVED_BY_DOMAIN,
    WW_RECEIVED_BY_SENDER,
    WW_RECEIVED_BY_RESULT, /* type of failure */
    WW_RECEIVED_BY_MX,
    WW_RECEIVED_BYS,
};
/* "day", "domain", "sender", "result", "mx". */
const char *ww_received_by_name(enum ww_received_by by);

struct ww_msg_received_ask {
    enum ww_received_ask what;
    uint64_t number;            /* of one */
    char domain[WW_DNAME_SIZE]; /* of LIST, STATS and EXPORT, as all below: of this recipient domain; "": all
                                 */
    char sender[WW_RECEIVED_NAME_MAX + 1]; /* the domain or name that stands for it in the store; "": all */
    char result[WW_RECEIVED_WORD_MAX + 1]; /* with failures of this type; "": all */
    int64_t since, until;                  /* Unix seconds: of days that begin in [since, until) */
    bool failed;                           /* with failures alone */
    enum ww_received_by by;                /* of STATS */
    uint64_t after;                        /* the last "after"; 0: the first page */
    uint32_t max;                          /* rows of a page, or of STATS; 0: as many as usual */
};

void ww_msg_put_received_ask(struct ww_buf *b, const struct ww_msg_received_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_received_ask(struct ww_slice payload, struct ww_msg_received_ask *m);

/* Whether it is safe to enforce (WW_ASK_ADVISE). The answer is one JSON text, in pieces. */
#define WW_MSG_ADVISE_FAULTS_MAX 48
#define WW_MSG_ADVISE_MX_SIZE 4200
struct ww_msg_advise_fault {
    enum ww_severity severity;
    char check[64]; /* as struct ww_msg_watch_finding, as the next two */
    char where[320];
    char seen[640];
};
struct ww_msg_advise_ask {
    char domain[WW_DNAME_SIZE];
    uint32_t days; /* that are looked back on */
    bool looked; /* somebody has just inspected it: the rest. Else what the watch has seen is taken, if it is
                    watched */
    int64_t at;
    char outlook[16];
    char mode[16]; /* "": no policy */
    char id[WW_STS_ID_MAX + 1];
    char mx[WW_MSG_ADVISE_MX_SIZE];
    uint16_t count;
    struct ww_msg_advise_fault faults[WW_MSG_ADVISE_FAULTS_MAX];
    struct ww_slice body; /* of the policy; empty: none, or longer than WW_VERSION_BODY_MAX; borrowed */
};
void ww_msg_put_advise_ask(struct ww_buf *b, const struct ww_msg_advise_ask *m);
WW_MUST_CHECK enum ww_err ww_msg_get_advise_ask(struct ww_slice payload, struct ww_msg_advise_ask *m);

#endif
