/*
 * One client of the line protocol (docs/results.md), on a stream socket that does not block: what it sends is
 * cut into lines, and each is answered by one, in their order. It waits while its answers are not read.
 */
#ifndef WW_DAEMON_LINE_CLIENT_H
#define WW_DAEMON_LINE_CLIENT_H

#include "base/err.h"
#include "base/lines.h"
#include "core/tls_result.h"

#include <stdint.h>

/* It is closed after so long without an octet from it. */
#define WW_LINE_CLIENT_IDLE_MS 60000
/* So many at a time are enough; others wait in the kernel's queue. */
#define WW_LINE_CLIENTS_MAX 64

struct ww_line_client {
    int fd; /* -1: there is none */
    struct ww_lines lines;
    char answers[4096];
    size_t answers_n;
    int64_t heard_at;
    bool ended; /* no more lines come, or none is wanted: it is closed when the answers are out */
};

/* What is done with lines. */
struct ww_line_taker {
    /* False: no line is taken for now. NULL: all are, at any time. */
    bool (*ready)(void *ctx);
    /* An event; after true it is answered that it may be forgotten, after false nothing is. */
    bool (*take)(void *ctx, const struct ww_tls_result *event);
    /* A line that breaks a rule at this octet, before it is answered so. May be NULL. */
    void (*refused)(void *ctx, enum ww_err err, size_t offset);
    void *ctx;
};

/* Owns fd, which is closed when memory is short: false. */
bool ww_line_client_open(struct ww_line_client *c, int fd, int64_t now_ms);
void ww_line_client_close(struct ww_line_client *c);

/* What it waits for, beside the time. */
bool ww_line_client_wants_to_read(const struct ww_line_client *c);
bool ww_line_client_wants_to_write(const struct ww_line_client *c);

/* Does what can be done without waiting; readable: there is something to read, or the end. May close it. */
void ww_line_client_serve(struct ww_line_client *c, const struct ww_line_taker *taker, bool readable,
                          int64_t now_ms);

#endif
