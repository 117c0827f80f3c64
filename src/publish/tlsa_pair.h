/* Public keys of an MX host, and the TLSA records 3 1 1 that are made of them (RFC 7671 section 5.1). */
#ifndef WW_PUBLISH_TLSA_PAIR_H
#define WW_PUBLISH_TLSA_PAIR_H

#include "engine/tlsa_rollover.h"
#include "publish/zone.h"

#define WW_TLSA_PAIR_DETAIL_SIZE 256
/* "3 1 1 " and hexadecimal digits. */
#define WW_TLSA_TEXT_SIZE (6 + 2 * WW_TLSA_KEY_SIZE + 1)

/* What is read of a file with a certificate or a key. */
#define WW_TLSA_FILE_MAX 65536

enum ww_tlsa_source {
    WW_TLSA_OF_CERTIFICATE, /* PEM; the first one, which is the host's */
    WW_TLSA_OF_KEY,         /* PEM, private or public; one that wants a passphrase is refused */
};

/* The SHA-256 of its public key as SubjectPublicKeyInfo. False: detail says why not. */
bool ww_tlsa_key_of(const char *path, enum ww_tlsa_source source, uint8_t out[WW_TLSA_KEY_SIZE],
                    char detail[WW_TLSA_PAIR_DETAIL_SIZE]);

/* "3 1 1 ab...", as in a zone file. */
void ww_tlsa_text(const uint8_t key[WW_TLSA_KEY_SIZE], char out[WW_TLSA_TEXT_SIZE]);

struct ww_tlsa_pair {
    char name[WW_DNAME_SIZE]; /* _25._tcp.mx.example.com */
    uint32_t ttl;
    const uint8_t *current; /* or NULL, as next; none: its records are to be removed */
    const uint8_t *next;
};

/* Adds the RRset to a zone; the texts are in the room, which has to stay. False: there is no room. */
bool ww_tlsa_pair_put(const struct ww_tlsa_pair *pair, char room[2][WW_TLSA_TEXT_SIZE], struct ww_zone *zone);

#endif
