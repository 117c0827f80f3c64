/*
 * Hands submissions to the daemon over its socket, by HTTP, several at a time. What the daemon cannot take
 * now is tried again for a while; what it may have taken already is given again without harm, as it finds it
 * there.
 */
#ifndef WW_CLI_INGEST_CLIENT_H
#define WW_CLI_INGEST_CLIENT_H

#include "cli/ingest_source.h"

#include <jansson.h>

/* And no more than so many octets, unless one alone is larger. */
#define WW_INGEST_AT_A_TIME 32
#define WW_INGEST_OCTETS ((size_t)16 << 20)

struct ww_ingest_client {
    const char *address;  /* "unix:/path" */
    unsigned patience_ms; /* how long one is tried again that the daemon cannot take */
    /* The next one; false: there is none. */
    bool (*next)(void *ctx, struct ww_ingest_item *item);
    /* An answer: status 200 has one in JSON; any other is a refusal, with words or NULL. */
    void (*told)(void *ctx, const struct ww_ingest_item *item, unsigned status, const json_t *answer,
                 const char *words);
    void *ctx;
};

/* Why it has stopped. */
enum ww_ingest_end {
    WW_INGEST_DONE,        /* all were answered */
    WW_INGEST_UNREACHABLE, /* errno */
    WW_INGEST_LATER,       /* the daemon takes none, or does not answer */
    WW_INGEST_STRANGE,     /* its answer is none of HTTP */
    WW_INGEST_ADDRESS,     /* that is none */
};

/* SIGPIPE does not matter. What was not answered was not told of. */
enum ww_ingest_end ww_ingest_client_run(const struct ww_ingest_client *client);

#endif
