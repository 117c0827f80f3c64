/* Which of a domain's policies a sender used, judged by what it says it used: reports name no id. */
#ifndef WW_ADVISE_USE_H
#define WW_ADVISE_USE_H

#include "advise/evidence.h"

enum ww_use_kind {
    WW_USE_NOW,      /* the present version */
    WW_USE_BEFORE,   /* an earlier one */
    WW_USE_STRANGE,  /* none that we have ever seen */
    WW_USE_NOT_SAID, /* the sender does not tell what it used */
    WW_USE_NONE,     /* the sender found no policy */
    WW_USE_DANE,     /* TLSA records */
    WW_USES,
};
/* "current", "older", "unknown", "not-said", "none", "dane". */
const char *ww_use_name(enum ww_use_kind kind);

struct ww_use {
    enum ww_use_kind kind;
    size_t version; /* of NOW and BEFORE */
};

/*
 * type, strings and mx_hosts are those of a policy in a report: its lines in any order, perhaps not all of
 * them, and the patterns in the lines or beside them. A version fits when nothing that is said contradicts
 * it; of several the newest.
 */
struct ww_use ww_use_of(const struct ww_evidence_version *versions, size_t count, const char *type,
                        struct ww_slice strings, struct ww_slice mx_hosts);

/* True when a pattern of it matches the host; false as well when its body was not kept. */
bool ww_version_names(const struct ww_evidence_version *version, const char *mx);

/* Since when all versions up to the present one have named the host; 0: the present one does not. */
int64_t ww_versions_name_since(const struct ww_evidence_version *versions, size_t count, const char *mx);

/* True when the name is one of the look's MX hosts; false as well when they are not known. */
bool ww_look_has_mx(const struct ww_evidence_look *look, const char *mx);

/* True when the finding is one at this host. */
bool ww_fault_is_at(const struct ww_evidence_fault *fault, const char *host);

bool ww_fault_refuses(const struct ww_evidence_fault *fault);

/* A fault at the host with which senders refuse to deliver to it, or NULL. */
const struct ww_evidence_fault *ww_look_fault_at(const struct ww_evidence_look *look, const char *mx);

#endif
