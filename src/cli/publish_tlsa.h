/* The parts of `waxwing publish tlsa`: the records of an MX host's keys, and how a change of key stands. */
#ifndef WW_CLI_PUBLISH_TLSA_H
#define WW_CLI_PUBLISH_TLSA_H

#include "daemon/config.h"
#include "publish/tlsa_pair.h"

#define WW_PUBLISH_TLSA "publish tlsa"

/* "_65535._tcp." */
#define WW_PUBLISH_TLSA_PREFIX 12

struct ww_publish_tlsa {
    /* As given; NULL: not given. */
    const char *config_path;
    const char *certificate, *key_path, *next_path;
    bool state;
    int64_t now, since; /* Unix seconds */
    unsigned port;
    uint32_t ttl;
    enum ww_zone_format format;
    char host[WW_DNAME_SIZE];                                  /* canonical */
    uint8_t current[WW_TLSA_KEY_SIZE], next[WW_TLSA_KEY_SIZE]; /* the latter with next_path */
};

/* The records of these keys; what they say is in the room, which has to stay. */
void ww_publish_tlsa_make(const struct ww_publish_tlsa *o, bool current, bool next,
                          char room[2][WW_TLSA_TEXT_SIZE], struct ww_zone *zone);

/*
 * Looks at DNS and at the host, in a process of its own: {"dns": state, "why", "ttl", "records": [{"text",
 * "key"}], "addresses": [{"address", "shows", "refused", "why"}]}, where key is "current", "next" or null,
 * and shows one of these, "other" or "unknown"; or {"failed": why}. NULL: nothing came of it.
 */
json_t *ww_publish_tlsa_look(const struct ww_publish_tlsa *o, const struct ww_config *config);

/* Looks, and says what is due. Returns an exit status. */
int ww_publish_tlsa_state(const struct ww_publish_tlsa *o);

#endif
