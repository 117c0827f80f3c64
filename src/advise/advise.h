/*
 * Whether a domain may enforce its MTA-STS policy: pure rules on what is known of it. docs/advise.md explains
 * them to those who have to decide. Cautious by design: what is not known counts against enforcing, and what
 * nobody has signed counts for nothing.
 */
#ifndef WW_ADVISE_ADVISE_H
#define WW_ADVISE_ADVISE_H

#include "advise/cause.h"

/*
 * The thresholds. Two weeks have every weekday twice, monthly mailings aside; a report comes a day late, and
 * some senders leave out days without mail, so that 10 days of 14 will do. Two senders, as one alone may sit
 * behind a resolver of its own; but a large one sends what many small ones would not. A week without failures
 * has every weekday once. One session in a thousand is what timeouts and broken middle boxes of one sender
 * come to, and what an attack on one path looks like.
 */
#define WW_ADVISE_TESTING_DAYS 14
#define WW_ADVISE_WINDOW_DAYS 14
#define WW_ADVISE_REPORT_DAYS 10 /* of the window */
#define WW_ADVISE_SENDERS 2
#define WW_ADVISE_ONE_SENDER_SESSIONS 1000
#define WW_ADVISE_QUIET_DAYS 7
#define WW_ADVISE_BLIP_OF 1000 /* fewer sessions than one of so many */
/* Failures go on when there were some so many days ago or later; else they may be mended. */
#define WW_ADVISE_GOES_ON_DAYS 2
/* Under enforce one session in so many is worth going back for. */
#define WW_ADVISE_BACK_OF 100
#define WW_ADVISE_SILENT_DAYS 5
#define WW_ADVISE_SILENT_TIMES 3 /* as long as between two reports, and so many days at least */

enum ww_advice_kind {
    WW_ADVICE_ENFORCE, /* it is safe */
    WW_ADVICE_WAIT,    /* the evidence is too thin */
    WW_ADVICE_FIX,     /* something would break, or does */
    WW_ADVICE_KEEP,    /* enforce is on, and well */
    WW_ADVICE_BACK,    /* enforce is on, and good mail is refused: back to testing until that is mended */
    WW_ADVICE_PUBLISH, /* there is no policy */
    WW_ADVICE_KINDS,
};
/* "enforce", "wait", "fix", "keep", "back", "publish". */
const char *ww_advice_name(enum ww_advice_kind kind);

/* What a reason speaks for. */
enum ww_advice_weight {
    WW_WEIGHT_BAD,     /* against enforcing */
    WW_WEIGHT_MISSING, /* nothing is wrong, but it is not known enough */
    WW_WEIGHT_GOOD,
    WW_WEIGHT_NOTE, /* changes nothing */
    WW_WEIGHTS,
};
/* "error", "warning", "info", "ok". */
const char *ww_advice_weight_name(enum ww_advice_weight weight);

#define WW_ADVICE_WORDS_SIZE 512
struct ww_advice_reason {
    const char *id; /* static */
    enum ww_advice_weight weight;
    char words[WW_ADVICE_WORDS_SIZE]; /* a sentence without a full stop; printable ASCII */
    int64_t sessions;                 /* 0, as the next ones: it is not about any */
    int64_t senders;
    int64_t days;
    int64_t until; /* when it will be otherwise, as far as anybody can say; 0 */
};

/* Something that refuses mail today, or would under mode enforce. */
struct ww_advice_break {
    bool reported;     /* by others; else the inspection has found it */
    const char *id;    /* of the check; or the result type: borrowed from the evidence */
    const char *where; /* the same */
    enum ww_cause_verdict verdict;
    char words[WW_ADVICE_WORDS_SIZE];
    int64_t sessions, senders;
    int64_t last_day; /* of reports */
    int64_t since;    /* of findings; 0: not known */
};

#define WW_ADVICE_REASONS_MAX 20
#define WW_ADVICE_BREAKS_MAX 32

struct ww_advice {
    enum ww_advice_kind kind;
    char words[WW_ADVICE_WORDS_SIZE]; /* plainly what to do: one sentence, with its full stop */
    char next[WW_ADVICE_WORDS_SIZE];  /* how; "" */
    int64_t until;                    /* of WAIT: not before; 0: nobody can say */
    char mode[16];                    /* of the policy of now; "": none, or not known */
    int64_t since;                    /* it has this mode since; 0: not known */
    bool enforced;
    struct ww_advice_reason reasons[WW_ADVICE_REASONS_MAX]; /* what weighs most first */
    size_t reason_count;
    struct ww_advice_break breaks[WW_ADVICE_BREAKS_MAX];
    size_t break_count, breaks_left_out;
    enum ww_cause_verdict verdicts[WW_EVIDENCE_CAUSES_MAX]; /* of evidence->causes */
    bool silent[WW_EVIDENCE_SENDERS_MAX];                   /* of evidence->senders */
};

/* Borrows from the evidence. */
void ww_advise(const struct ww_evidence *evidence, struct ww_advice *out);

/* What speaks against enforcing in one clause: host, cause and sessions of what weighs most, and how much
 * there is besides; printable ASCII. "": nothing does. */
#define WW_ADVICE_WHY_SIZE 320
void ww_advice_why(const struct ww_advice *advice, char out[WW_ADVICE_WHY_SIZE]);

#endif
