/*
 * Postfix's configuration as postconf(1) prints it. What is read here is text of the operator's own machine;
 * everything is borrowed from it.
 */
#ifndef WW_CLI_POSTFIX_CONF_H
#define WW_CLI_POSTFIX_CONF_H

#include "base/slice.h"

struct ww_postfix_conf {
    const char *main;      /* postconf -x: "name = value" */
    const char *services;  /* postconf -M: the lines of master.cf */
    const char *overrides; /* postconf -Px: "service/type/name = value" */
};

/* A line of master.cf that runs smtp(8), which delivers mail. */
struct ww_postfix_service {
    struct ww_slice name;
    struct ww_slice type;
    bool jailed; /* runs in the queue directory as its root */
};

/* A parameter of main.cf; empty when it is not known or has no value. */
struct ww_slice ww_postfix_main(const struct ww_postfix_conf *c, const char *name);

/* The same as a service has it. */
struct ww_slice ww_postfix_of_service(const struct ww_postfix_conf *c,
                                      const struct ww_postfix_service *service, const char *name);

/* Whether it has one of its own in master.cf, which goes before that of main.cf. */
bool ww_postfix_is_own(const struct ww_postfix_conf *c, const struct ww_postfix_service *service,
                       const char *name);

/* Its smtp_tls_security_level; where that is empty, what older settings say instead (postconf(5)). */
struct ww_slice ww_postfix_level(const struct ww_postfix_conf *c, const struct ww_postfix_service *service);

/* Whether a list such as "dns, native" has this word, in upper or lower case. */
bool ww_postfix_lists(struct ww_slice list, const char *word);

/*
 * The next service that runs `command`, such as "smtp" or "proxymap"; *rest is the text that is left, at
 * first c->services. False after the last.
 */
bool ww_postfix_next_service(const struct ww_postfix_conf *c, const char *command, const char **rest,
                             struct ww_postfix_service *out);

/* mail_version as a number to compare: 31005 for 3.10.5; 0 when it is none. */
unsigned ww_postfix_version(struct ww_slice text);

/* Which versions of TLS a list such as ">=TLSv1", "!SSLv2, !SSLv3" or "TLSv1.2 TLSv1.3" lets in. */
enum ww_postfix_protocol {
    WW_PROTOCOL_SSLV3 = 1,
    WW_PROTOCOL_TLSV1 = 2,
    WW_PROTOCOL_TLSV1_1 = 4,
    WW_PROTOCOL_TLSV1_2 = 8,
    WW_PROTOCOL_TLSV1_3 = 16,
    WW_PROTOCOL_ALL = 31,
};
unsigned ww_postfix_protocols(struct ww_slice list);

#endif
