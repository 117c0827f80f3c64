/*
 * One question to one resolver, as Postfix puts it with smtp_dns_support_level = dnssec: with DO and AD set
 * (RFC 3225, RFC 6840 section 5.7). libunbound validates by itself and hides what a resolver on the way says
 * of the answer; here that is what is wanted. UDP, one try and one more; it blocks until then.
 */
#ifndef WW_CLI_ASK_AD_H
#define WW_CLI_ASK_AD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

struct ww_ask_ad_reply {
    const char *why; /* NULL: it has answered; else static words on why there is no answer to go by */
    unsigned rcode;  /* of the answer */
    bool vouched;    /* AD: it says that it has validated all of the answer */
};

/* name is canonical, or "." for the root. Waits for each of the two tries so long. */
void ww_ask_ad(const struct sockaddr *to, socklen_t length, const char *name, uint16_t type,
               unsigned patience_ms, struct ww_ask_ad_reply *out);

#endif
