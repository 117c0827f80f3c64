/* What the checks of Postfix share. */
#ifndef WW_CLI_DOCTOR_POSTFIX_H
#define WW_CLI_DOCTOR_POSTFIX_H

#include "cli/doctor.h"
#include "cli/postfix_conf.h"

/* From this version on Postfix knows the attributes of QUERYwithTLSRPT, and limits the size of answers. */
#define WW_POSTFIX_TLSRPT 31000
/* From this version on it holds the MX name against the policy (smtp_tls_enforce_sts_mx_patterns). */
#define WW_POSTFIX_MX_PATTERNS 31005
/* From this version on it knows the levels dane and dane-only. */
#define WW_POSTFIX_DANE 21100

struct ww_doctor_postfix {
    struct ww_doctor *d;
    struct ww_postfix_conf conf;
    unsigned version;
    struct ww_postfix_service smtp; /* the one that delivers by default, or the first that there is */
};

/* For printf: "%.*s" of a slice. */
#define WW_SLICE_ARGS(s) (int)(s).n, (s).n > 0 ? (s).p : ""

/* Whether its tables lead to us, in the right order and by the right name, and whether smtp(8) gets there. */
void ww_doctor_postfix_maps(struct ww_doctor_postfix *p);

/* The settings that decide what becomes of our answers. */
void ww_doctor_postfix_settings(struct ww_doctor_postfix *p);

/*
 * Whether Postfix can do what Waxwing answers of DANE, and Waxwing answers what it can. True: it looks TLSA
 * records up by itself, or shall, so that its resolver matters.
 */
bool ww_doctor_postfix_dane(struct ww_doctor_postfix *p);

/* The command that sets dane in waxwing.conf, where the last setting of a name counts. */
void ww_doctor_command_dane(struct ww_doctor *d, const char *use);

/*
 * The resolvers that Postfix asks: whether they validate, and vouch for nothing else. Gives up the rights of
 * the process (doctor_net.h).
 */
void ww_doctor_postfix_resolver(struct ww_doctor_postfix *p);

#endif
