/* Keys of a root, made here, and answers with those keys that they have signed. */
#ifndef WW_TESTS_NET_ROOT_SIGNER_H
#define WW_TESTS_NET_ROOT_SIGNER_H

#include "../core/root_keys.h"
#include "core/dnskey.h"

/* 65535, and 16 keys */
#define ROOT_ANSWER_SIZE 65535

struct root_signer;

/* Of algorithm 8, 10, 13, 14 or 15. */
struct root_signer *root_signer_new(uint8_t algorithm);
void root_signer_free(struct root_signer *signer);

/* RDATA of its DNSKEY; room has 700 octets. */
struct ww_slice root_signer_rdata(const struct root_signer *signer, uint16_t flags, char *room);

struct root_key {
    const struct root_signer *signer;
    uint16_t flags;
    bool signs;
};

/*
 * Writes the answer. fields are those of all signatures; their algorithm is that of the key, their tag what
 * is added to the right one.
 */
size_t root_answer(char *packet, const struct root_key *keys, size_t count, uint32_t ttl,
                   const struct root_keys_sig *fields);

#endif
