/*
 * What a delivery to a domain must have, DANE first: one level for all of its MX hosts, since Postfix asks by
 * domain, and knows no more than that.
 *
 * What RFC 7672 and RFC 8461 ask of each host, where the MX records are secure ("named": a pattern of the
 * policy matches; without a policy in force, or with one in testing, only the first column counts):
 *
 *   TLSA of the host   without an enforced policy            beside an enforced policy
 *   usable             DANE          RFC 7672 section 2.2    DANE, if named      RFC 8461 sections 2 and 5
 *   unusable           TLS           RFC 7672 section 2.2    MTA-STS, if named   RFC 8461 section 5
 *   none, insecure     as it comes   RFC 7672 section 2.2    MTA-STS, if named   RFC 8461 section 5
 *   bogus, failed      skip          RFC 7672 section 2.1.2  skip                RFC 7672 section 2.1.2
 *
 * What Postfix does at each level with smtp_dns_support_level = dnssec and a resolver that validates
 * (tests/e2e/test_dane_postfix.py). It looks TLSA up by itself, for each host. It wants secure MX records:
 * else dane-only defers, and dane is what smtp_tls_dane_insecure_mx_policy says: by default may in Postfix
 * 3.7, and dane in 3.10.
 *
 *   TLSA of the host   dane-only   dane      encrypt   secure           none, testing (its default level)
 *   usable             DANE        DANE      TLS       MTA-STS          may
 *   unusable           skip        TLS       TLS       MTA-STS          may
 *   none, insecure     skip        may       TLS       MTA-STS          may
 *   bogus, failed      skip        skip      TLS       MTA-STS          may
 *
 * So what is decided. An override other than enforce-testing goes before all of it (RFC 7435 section 3); one
 * of enforce-testing makes a testing policy an enforced one. A preload list counts only where no policy of
 * any mode is in force; what it has as enforced is then as an enforced policy, with the patterns of the list.
 *
 *   MX records       hosts                              no enforced policy  enforced policy
 *   bogus            any                                hold                hold               RFC 7672 2.1.2
 *   failed, unknown  any                                dane                dane-only          RFC 7672 2.1.2
 *   insecure         any                                none, testing       secure             RFC 7672 2.2.1
 *   null             any                                none, testing       secure
 *   no DNSSEC (3)    any                                none, testing       secure             RFC 7672 2.1.1
 *   secure           all none or insecure               none, testing       secure             RFC 8461 5
 *   secure           all usable                         dane-only           dane-only (1)      RFC 7672 2.2
 *   secure           all unusable                       encrypt             secure             RFC 7672 2.2
 *   secure           some unusable, some none           dane                secure             RFC 7672 2.2.1
 *   secure           some usable, others not            dane                dane-only (1)      RFC 8461 2
 *   secure           some failing, others not usable    dane                secure, among (2)  RFC 7672 2.1.2
 *   secure           all failing                        dane                dane-only          RFC 7672 2.1.2
 *
 * Hosts that nobody has looked at count as failing. `dane` beside an enforced policy would drop MTA-STS at
 * the hosts without TLSA records, `secure` would override DANE at the others; dane-only does neither, and
 * holds what it cannot express. It holds as well where DANE is not known yet: whoever delays the answers must
 * not gain by it.
 *
 * (1) Where DANE and an enforced policy are at odds. RFC 8461 section 5 forbids a host that its policy does
 *     not name, however good its TLSA records are, and RFC 7672 has no word against that. By default such a
 *     host is left out of account: where no usable host is named, the named hosts that DANE leaves to MTA-STS
 *     are told of (2), and without any the mail is held. Postfix's DANE levels cannot leave out a host, nor
 *     hold a certificate against MTA-STS: where one usable host is named, it may deliver to another that is
 *     not, which DANE still authenticates. The alternative is `suffices`: where DANE authenticates, the
 *     policy forbids nothing, and dane-only it is.
 * (2) `secure`, with the names of those hosts in place of the patterns. A host that fails has to show one of
 *     their certificates, which makes it as good as them; Postfix from 3.10.5 on does not even try it.
 *     Without such a host: dane-only.
 * (3) No answer was ever validated on this machine: its network has no DNSSEC, and whoever sends from there
 *     does no DANE. Where one ever was, a path that strips DNSSEC counts as failed look-ups.
 */
#ifndef WW_CORE_DOMAIN_DECISION_H
#define WW_CORE_DOMAIN_DECISION_H

#include "core/decision.h"
#include "core/domain_dane.h"

enum ww_dane_use {
    WW_DANE_OFF, /* as if there were no DANE */
    WW_DANE_ON,
    WW_DANE_MTA,   /* the MTA's own default level is dane, so that it is not told dane, dane-only or encrypt,
                      except beside an enforced policy; it then reports of the domain as it does of any other */
    WW_DANE_BLIND, /* the MTA cannot do DANE (Postfix: smtp_dns_support_level is not dnssec), so that dane
                      would be may, and dane-only would hold all mail: there is no DANE that MTA-STS could
                      override. What is left is TLS for domains of which no host is known to have no TLSA
                      records; and no delivery with bogus MX records */
};

/* "off", "on", "mta" or "blind", as in the configuration. */
const char *ww_dane_use_name(enum ww_dane_use use);

struct ww_dane_settings {
    enum ww_dane_use use;
    bool suffices; /* where DANE authenticates, an enforced policy forbids nothing: (1) */
};

struct ww_domain_case {
    const char *domain;             /* canonical, borrowed */
    const struct ww_policy *policy; /* in force, borrowed, or NULL */
    int64_t policy_until; /* when that, or that there is none, has to be looked at again; 0: not known */
    const struct ww_preload_entry *listed; /* what a list that has not expired says of the domain, borrowed,
                                              or NULL */
    int64_t listed_until;                  /* when that list expires, with `listed`; or, without, 0 */
    const struct ww_override *override;    /* the one that counts, borrowed, or NULL */
    const struct ww_domain_dane *dane;     /* borrowed; NULL: not known, or not known yet */
    struct ww_dane_settings settings;
};

/*
 * The decision; with WW_DANE_OFF that of ww_decide and ww_decide_listed. until is the earliest end of what it
 * rests on. What is borrowed here is borrowed there.
 */
struct ww_decision ww_domain_decide(const struct ww_domain_case *c);

/* The same as if there were no DANE: for clients that do DANE by themselves, host by host. */
struct ww_decision ww_domain_decide_without_dane(const struct ww_domain_case *c);

#endif
