/*
 * The looks: each asks the network about one part of a domain, and fills that part's sight, which stays where
 * it is until then. Everything is bounded by env's deadlines, in bytes and in number; addresses pass the
 * guard. A look that is cancelled calls nobody, and leaves what it has seen so far.
 *
 * What begins one returns NULL when there is nothing to wait for: *err is WW_OK then where there was nothing
 * to look at, else why it could not be begun. `done` is never called before that has returned.
 */
#ifndef WW_CHECK_LOOKS_H
#define WW_CHECK_LOOKS_H

#include "check/env.h"
#include "check/sight.h"

struct ww_names_look;
struct ww_names_look *ww_names_look(const struct ww_check_env *env, const char *domain,
                                    struct ww_names_sight *sight, ww_look_done *done, void *ctx,
                                    enum ww_err *err);
void ww_names_look_cancel(struct ww_names_look *look);
void ww_names_sight_clear(struct ww_names_sight *sight);

/* The policy host of the domain, whether or not there is a record. */
struct ww_host_look;
struct ww_host_look *ww_host_look(const struct ww_check_env *env, const char *domain,
                                  struct ww_host_sight *sight, ww_look_done *done, void *ctx,
                                  enum ww_err *err);
void ww_host_look_cancel(struct ww_host_look *look);
void ww_host_sight_clear(struct ww_host_sight *sight);

/* One MX host. next_hop is the domain where its MX records are secure, or NULL. */
struct ww_mx_look;
struct ww_mx_look *ww_mx_look(const struct ww_check_env *env, const struct ww_dane_host *host,
                              const char *next_hop, struct ww_mx_sight *sight, ww_look_done *done, void *ctx,
                              enum ww_err *err);
void ww_mx_look_cancel(struct ww_mx_look *look);

/*
 * TLSA records of the MX hosts of which the survey has none for DNSSEC's sake: whether they are there all the
 * same. The sights are those of survey.hosts.
 */
struct ww_tlsa_look;
struct ww_tlsa_look *ww_tlsa_look(const struct ww_check_env *env, const struct ww_dane_survey *survey,
                                  struct ww_tlsa_sight sights[WW_DANE_HOSTS_MAX], ww_look_done *done,
                                  void *ctx, enum ww_err *err);
void ww_tlsa_look_cancel(struct ww_tlsa_look *look);

/* The destinations of a list as in a TLSRPT record. */
struct ww_rua_look;
struct ww_rua_look *ww_rua_look(const struct ww_check_env *env, const char *rua, struct ww_rua_sight *sight,
                                ww_look_done *done, void *ctx, enum ww_err *err);
void ww_rua_look_cancel(struct ww_rua_look *look);
void ww_rua_sight_clear(struct ww_rua_sight *sight);

#endif
