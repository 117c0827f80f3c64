/*
 * A decision as an answer to Sendmail, for FEATURE(sts) with the rule sets of packaging/sendmail/waxwing.m4.
 *
 * Sendmail asks the map `sts` for the recipient's domain, up to three times a delivery. What it makes of the
 * answers was measured on 8.17.1 with the rule sets that are shipped with it
 * (tests/e2e/test_sendmail_answers.py):
 *
 *   answer                                     the mail goes
 *   OK secure match=a:.b servername=hostname   over TLS with a valid certificate to a, or one label below b
 *   OK secure servername=hostname              over TLS with a valid certificate to any MX host
 *   OK secure ..., anything else               nowhere
 *   NOTFOUND                                   as configured
 *   TEMP                                       nowhere
 *   PERM, OK and another word or none          as configured
 *   OK without a space                         nowhere: Sendmail crashes
 *
 * Of a list of more than 255 octets it forgets the rest, from the middle of a name on. An answer that does
 * not fit into 1,256 octets, with one more for each label, dot and colon in it, counts for nothing: the mail
 * goes as configured. So an answer here is one of these alone
 *
 *   secure     OK secure match=a:.b servername=hostname
 *   testing    NOTFOUND
 *   none       NOTFOUND
 *   may        NOTFOUND
 *   hold       TEMP domain: reason
 *   encrypt    OK encrypt secure servername=hostname
 *   dane       TEMP domain: reason
 *   dane-only  TEMP domain: reason
 *
 * and the list has at most WW_SENDMAIL_MATCH_MAX octets. Of a longer one stands there `match=-ask-`, which no
 * host is called, so that the shipped rule sets deliver nowhere.
 *
 * Level secure without patterns, an override without a policy, takes the domain itself, and what is one label
 * below it: the MX records alone are no proof of a host's name.
 *
 * `encrypt` is a word of ours, TLS with whatever certificate; the shipped rule sets pass over it, and ask for
 * a valid certificate of the MX host.
 *
 * Debian's Sendmail has no DANE: what it is told is decided with WW_DANE_BLIND, and the levels of DANE cannot
 * come of that. They would be held, as none of the other answers may stand for them.
 *
 * The rule sets of waxwing.m4 ask the map `stsmx` beside it, for "host@domain", and deliver to the host upon
 * these answers alone, each of which is one short word:
 *
 *   OK none      none, testing, may
 *   OK encrypt   encrypt
 *   OK secure    secure, and one of the patterns, of which there may be any number, matches the host
 *   NOTFOUND     secure, and none does
 *   TEMP         hold, dane, dane-only
 */
#ifndef WW_CORE_SENDMAIL_H
#define WW_CORE_SENDMAIL_H

#include "base/buf.h"
#include "core/decision.h"

#define WW_SENDMAIL_MATCH_MAX 240

/* Room that an answer may need. */
#define WW_SENDMAIL_REPLY_MAX 400

/* The answer to `stsmx` of a domain that demands nothing. */
#define WW_SENDMAIL_MX_NONE "OK none"

/* Takes a key of the map `stsmx` apart at its last "@"; false when there is none. */
bool ww_sendmail_key(struct ww_slice key, struct ww_slice *host, struct ww_slice *domain);

/* Appends the answer to `sts`, without the netstring around it; NOTFOUND in a dry run. */
void ww_sendmail_reply(struct ww_buf *b, const struct ww_decision *d, bool dry_run);

/* Appends the answer to `stsmx`; OK none in a dry run. A host of no name ("") is one that nothing matches. */
void ww_sendmail_mx_reply(struct ww_buf *b, const struct ww_decision *d, struct ww_slice host, bool dry_run);

#endif
