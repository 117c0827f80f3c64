/* What the files of the look at names share. */
#ifndef WW_CHECK_NAMES_LOOK_H
#define WW_CHECK_NAMES_LOOK_H

#include "check/looks.h"
#include "drive/addresses.h"
#include "net/dns.h"
#include "net/dns_server.h"

struct event;

struct ww_names_text_ask {
    struct ww_names_look *look;
    enum ww_names_text which;
    struct ww_dns_query *query; /* NULL: none is under way */
};

struct ww_names_zone_ask {
    struct ww_names_look *look;
    struct ww_name_zone *zone;
    struct ww_dns_query *query;
};

/* One name server: its addresses, then what they say. */
struct ww_names_server_ask {
    struct ww_names_look *look;
    char name[WW_DNAME_SIZE];
    struct ww_addresses *addresses;
};

struct ww_names_address_ask {
    struct ww_names_look *look;
    struct ww_dns_server_query *query;
};

struct ww_names_look {
    const struct ww_check_env *env;
    struct ww_names_sight *sight;
    unsigned waits;    /* for answers */
    struct event *end; /* made active when the last one is there */
    struct ww_names_text_ask texts[WW_NAMES_TEXTS];
    struct ww_names_zone_ask above[WW_NAMES_ABOVE_MAX];
    struct ww_names_zone_ask zones[WW_NAMES_ZONES];
    char owner[WW_DNAME_SIZE]; /* where the record stands, aliases followed; "" before that is known */
    bool servers_begun;
    struct ww_dns_query *ns;
    struct ww_names_server_ask servers[WW_NAMES_SERVERS_MAX];
    struct ww_names_address_ask addresses[WW_NAMES_SERVERS_MAX];
    ww_look_done *done;
    void *ctx;
};

void ww_names_look_begins(struct ww_names_look *look);
void ww_names_look_ends(struct ww_names_look *look);

/* Asks for the zone of a name, of which the sight is told. */
void ww_names_look_zone(struct ww_names_look *look, struct ww_names_zone_ask *ask, struct ww_name_zone *zone,
                        const char *name);

/* Asks the name servers of a zone for the record, each by itself. */
void ww_names_look_servers(struct ww_names_look *look, const char *zone);
void ww_names_look_cancel_servers(struct ww_names_look *look);

/* Keeps a stranger's words; NULL: none. */
void ww_names_keep_words(char *out, size_t size, const char *words);

#endif
