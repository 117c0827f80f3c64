/* DNS answers for tests of the engine: what a resolver would hand over. */
#ifndef WW_TESTS_ENGINE_PACKET_H
#define WW_TESTS_ENGINE_PACKET_H

#include "base/slice.h"

#include <stdint.h>

#define PACKET_SIZE 65535

struct packet {
    unsigned rcode;
    const char *alias;            /* the name that the one asked for is an alias of, or NULL */
    const struct ww_slice *texts; /* TXT records, or NULL for "record" alone */
    size_t text_count;
    const char *record; /* one TXT record, or NULL */
    uint32_t ttl;       /* of the records; of the SOA, when there is none */
};

/* Writes the answer to (name, TXT) into out; borrowed from it. */
struct ww_slice packet_write(const struct packet *p, const char *name, uint8_t out[PACKET_SIZE]);

#endif
