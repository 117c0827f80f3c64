/*
 * What is found of one MX host, gathered: the same at several addresses is one finding, which names them all.
 * A part of the judge of MX hosts.
 */
#ifndef WW_CHECK_MX_GATHER_H
#define WW_CHECK_MX_GATHER_H

#include "check/check.h"
#include "core/addr.h"

/* Of more, the rest is left out. */
#define WW_MX_GATHER_MAX 64

struct ww_mx_gathered {
    enum ww_check check;
    char seen[WW_CHECK_SEEN_SIZE];
    char where[WW_CHECK_WHERE_SIZE]; /* the host, and its addresses in brackets */
};

struct ww_mx_gather {
    struct ww_check_report *report;
    const char *host;
    size_t count;
    struct ww_mx_gathered all[WW_MX_GATHER_MAX];
};

/* addr NULL: it is about the host as a whole. */
void ww_mx_gather(struct ww_mx_gather *gather, enum ww_check check, const struct ww_addr *addr,
                  const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Gives all to the report, and is empty again. */
void ww_mx_gather_end(struct ww_mx_gather *gather);

#endif
