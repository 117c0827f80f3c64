/*
 * A crowd of senders to one domain, with the cache and the discovery of Waxwing itself (engine/life.h,
 * engine/discovery.h): each holds the record, the MX records and the policy that it has found at one time or
 * another, for as long as it may.
 *
 * What anybody sees who looks now is told by crowd_show_*; no time is asked for. Resolvers are unkind: what
 * they have they hold as long as its TTL, and some of them up to a day longer.
 */
#ifndef TESTS_ENGINE_CROWD_H
#define TESTS_ENGINE_CROWD_H

#include "engine/life.h"

#define CROWD_SENDERS 1000
#define CROWD_HOSTS 32 /* at the most */

/* Hosts as bits, in the order in which crowd_host was asked for them first. */
typedef uint32_t crowd_hosts;

struct crowd_sender {
    struct ww_life life;
    size_t page;   /* with the policy that life is about */
    size_t record; /* the answer that its resolver has */
    int64_t record_until;
    crowd_hosts mx;
    int64_t mx_until;
};

/* An answer to the question for the record. */
struct crowd_record {
    char *packet;
    size_t n;
    uint32_t ttl;
};

/* What a GET of the policy has got. */
struct crowd_page {
    struct ww_policy_event event;
    char *type, *body;
    struct ww_policy policy; /* when the body is one */
    crowd_hosts named;       /* by it */
};

struct crowd {
    char domain[WW_DNAME_SIZE];
    uint64_t random;
    struct crowd_sender *senders;
    char *hosts[CROWD_HOSTS];
    size_t host_count;
    struct crowd_record *records; /* the last one is what is seen now */
    struct crowd_page *pages;
    size_t record_count, page_count;
    size_t page; /* that is seen now */
    crowd_hosts mx;
    uint32_t mx_ttl;
};

/* The same seed, the same crowd. It ends when memory is out. Free with crowd_end. */
void crowd_begin(struct crowd *c, const char *domain, uint64_t seed);
void crowd_end(struct crowd *c);

uint64_t crowd_random(struct crowd *c, uint64_t below);

/* The bit of a host. */
crowd_hosts crowd_host(struct crowd *c, struct ww_slice name);

/* The raw answer to the TXT question. */
void crowd_show_record(struct crowd *c, struct ww_slice packet);
/* What comes of a GET; all of it is copied. */
void crowd_show_policy(struct crowd *c, const struct ww_policy_event *event);
void crowd_show_mx(struct crowd *c, crowd_hosts mx, uint32_t ttl);

/* A sender with mail looks at the MX records, and, when its cache wants that, at record and policy. Each of
 * them was shown before. */
void crowd_look(struct crowd *c, struct crowd_sender *s, int64_t now);

/*
 * True when the sender is held to a policy of mode enforce: mx are the hosts that it may take for MX hosts,
 * named those that its policy names.
 */
bool crowd_is_bound(const struct crowd *c, const struct crowd_sender *s, int64_t now, crowd_hosts *mx,
                    crowd_hosts *named);

#endif
