/* The parts of `waxwing query`. */
#ifndef WW_CLI_QUERY_H
#define WW_CLI_QUERY_H

#include "daemon/config.h"

#include <jansson.h>

#define WW_QUERY_WHY_SIZE 320

enum ww_query_outcome {
    WW_QUERY_ANSWER,    /* *json is set; the caller gives it back with json_decref */
    WW_QUERY_NO_DAEMON, /* nobody listens there */
    WW_QUERY_NO_DOMAIN, /* the daemon takes this for no policy domain */
    WW_QUERY_FAILED,    /* no answer now: why says so */
};

/*
 * Asks the daemon that listens at `address` ("inet:127.0.0.1:8461", "unix:/path") by the map EXPLAIN. The
 * whole takes at most deadline_ms.
 */
enum ww_query_outcome ww_query_daemon(const char *address, const char *domain, unsigned deadline_ms,
                                      json_t **json, char why[WW_QUERY_WHY_SIZE]);

/*
 * Asks each place where a daemon may listen (NULL-terminated), until one answers. answer_deadline_ms is the
 * daemon's own, by its configuration. why is of the last place that gave no answer.
 */
enum ww_query_outcome ww_query_ask(char *const *places, const char *domain, unsigned answer_deadline_ms,
                                   json_t **json, char why[WW_QUERY_WHY_SIZE]);

/* Looks by itself, as a daemon would that knows nothing yet: in a process of its own (cli/explain.h). */
enum ww_query_outcome ww_query_direct(const struct ww_config *config, const char *domain, json_t **json,
                                      char why[WW_QUERY_WHY_SIZE]);

/* What a delivery must have, in one sentence: of an explanation as the map EXPLAIN gives it. */
const char *ww_query_demand(const json_t *json);

/* What TLSA records come to at a host, in words: "secure-usable" → "usable TLSA records"; the rest unchanged.
 */
const char *ww_query_dane_words(const char *state);

/* What a discovery came to, in words: "policy" → "the policy was fetched". */
const char *ww_query_outcome_words(const char *outcome);

/* Writes an explanation for people to standard output. */
void ww_query_print(const json_t *json);

/* What of it the preload list says; nothing where that does not name the domain. */
void ww_query_print_preload(const json_t *json);

/* True when what it tells is not the last word: what is known came from a failure that may pass. */
bool ww_query_is_temporary(const json_t *json);

#endif
