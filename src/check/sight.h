/*
 * All that was seen of one domain: what the looks fill, and the judges (judges.h) read. Plain data. Each part
 * says whether it was looked at; before publication (`waxwing check --zone`) most are not.
 */
#ifndef WW_CHECK_SIGHT_H
#define WW_CHECK_SIGHT_H

#include "check/host_sight.h"
#include "check/mx_sight.h"
#include "check/names_sight.h"
#include "check/past.h"
#include "check/rua_sight.h"
#include "check/tlsa_sight.h"
#include "core/dane_survey.h"
#include "core/policy.h"

struct ww_sight {
    char domain[WW_DNAME_SIZE]; /* canonical */
    int64_t at;                 /* Unix seconds */
    int64_t us;                 /* that it took */
    bool offline;               /* made of files: nobody was asked */
    struct ww_names_sight names;
    struct ww_host_sight host;
    struct ww_policy policy; /* of host.body, with has_policy */
    bool has_policy;
    struct ww_dane_survey survey; /* the MX hosts, and what DANE comes to for each; with surveyed */
    bool surveyed;
    struct ww_mx_sight *mx[WW_DANE_HOSTS_MAX]; /* of survey.hosts; NULL: not looked at; a reference is held */
    struct ww_tlsa_sight tlsa[WW_DANE_HOSTS_MAX]; /* of survey.hosts */
    struct ww_rua_sight rua;
    struct ww_past *past; /* what was seen before, or NULL; owned */
    struct ww_sight *own; /* this one, for ww_inspect_keep */
    bool kept;            /* by whoever has taken it from the inspection */
};

/* NULL: memory is short. domain is canonical. */
struct ww_sight *ww_sight_new(const char *domain, int64_t at);
void ww_sight_free(struct ww_sight *sight);

/* Reads the policy out of the body. Call when the policy host has been looked at. */
void ww_sight_read_policy(struct ww_sight *sight);

/* When the first of the certificates ends that the policy host has shown, Unix seconds; 0: it has shown none.
 */
int64_t ww_sight_policy_host_end(const struct ww_sight *sight);

/* A policy of mode enforce is published, and its record with it, or both are about to be: what senders obey.
 */
bool ww_sight_is_enforced(const struct ww_sight *sight);

#endif
