/* What the checks of ports share: looking up and connecting as the daemon does, and judging a family. */
#ifndef WW_CLI_DOCTOR_NET_H
#define WW_CLI_DOCTOR_NET_H

#include "cli/doctor.h"
#include "cli/outside.h"

/* Of a DNS question and a GET, whatever the configuration allows: groups of checks have deadlines too. */
#define WW_DOCTOR_DNS_MS 8000
#define WW_DOCTOR_FETCH_MS 15000

enum ww_family { WW_FAMILY_IPV4, WW_FAMILY_IPV6, WW_FAMILIES };

const char *ww_family_name(enum ww_family family);

/*
 * Opens and confines what talks to strangers (outside.h), with deadlines that are short enough. False:
 * *detail (static) says why, and nothing is left open.
 */
bool ww_doctor_net_open(struct ww_outside *net, const struct ww_config *config, const char **detail);

/* Those of one family go to out, which has room for WW_ADDRESSES_FAMILY_MAX; returns how many there are. */
size_t ww_family_pick(enum ww_family family, const struct ww_addresses_reply *reply, struct ww_addr *out);

/* How far a try over one family came. */
enum ww_reach {
    WW_REACH_NO_ADDRESS, /* the other side has none of this family */
    WW_REACH_NO_ROUTE,   /* this machine has no way there */
    WW_REACH_NO_ANSWER,  /* no connection came about */
    WW_REACH_BAD,        /* a connection, but what came over it was not right */
    WW_REACH_WORKS,
    WW_REACH_COUNT,
};

/* All tries over one family. */
struct ww_doctor_tally {
    unsigned count[WW_REACH_COUNT];
    char who[160];   /* with whom it works */
    char words[320]; /* on the first that did not, or "" */
};

/* who is a domain; words may be NULL. */
void ww_doctor_tally_add(struct ww_doctor_tally *tally, enum ww_reach reach, const char *who,
                         const char *words);

/*
 * A family that nobody has, or that this machine does without, is no fault as long as the other one works;
 * one that does not work is a warning then, as both are tried.
 */
enum ww_finding ww_doctor_tally_judge(const struct ww_doctor_tally *tally,
                                      const struct ww_doctor_tally *other);

#endif
