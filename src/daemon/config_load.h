/* The configuration as the operator gives it: a file, and settings on the command line that count more. */
#ifndef WW_DAEMON_CONFIG_LOAD_H
#define WW_DAEMON_CONFIG_LOAD_H

#include "daemon/config.h"
#include "daemon/config_text.h"

struct ww_config_source {
    const char *path;                /* or NULL: WW_CONFIG_FILE, if there is one */
    struct ww_config_text overrides; /* as ww_config_text_add_setting has made it */
};

/*
 * Reads it and leaves in *text, empty at first, what file and command line say together. NULL: all errors
 * stand as lines in detail.
 */
struct ww_config *ww_config_load(const struct ww_config_source *source, struct ww_config_text *text,
                                 char *detail, size_t detail_size);

/* Who has to be told of a setting that differs and stays as it is until the daemon is started again. */
typedef void ww_config_fixed_cb(const char *setting);

/* The same for a daemon that runs with `now`: what cannot change while it runs is kept, in *text as well. */
struct ww_config *ww_config_reload(const struct ww_config_source *source, const struct ww_config *now,
                                   struct ww_config_text *text, ww_config_fixed_cb *fixed, char *detail,
                                   size_t detail_size);

#endif
