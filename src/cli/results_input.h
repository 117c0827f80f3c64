/*
 * Lines of a log, of a journal's export or of the protocol, and the events that they make. Each line is taken
 * for what it looks like, so that one file may hold all three.
 */
#ifndef WW_CLI_RESULTS_INPUT_H
#define WW_CLI_RESULTS_INPUT_H

#include "engine/postfix_results.h"

/* A longer line is skipped: an entry of a journal (journal_line.h) is the longest. */
#define WW_RESULTS_LINE_MAX 65536

struct ww_results_input {
    struct ww_postfix_results *postfix;
    ww_postfix_tell *tell;
    void *ctx;
    uint64_t taken;   /* lines that made sense, whether or not they were about TLS */
    uint64_t refused; /* lines of the protocol that break its rules */
};

/* False when memory is short. Free with ww_results_input_free. */
bool ww_results_input_init(struct ww_results_input *in, ww_postfix_tell *tell, void *ctx);
void ww_results_input_free(struct ww_results_input *in);

/* Takes a line without its line feed. False when memory is short. */
bool ww_results_input_line(struct ww_results_input *in, const char *p, size_t n, int64_t now);

struct ww_journal_line;
bool ww_results_input_entry(struct ww_results_input *in, const struct ww_journal_line *entry);

#endif
