/* Requests and their keys: what is taken for a domain lies inside the request and is none of the other
 * things. */
#include "core/dname.h"
#include "core/socketmap.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ww_slice payload = ww_slice((const char *)data, size);
    struct ww_socketmap_request request;
    struct ww_slice domain;
    if (ww_socketmap_parse(payload, &request) != WW_OK)
        return 0;
    if (request.key.p < payload.p || request.key.p + request.key.n != payload.p + payload.n)
        abort();
    if (ww_socketmap_key(request.key, &domain) != WW_KEY_DOMAIN)
        return 0;
    if (domain.p != request.key.p || domain.n == 0 || domain.n > request.key.n)
        abort();
    if (domain.p[0] == '.' || domain.p[0] == '[' || domain.p[domain.n - 1] == '.' ||
        memchr(domain.p, ':', domain.n) != NULL || ww_dname_is_address(domain.p, domain.n))
        abort();
    return 0;
}
