/*
 * A look at the configuration text before libConfuse reads it. It turns comments into spaces, since
 * libConfuse counts lines wrongly after some and takes none inside lists; and it refuses what libConfuse
 * would take in silence: variables of the environment, strings over several lines, a missing brace, control
 * bytes.
 */
#ifndef WW_DAEMON_CONFIG_SCAN_H
#define WW_DAEMON_CONFIG_SCAN_H

#include <stdbool.h>
#include <stddef.h>

struct ww_config_fault {
    unsigned line;
    const char *what; /* static */
};

/* Changes text in place. False: *fault says where and what. */
bool ww_config_scan(char *text, size_t n, struct ww_config_fault *fault);

#endif
