/*
 * A decision as one line for Exim, whose routers and transports (packaging/exim4) do what it says:
 *
 *   mode=none                            as configured: Exim's own routers
 *   mode=testing id=… [mx=…]             as configured; the certificate is looked at, for reports
 *   mode=enforce [id=…] mxre=… [mx=…]    TLS; DANE at each host that has TLSA records, elsewhere a valid
 *                                        certificate of the host; only hosts whose name mxre matches
 *   mode=dane                            the same at any host: all of them have usable TLSA records
 *   mode=secure mxre=… [mx=…]            TLS, and a valid certificate of a host whose name mxre matches
 *   mode=encrypt                         TLS, whatever the certificate
 *   mode=may                             TLS when it is offered
 *   mode=temperr reason="…"              defer, and say why
 *
 * At secure, encrypt and may there is no DANE.
 *
 * Exim asks by domain, but decides by host, and looks TLSA records up by itself for each. So it is told of
 * MTA-STS and DANE each what it cannot know, and never one of them in place of the other as Postfix is
 * (domain_decision.h has the names of levels and cases):
 *
 *   decided             by MTA-STS and overrides alone                   told
 *   hold                any                                              temperr
 *   any                 an enforced policy, or one that an override enforces  enforce
 *   none, dane          none                                             none
 *   testing, dane       testing                                          testing
 *   dane-only           none, testing                                    dane
 *   encrypt             none, testing                                    encrypt
 *   (an override)       off: none; may; encrypt; secure                  none, may, encrypt, secure
 *
 * - none, dane: Exim looks for TLSA records wherever DNSSEC vouches for the MX records (hosts_try_dane, by
 *   default for all hosts), and holds the mail where they do not fit, or their look-up fails (RFC 7672
 *   section 2.1.2). Nothing has to be said for that, and there is no word for it.
 * - dane: where a resolver on the way strips DNSSEC, Exim does not see the records that Waxwing has
 *   validated. A valid certificate of the host is wanted then, so that nothing is gained by it.
 * - enforce is also what a preload list enforces; only with an id it is a policy.
 * - enforce: hosts that the policy does not name are left out, with TLSA records or without (RFC 8461 section
 *   5), and DANE counts at the others (section 2): each host has what domain_decision.h demands of it. Where
 *   DANE suffices (dane_conflict = "dane"), the hosts with usable TLSA records are in mxre as well.
 * - encrypt for TLSA records of which none is usable (RFC 7672 section 2.2): Exim would not deliver there.
 * - An override of level secure without patterns names the domain, and all names below it.
 * - WW_DANE_OFF and WW_DANE_BLIND are about what Waxwing says: they do not keep Exim from DANE at none,
 *   testing and enforce.
 *
 * mxre is a regular expression (PCRE) that holds letters, digits and hyphens of names that were checked as
 * such, and what is put around them: `^(?i)(mx1\.example\.com|[^.]+\.example\.net)$`. So it has no space,
 * quote, colon or semicolon, which would end a value or an item of a list in Exim. mx has the patterns as
 * published, in lower case, for people and for configurations of one's own; it is left out where the line
 * would be longer than WW_EXIM_LINE_MAX. A line that is longer even so becomes temperr.
 */
#ifndef WW_CORE_EXIM_H
#define WW_CORE_EXIM_H

#include "base/buf.h"
#include "core/domain_decision.h"

/* Without the line feed. Exim 4.96 is known to take 17 KB, and to hang at 35 KB. */
#define WW_EXIM_LINE_MAX 12000

/* Whole answers that depend on no policy. */
#define WW_EXIM_NONE "mode=none"
#define WW_EXIM_TEMPERR(reason) "mode=temperr reason=\"" reason "\""

struct ww_exim_style {
    const char *id; /* of the policy in force, or "" */
    bool dry_run;   /* mode=none, whatever was decided */
};

/*
 * Appends the line, without a line feed, to b, which has room for WW_EXIM_LINE_MAX. d is what was decided of
 * the case. Returns the level that was told in the end: HOLD where it cannot be said, NONE in a dry run.
 */
enum ww_level ww_exim_line(struct ww_buf *b, const struct ww_domain_case *c, const struct ww_decision *d,
                           const struct ww_exim_style *style);

#endif
