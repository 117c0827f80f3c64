/* A name in UTF-8: what comes out is a canonical name, and stays what it is. */
#include "codec/idn.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[WW_DNAME_SIZE];
    char again[WW_DNAME_SIZE];
    size_t offset;
    if (ww_idn_to_domain(ww_slice((const char *)data, size), name) != WW_OK)
        return 0;
    if (ww_dname_check(name, strlen(name), &offset) != WW_OK || ww_dname_is_address(name, strlen(name)))
        abort();
    if (ww_idn_to_domain(ww_slice_str(name), again) != WW_OK || strcmp(name, again) != 0)
        abort();
    return 0;
}
