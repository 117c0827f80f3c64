#include "engine/courier.h"

#define BACK_OFF_FIRST 300
#define BACK_OFF_LAST (4 * 3600)
/* A destination that had its share is asked after within so long. */
#define POSTPONE_LEAST 60
#define POSTPONE_SPREAD 60
/* One whose destination has too many others for so long is not sent: they would become ever more. */
#define POSTPONE_SECONDS (3 * 24 * 3600)
/* What is late already is spread over this part of what reports of its day had. */
#define LATE_PART 12

const char *ww_report_state_name(enum ww_report_state state)
{
    static const char *const names[WW_REPORT_STATES] = {"waiting", "held", "sent", "given-up", "not-asked"};
    return names[state];
}

const char *ww_target_state_name(enum ww_target_state state)
{
    static const char *const names[WW_TARGET_STATES] = {"waiting",  "sent",       "refused",
                                                        "given-up", "suppressed", "unsupported"};
    return names[state];
}

const char *ww_target_outcome_name(enum ww_target_outcome outcome)
{
    static const char *const names[WW_TRIED_OUTCOMES] = {"accepted", "later", "refused", "postponed",
                                                         "unsupported"};
    return names[outcome];
}

static int64_t pick(uint64_t random, int64_t from, int64_t to)
{
    return from + (int64_t)(random % (uint64_t)(to - from + 1));
}

int64_t ww_courier_first(int64_t day_end, int64_t spread, uint64_t random, int64_t now)
{
    int64_t from = now > day_end ? now : day_end;
    int64_t to = day_end + spread;
    if (to < from + spread / LATE_PART)
        to = from + spread / LATE_PART;
    return pick(random, from, to);
}

/* A quarter more or less than the step, so that what failed together does not come back together. */
static int64_t back_off(unsigned tries, uint64_t random)
{
    int64_t step = BACK_OFF_FIRST;
    while (--tries > 0 && step < BACK_OFF_LAST)
        step *= 2;
    if (step > BACK_OFF_LAST)
        step = BACK_OFF_LAST;
    return pick(random, step - step / 4, step + step / 4);
}

static void end(struct ww_courier_target *target, enum ww_target_state state)
{
    target->state = state;
    target->due = 0;
}

static void fail(struct ww_courier_target *target, uint64_t random, int64_t now)
{
    int64_t last = target->first_try + WW_COURIER_TRY_SECONDS;
    if (now >= last) {
        end(target, WW_TARGET_GIVEN_UP);
        return;
    }
    target->due = now + back_off(target->tries, random);
    if (target->due > last)
        target->due = last;
}

static void postpone(struct ww_courier_target *target, uint64_t random, int64_t now)
{
    if (target->first_try == 0 || target->first_try > now)
        target->first_try = now;
    if (now - target->first_try >= POSTPONE_SECONDS)
        end(target, WW_TARGET_GIVEN_UP);
    else
        target->due = now + pick(random, POSTPONE_LEAST, POSTPONE_LEAST + POSTPONE_SPREAD);
}

void ww_courier_tried(struct ww_courier_target *target, enum ww_target_outcome outcome, uint64_t random,
                      int64_t now)
{
    bool tried = outcome == WW_TRIED_ACCEPTED || outcome == WW_TRIED_LATER || outcome == WW_TRIED_REFUSED;
    /* A clock that was ahead once does not make the day longer; to be postponed before does not make it
     * shorter. */
    if (tried && (target->tries == 0 || target->first_try == 0 || target->first_try > now))
        target->first_try = now;
    if (tried && outcome != WW_TRIED_ACCEPTED)
        target->tries++;
    target->state = WW_TARGET_WAITING;
    switch (outcome) {
    case WW_TRIED_ACCEPTED:
        end(target, WW_TARGET_SENT);
        break;
    case WW_TRIED_LATER:
        fail(target, random, now);
        break;
    case WW_TRIED_REFUSED:
        end(target, WW_TARGET_REFUSED);
        break;
    case WW_TRIED_POSTPONED:
        postpone(target, random, now);
        break;
    case WW_TRIED_UNSUPPORTED:
        end(target, WW_TARGET_UNSUPPORTED);
        break;
    case WW_TRIED_OUTCOMES:
        break;
    }
}

/* An operator's suppression is longer than ours, and stays. */
static void suppress(struct ww_courier_standing *standing, int64_t now)
{
    if (standing->refusals == WW_COURIER_REFUSALS &&
        standing->suppressed_until < now + WW_COURIER_SUPPRESS_SECONDS)
        standing->suppressed_until = now + WW_COURIER_SUPPRESS_SECONDS;
}

void ww_courier_judge(struct ww_courier_standing *standing, enum ww_target_outcome outcome, int64_t now)
{
    if (outcome == WW_TRIED_ACCEPTED)
        standing->refusals = 0;
    if (outcome != WW_TRIED_REFUSED)
        return;
    if (standing->refusals < WW_COURIER_REFUSALS)
        standing->refusals++;
    suppress(standing, now);
}

void ww_courier_bounced(struct ww_courier_standing *standing, unsigned in_a_row, int64_t now)
{
    if (in_a_row > WW_COURIER_REFUSALS)
        in_a_row = WW_COURIER_REFUSALS;
    if (in_a_row == 0)
        return;
    if (standing->refusals < in_a_row)
        standing->refusals = in_a_row;
    suppress(standing, now);
}
