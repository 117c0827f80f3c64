/* What the checks of Postfix share. */
#ifndef WW_CLI_DOCTOR_POSTFIX_H
#define WW_CLI_DOCTOR_POSTFIX_H

#include "cli/doctor.h"
#include "cli/postfix_conf.h"

/* From this version on Postfix knows the attributes of QUERYwithTLSRPT, and limits the size of answers. */
#define WW_POSTFIX_TLSRPT 31000
/* From this version on it holds the MX name against the policy (smtp_tls_enforce_sts_mx_patterns). */
#define WW_POSTFIX_MX_PATTERNS 31005

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

#endif
