/* What is made of the clock's state and of other people's clocks: judgement alone, without looking at any. */
#ifndef WW_CLI_DOCTOR_CLOCK_H
#define WW_CLI_DOCTOR_CLOCK_H

#include "cli/doctor.h"

#include <stdint.h>

/*
 * The state that adjtimex(2) returns, or -1, and STA_UNSYNC in its flags. An unsynchronised clock may be
 * right: it is a warning.
 */
enum ww_finding ww_clock_judge_kernel(int state, unsigned flags);

/*
 * Of the differences (theirs less ours, in seconds) the one that all are judged by: the middle one, so that
 * no single host's broken clock counts; 0 of none.
 */
int64_t ww_clock_middle(int64_t *differences, size_t count);

/* Up to a minute is right, up to a quarter of an hour does not hurt yet. */
enum ww_finding ww_clock_judge_offset(int64_t seconds);

#endif
