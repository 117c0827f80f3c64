/*
 * What is read of a report (check/report_json.h) by all that show it. It comes from a process that has talked
 * to strangers: whatever is missing, or of another type, counts as empty, and numbers of things are bounded.
 */
#ifndef WW_CLI_CHECK_VIEW_H
#define WW_CLI_CHECK_VIEW_H

#include "core/lint.h"

#include <jansson.h>
#include <stdbool.h>

/* More members of one list are not shown. */
#define WW_VIEW_LIST_MAX 600

/* A string, "" where there is none; a number, 0 where there is none. */
const char *ww_view_text(const json_t *json, const char *key);
json_int_t ww_view_number(const json_t *json, const char *key);

/* The members of a list that are shown. */
size_t ww_view_size(const json_t *json, const char *key);
const json_t *ww_view_at(const json_t *json, const char *key, size_t index);

/* What is no known word counts as an error. */
enum ww_severity ww_view_severity(const json_t *finding);

/* What is wrong, as a sentence: those of the linters begin in lower case. */
#define WW_VIEW_TITLE_SIZE 256
void ww_view_title(const json_t *finding, char out[WW_VIEW_TITLE_SIZE]);

struct ww_view_counts {
    size_t of[3]; /* findings by severity */
    size_t passed;
    size_t not_tested;
};
struct ww_view_counts ww_view_counts(const json_t *report);

/* "2 errors, 1 warning, 3 info", or "nothing found". */
#define WW_VIEW_WORDS_SIZE 128
void ww_view_count_words(const struct ww_view_counts *counts, char out[WW_VIEW_WORDS_SIZE]);

/* How it is: for a colour. */
enum ww_view_state {
    WW_VIEW_PLAIN,
    WW_VIEW_GOOD,
    WW_VIEW_MIND,
    WW_VIEW_BAD,
    WW_VIEW_FAINT,
    WW_VIEW_STATES,
};

/* The outlook in one word or two, for people: "protected", "mail is held"; and in a sentence. */
const char *ww_view_outlook(const json_t *report, enum ww_view_state *state);
const char *ww_view_outlook_words(const json_t *report);

/* "Policy in mode enforce", "No valid policy". */
const char *ww_view_mode(const json_t *report);

/* "2026-11-29 12:00:05 UTC", "in 1.2 s"; both "" where nothing is told, and of a report
 * that was made of files. */
void ww_view_when(const json_t *report, char at[32], char took[32]);

/* One MX host in a few words. */
struct ww_view_host {
    const char *name;
    char preference[16];
    char tls[48];
    char expires[48];
    char dane[64];
    const char *verdict;
    const char *why; /* of the verdict, or "" */
    enum ww_view_state tls_state, expires_state, dane_state, verdict_state;
};

size_t ww_view_host_count(const json_t *report);
void ww_view_host(const json_t *report, size_t index, struct ww_view_host *out);

/* Findings that say the same of several places are shown as one: how many from this one on do. */
size_t ww_view_same(const json_t *report, size_t index);

/*
 * Checks that were not tested, by reason: the reason of the list's index-th one, unless an earlier one has
 * the same; NULL then. *count: how many have it.
 */
const char *ww_view_reason(const json_t *report, size_t index, size_t *count);

#endif
