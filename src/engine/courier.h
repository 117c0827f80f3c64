/*
 * When a report goes out: spread over hours after the day's end, tried again ever later for a day, held back
 * from destinations that refuse (RFC 8460 sections 4.1 and 5). No I/O; state is the caller's rows.
 */
#ifndef WW_ENGINE_COURIER_H
#define WW_ENGINE_COURIER_H

#include <stdbool.h>
#include <stdint.h>

/* A day is closed so long after its end: the last results are folded by then. Seconds. */
#define WW_COURIER_CLOSE_AFTER 300
/* A report is tried for so long, from its first try on. */
#define WW_COURIER_TRY_SECONDS (24 * 3600)
/* A destination that has refused so many reports in a row for good gets none for so long. */
#define WW_COURIER_REFUSALS 3
#define WW_COURIER_SUPPRESS_SECONDS (INT64_C(30) * 86400)

enum ww_report_state {
    WW_REPORT_WAITING,   /* it is due at some time */
    WW_REPORT_HELD,      /* it is made, but the configuration says that none is sent */
    WW_REPORT_SENT,      /* a destination has taken it, and none is tried any more */
    WW_REPORT_GIVEN_UP,  /* none has, and none is tried any more */
    WW_REPORT_NOT_ASKED, /* the domain has no TLSRPT record: its content is not kept */
    WW_REPORT_STATES,
};
/* "waiting", "held", "sent", "given-up", "not-asked". */
const char *ww_report_state_name(enum ww_report_state state);

enum ww_target_state {
    WW_TARGET_WAITING,
    WW_TARGET_SENT,
    WW_TARGET_REFUSED,     /* for good */
    WW_TARGET_GIVEN_UP,    /* tried for a day */
    WW_TARGET_SUPPRESSED,  /* not tried: the destination has refused before, or the operator says so */
    WW_TARGET_UNSUPPORTED, /* not a mailto: or https: URI that can be delivered to */
    WW_TARGET_STATES,
};
/* "waiting", "sent", "refused", "given-up", "suppressed", "unsupported". */
const char *ww_target_state_name(enum ww_target_state state);

/* How a try has ended. */
enum ww_target_outcome {
    WW_TRIED_ACCEPTED,
    WW_TRIED_LATER,     /* failed, but may go well another time */
    WW_TRIED_REFUSED,   /* for good */
    WW_TRIED_POSTPONED, /* not tried: the destination had its share for now */
    WW_TRIED_UNSUPPORTED,
    WW_TRIED_OUTCOMES,
};
/* "accepted", "later", "refused", "postponed", "unsupported". */
const char *ww_target_outcome_name(enum ww_target_outcome outcome);

/*
 * When the report of a day that has ended is due for the first time: within `spread` seconds from the end of
 * the day on, by a random number, but not before now. One that is late already is spread over a twelfth of
 * it.
 */
int64_t ww_courier_first(int64_t day_end, int64_t spread, uint64_t random, int64_t now);

struct ww_courier_target {
    enum ww_target_state state;
    unsigned tries;    /* that have failed */
    int64_t first_try; /* while none has failed: when it was postponed first; 0: never */
    int64_t due;
};

/*
 * Takes how a try has ended: sets state, tries, first_try and due, which is 0 once the target has ended.
 * After a failure it is due in five minutes, then ten, and so on up to four hours, a quarter more or less by
 * the random number; for the last time when its day is over. One that was postponed was not tried: it is due
 * within one to two minutes, and given up when that has gone on for three days.
 */
void ww_courier_tried(struct ww_courier_target *target, enum ww_target_outcome outcome, uint64_t random,
                      int64_t now);

/* How often in a row a destination has refused, and what that comes to. */
struct ww_courier_standing {
    unsigned refusals;
    int64_t suppressed_until; /* 0: it is not */
};
/* The refusal after those that WW_COURIER_REFUSALS allows suppresses again at once, until one is accepted. */
void ww_courier_judge(struct ww_courier_standing *standing, enum ww_target_outcome outcome, int64_t now);
/* The same of mails, which a server takes before they come back: so many in a row, up to the latest, have. */
void ww_courier_bounced(struct ww_courier_standing *standing, unsigned in_a_row, int64_t now);

#endif
