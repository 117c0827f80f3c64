/* A domain name: its canonical form is a name, equal to it, and its own canonical form. */
#include "check.h"
#include "core/dname.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *p = (const char *)data;
    char canon[WW_DNAME_SIZE], again[WW_DNAME_SIZE];
    size_t offset = SIZE_MAX;
    enum ww_err err = ww_dname_check(p, size, &offset);
    enum ww_err canon_err = ww_dname_canon(p, size, canon);
    CHECK(err == WW_OK || offset <= size);
    if (err == WW_OK) {
        CHECK(canon_err == WW_OK && strlen(canon) == size);
        CHECK(!ww_dname_is_address(p, size));
    }
    if (canon_err != WW_OK) {
        CHECK(canon[0] == '\0');
        return 0;
    }
    CHECK(err == WW_OK || err == WW_E_DNAME_ROOT_DOT || err == WW_E_DNAME_TOO_LONG);
    CHECK(ww_dname_eq(ww_slice(p, size), ww_slice_str(canon)));
    CHECK(ww_dname_canon(canon, strlen(canon), again) == WW_OK && strcmp(canon, again) == 0);
    return 0;
}
