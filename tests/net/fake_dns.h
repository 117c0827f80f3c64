/*
 * A resolver for tests, to be forwarded to: a process that answers from a table, as the whole of DNS in one
 * zone, the root's. It signs what it answers, denials included, unless it is told to strip that. There are
 * two zones beside it: names that end in "unsigned" stand in one that is delegated without a DS record, and
 * the signatures on names that end in "forged" do not fit.
 */
#ifndef WW_TESTS_NET_FAKE_DNS_H
#define WW_TESTS_NET_FAKE_DNS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define FAKE_DNS_TTL 60

enum fake_kind {
    FAKE_TXT, /* value: one string */
    FAKE_A,
    FAKE_AAAA,
    FAKE_CNAME,
    FAKE_MX,       /* value: "10 mx.example" */
    FAKE_TLSA,     /* value: "3 1 1", with a digest of 32 octets */
    FAKE_BOGUS,    /* TXT whose signature is another's */
    FAKE_SERVFAIL, /* the others concern every question for the name, or for AAAA alone with value "AAAA" */
    FAKE_REFUSED,
    FAKE_SILENT,
};

/* Rows of one name lie side by side. A name that has no row does not exist. */
struct fake_name {
    const char *name; /* lower case, without root dot */
    enum fake_kind kind;
    const char *value;
};

struct fake_key;

struct fake_key *fake_key_new(void);
void fake_key_free(struct fake_key *key);

/* Writes the trust anchor. */
void fake_key_publish(const struct fake_key *key, const char *file);

/* Starts it on port 53 of the address. key: NULL to strip DNSSEC. Ended by a row whose name is NULL. End it
 * with netns_end. */
pid_t fake_dns(const char *address, const struct fake_key *key, const struct fake_name *names);

#endif
