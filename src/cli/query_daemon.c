#include "cli/query.h"

#include "cli/dial.h"
#include "core/dname.h"
#include "core/socketmap.h"
#include "core/words.h"
#include "daemon/clock.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The daemon answers within its own deadline; the rest is for the way. */
#define DEADLINE_EXTRA_MS 5000

static enum ww_query_outcome read_reply(struct ww_slice reply, json_t **json, char why[WW_QUERY_WHY_SIZE])
{
    if (ww_slice_starts(reply, "NOTFOUND "))
        return WW_QUERY_NO_DOMAIN;
    if (ww_slice_starts(reply, "OK ")) {
        *json = json_loadb(reply.p + 3, reply.n - 3, JSON_REJECT_DUPLICATES, NULL);
        if (json_is_object(*json))
            return WW_QUERY_ANSWER;
        json_decref(*json);
        *json = NULL;
    }
    struct ww_buf b = ww_buf(why, WW_QUERY_WHY_SIZE - 1);
    ww_buf_str(&b, "it answers: ");
    ww_words_put(&b, reply);
    why[b.n] = '\0';
    return WW_QUERY_FAILED;
}

static enum ww_query_outcome converse(struct ww_dial *dial, const char *domain, int64_t deadline,
                                      json_t **json, char why[WW_QUERY_WHY_SIZE])
{
    char payload[WW_DNAME_SIZE + 16];
    struct ww_slice reply;
    (void)snprintf(payload, sizeof payload, "EXPLAIN %s", domain);
    if (ww_dial_send(dial, ww_slice_str(payload), deadline) && ww_dial_receive(dial, &reply, deadline))
        return read_reply(reply, json, why);
    (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", strerror(errno));
    return WW_QUERY_FAILED;
}

enum ww_query_outcome ww_query_daemon(const char *address, const char *domain, unsigned deadline_ms,
                                      json_t **json, char why[WW_QUERY_WHY_SIZE])
{
    struct ww_dial dial;
    int64_t deadline = ww_clock_ms() + deadline_ms;
    if (!ww_dial_open(&dial, address, WW_SOCKETMAP_REPLY_MAX, deadline)) {
        bool nobody = errno == ECONNREFUSED || errno == ENOENT;
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "%s", strerror(errno));
        return nobody ? WW_QUERY_NO_DAEMON : WW_QUERY_FAILED;
    }
    enum ww_query_outcome outcome = converse(&dial, domain, deadline, json, why);
    ww_dial_close(&dial);
    return outcome;
}

enum ww_query_outcome ww_query_ask(char *const *places, const char *domain, unsigned answer_deadline_ms,
                                   json_t **json, char why[WW_QUERY_WHY_SIZE])
{
    enum ww_query_outcome outcome = WW_QUERY_NO_DAEMON;
    for (size_t i = 0; places[i] != NULL && outcome == WW_QUERY_NO_DAEMON; i++) {
        char words[WW_QUERY_WHY_SIZE] = "";
        outcome = ww_query_daemon(places[i], domain, answer_deadline_ms + DEADLINE_EXTRA_MS, json, words);
        (void)snprintf(why, WW_QUERY_WHY_SIZE, "%.*s: %.*s", 150, places[i], 160, words);
    }
    return outcome;
}
