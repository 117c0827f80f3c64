/* The sections `override "KEY" { … }` of the configuration. */
#ifndef WW_DAEMON_CONFIG_OVERRIDE_H
#define WW_DAEMON_CONFIG_OVERRIDE_H

#include "daemon/config.h"

#include <confuse.h>

/* So many sections are read: each is looked for among those before it. */
#define WW_CONFIG_OVERRIDES_MAX 10000

/* Writes the option of the sections for libConfuse, which copies it. */
void ww_config_override_option(cfg_opt_t *opt);

/* Speaks of an error in a line; printf's format. */
typedef void ww_config_complain(unsigned line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Has what is wrong with them reported while they are read. */
void ww_config_override_watch(cfg_t *cfg, ww_config_complain *complain);

/* Stores what was read without an error. False: memory is short. */
bool ww_config_override_store(cfg_t *cfg, struct ww_config *config);

void ww_config_override_clear(struct ww_config *config);

#endif
