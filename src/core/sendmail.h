/*
 * A decision as an answer to Sendmail, for FEATURE(sts) with the rule sets of packaging/sendmail/waxwing.m4.
 *
 * Sendmail asks the map `sts` for the recipient's domain, up to five times a delivery, and at each MX host
 * anew. What it makes of the answers was measured on 8.17.1 (tests/e2e/test_sendmail_answers.py), with the
 * rule sets as they are shipped:
 *
 *   answer                                        delivery
 *   OK secure match=a:.b servername=hostname      over TLS, valid certificate, MX host a, or one label below
 * b OK secure servername=hostname                 the same at any MX host OK secure and anything else, or
 * another order none, but for what looks like one of these NOTFOUND                                      as
 * configured TEMP                                          none, try again PERM, OK with nothing or another
 * word         unprotected OK without a space                            it crashes
 *
 * Of a list of more than 255 octets it forgets the rest, the middle of a name included. An answer of some 880
 * octets, or of fewer where the labels are short (1,256 octets less one for each label and dot), does not fit
 * into a buffer, and the mail goes out unprotected. So an answer here is never of any other form than
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
 * host is called: the shipped rule sets then deliver nowhere, and those of waxwing.m4 ask the map `stsmx` for
 * "host@domain", which is held against all patterns.
 *
 * Level secure without patterns, an override without a policy, takes the domain itself, and what is one label
 * below it: the MX records alone are no proof of a host's name.
 *
 * `encrypt` is a word of ours, TLS with whatever certificate; the shipped rule sets pass over it, and ask for
 * a valid certificate of the MX host.
 *
 * Debian's Sendmail has no DANE: what it is told is decided with WW_DANE_BLIND, and the levels of DANE cannot
 * come of that. They would be held, as none of the other answers may stand for them.
 */
#ifndef WW_CORE_SENDMAIL_H
#define WW_CORE_SENDMAIL_H

#include "base/buf.h"
#include "core/decision.h"

#define WW_SENDMAIL_MATCH_MAX 240

/* Room that an answer may need. */
#define WW_SENDMAIL_REPLY_MAX 400

/* Takes a key of the map `stsmx` apart at its last "@"; false when there is none. */
bool ww_sendmail_key(struct ww_slice key, struct ww_slice *host, struct ww_slice *domain);

/* Appends the answer to `sts`, without the netstring around it; NOTFOUND in a dry run. */
void ww_sendmail_reply(struct ww_buf *b, const struct ww_decision *d, bool dry_run);

/*
 * Appends the answer to `stsmx`: OK secure when the level is that and the host is named, TEMP with the reason
 * when mail is held, else NOTFOUND, upon which the rule sets deliver nothing to this host.
 */
void ww_sendmail_mx_reply(struct ww_buf *b, const struct ww_decision *d, struct ww_slice host, bool dry_run);

#endif
