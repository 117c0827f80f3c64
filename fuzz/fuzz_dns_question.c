/*
 * DNS questions and what comes back: the first octet says how long the name is, the rest is the packet. What
 * is written is read again as the question it is; a packet is taken only with the right id and name.
 */
#include "core/dns_question.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[256], octets[WW_DNS_QUESTION_SIZE];
    struct ww_buf b = ww_buf(octets, sizeof octets);
    struct ww_dns_answer answer;
    enum ww_err err;
    if (size < 1 || data[0] > size - 1)
        return 0;
    memcpy(name, data + 1, data[0]);
    name[data[0]] = '\0';
    const struct ww_dns_question q = {.id = 0x1234, .name = name, .type = WW_DNS_TYPE_TXT};
    const char *packet = (const char *)data + 1 + data[0];
    size_t n = size - 1 - data[0];
    if (ww_dns_question_take(&q, ww_slice(packet, n), &answer, &err) &&
        (n < 12 || packet[0] != 0x12 || packet[1] != 0x34 || answer.count > n))
        abort();
    if (ww_dns_question_write(&q, &b) != WW_OK)
        return 0;
    octets[2] = (char)0x80; /* the same, as an answer without records */
    if (b.n < 12 + 5 + 11 || !ww_dns_question_take(&q, ww_slice(octets, b.n), &answer, &err) || err != WW_OK)
        abort();
    return 0;
}
