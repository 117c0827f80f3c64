/*
 * One line of a log file: its head, whose form depends on who wrote it, and what the program said.
 *
 *     Nov 29 11:24:44 out postfix/smtp[338]: text                              traditional, postlogd
 *     2026-11-29T11:24:44.123456+01:00 out postfix/smtp[338]: text             rsyslog in Debian 12 and later
 *     2026-11-29T11:24:44+0100 out postfix/smtp[338]: text                     journalctl -o short-iso
 */
#ifndef WW_CORE_SYSLOG_LINE_H
#define WW_CORE_SYSLOG_LINE_H

#include "base/slice.h"

#include <stdint.h>

/* Longer lines are no log lines of Postfix's, which ends them at 2,000 octets. */
#define WW_SYSLOG_LINE_MAX 8192

/* A time without year and zone, as clocks on the machine's wall show it. */
struct ww_wall_time {
    int month; /* 1 to 12 */
    int day;   /* 1 to 31 */
    int hour;
    int minute;
    int second;
};

struct ww_syslog_line {
    bool is_wall;             /* `wall` tells the time; else `seconds` does */
    int64_t seconds;          /* Unix time */
    struct ww_wall_time wall; /* all zero when is_wall is false */
    struct ww_slice host;
    struct ww_slice tag; /* "postfix/smtp" */
    uint32_t pid;        /* 0 without */
    struct ww_slice message;
};

/* Reads a line without its line feed; slices are cut from it. False: it is none of these forms. */
bool ww_syslog_line_parse(const char *p, size_t n, struct ww_syslog_line *out);

#endif
