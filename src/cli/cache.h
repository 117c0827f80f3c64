/* The commands of `waxwing cache`: one file each; and what they share. */
#ifndef WW_CLI_CACHE_H
#define WW_CLI_CACHE_H

#include "cli/control.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* Each gets its own name in argv[0] and returns an exit code. */
int ww_cli_cache_export(int argc, char **argv);
int ww_cli_cache_history(int argc, char **argv);
int ww_cli_cache_import(int argc, char **argv);
int ww_cli_cache_list(int argc, char **argv);
int ww_cli_cache_purge(int argc, char **argv);
int ww_cli_cache_refresh(int argc, char **argv);
int ww_cli_cache_show(int argc, char **argv);

/*
 * The canonical names of the domains on the command line as an array; a new reference. NULL when one is no
 * domain, which was said.
 */
json_t *ww_cache_domains(const char *command, char **texts, int count);

/* A request of one member, whose value is taken over (NULL counts as no memory). A new reference, or NULL. */
json_t *ww_cache_request(const char *key, json_t *value);

/* A member of an item: a string, or "" for anything else; a number, or 0. */
const char *ww_cache_text(const json_t *item, const char *key);
json_int_t ww_cache_number(const json_t *item, const char *key);

/* A version of the format that export writes and import reads. */
#define WW_CACHE_FORMAT 1

/* Each version of a domain's policy, and what it changed; the name is canonical. The exit status. */
int ww_cache_history_print(const struct ww_control_options *o, const char *domain);

#endif
