/* The key of a DKIM signature: the TXT record at SELECTOR._domainkey.DOMAIN (RFC 6376 section 3.6.2). */
#ifndef WW_DRIVE_DKIM_KEY_H
#define WW_DRIVE_DKIM_KEY_H

#include "core/dkim_fact.h"
#include "net/dns.h"

/*
 * found: its name and record are borrowed during the call. An absent name, one without TXT records, and
 * several of them, where RFC 6376 leaves open which one counts, are ABSENT, as is a record that is longer
 * than any key. err: why DNS has no answer.
 */
typedef void ww_dkim_key_cb(void *ctx, const struct ww_dkim_found_key *found, enum ww_err err);

struct ww_dkim_key_lookup;

/*
 * DNSSEC is not needed, but an answer that is bogus is none. The callback runs once, never before this has
 * returned, and may free anything: the look-up is gone by then. NULL: *err says why, no callback follows;
 * WW_E_DNS_NAME: no key can stand there.
 */
struct ww_dkim_key_lookup *ww_dkim_key_lookup(struct ww_dns *dns, const char *name, ww_dkim_key_cb *cb,
                                              void *ctx, enum ww_err *err);
void ww_dkim_key_lookup_cancel(struct ww_dkim_key_lookup *lookup);

#endif
