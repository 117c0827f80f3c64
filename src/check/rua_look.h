/* What the files of the look at destinations share. */
#ifndef WW_CHECK_RUA_LOOK_H
#define WW_CHECK_RUA_LOOK_H

#include "check/looks.h"
#include "drive/addresses.h"
#include "drive/discover.h"
#include "drive/mx_hosts.h"
#include "net/smtp_hello.h"

struct event;

struct ww_rua_ask;

/* One address of one MX host. */
struct ww_rua_greeting {
    struct ww_rua_ask *ask;
    struct ww_addr addr;
    struct ww_smtp_hello *hello;
};

/* One destination. Of what is under way the pointer says so. */
struct ww_rua_ask {
    struct ww_rua_look *look;
    struct ww_rua_destination *out;
    unsigned waits;
    struct ww_addresses *addresses;
    /* https */
    char path[WW_RUA_PATH_SIZE];
    struct ww_https_get *get;
    /* mailto */
    struct ww_mx_lookup *mx;
    struct ww_mx_hosts hosts;
    size_t next_host;
    struct ww_rua_greeting greetings[WW_RUA_ADDRESSES_MAX];
    unsigned greeting; /* how many are under way */
    struct ww_flight *flight;
};

struct ww_rua_look {
    const struct ww_check_env *env;
    struct ww_rua_sight *sight;
    struct ww_discoverer discoverer;
    unsigned waits;
    struct event *end;
    struct ww_rua_ask asks[WW_RUA_MAX];
    ww_look_done *done;
    void *ctx;
};

/* Something of a destination is under way; it has ended. */
void ww_rua_begins(struct ww_rua_ask *ask);
void ww_rua_ends(struct ww_rua_ask *ask);

/* The addresses of the host; false: *err says why there will be none. */
bool ww_rua_find(struct ww_rua_ask *ask, const char *host, ww_addresses_cb *cb, enum ww_err *err);

void ww_rua_mail_begin(struct ww_rua_ask *ask);
void ww_rua_mail_cancel(struct ww_rua_ask *ask);

/* Keeps words, or what stands in front of them, which is not a stranger's. */
void ww_rua_keep(char out[WW_RUA_DETAIL_SIZE], const char *front, const char *words);

#endif
